"""The InstructPix2Pix model: loading a diffusers folder, and the four computations that an edit is made of."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from torch import Tensor
from transformers import AutoTokenizer, CLIPTextModel, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from editing_service.cache import LeastRecentlyUsed
from editing_service.failures import NotFinite
from editing_service.graphs import Graphed, Network
from editing_service.hardware import Hardware, choose_hardware
from editing_service.images import Pixels
from editing_service.lean import make_lean
from editing_service.model_folder import ModelDefaults, ModelFolder, open_model_folder
from editing_service.remembered import remember_prompts
from editing_service.sampler import Sampler, load_sampler
from editing_service.streams import Coming, Fetched, place_beside

PROMPT_CACHE_SIZE = 256
PICTURE_CACHE_SIZE = 64
HALF_OF_LEVELS = 127.5
DECODED_AT_ONCE = 4
"""Pictures that a CPU decodes together: with more, what lies between the layers no longer fits its caches."""


@dataclass(frozen=True)
class ModelParts:
    """The networks and the tokenizer, on one device in one number type."""

    unet: UNet2DConditionModel
    vae: AutoencoderTiny | AutoencoderKL
    text_encoder: CLIPTextModel
    tokenizer: PreTrainedTokenizerBase
    sampler: Sampler
    parameter_count: int


class EditingModel:
    """Text, pictures and noisy latents in; embeddings, latents, predictions and pictures out.

    Not safe for threads: the step engine's device thread is its only user.
    """

    def __init__(self, parts: ModelParts, hardware: Hardware, name: str, digest: str, defaults: ModelDefaults) -> None:
        self.sampler = parts.sampler
        self.name, self.digest, self.defaults = name, digest, defaults
        self.device, self.dtype = hardware.device, hardware.dtype
        self.latent_channels: int = parts.vae.config.latent_channels
        self.vae_scale_factor = 2 ** (len(parts.vae.config.block_out_channels) - 1)
        self.scaling_factor: float = parts.vae.config.scaling_factor
        # The U-Net halves the latents between its levels, so a side must survive that without a remainder.
        self.multiple = self.vae_scale_factor * 2 ** (len(parts.unet.config.block_out_channels) - 1)
        self.decoded_at_once = DECODED_AT_ONCE if hardware.device.type == "cpu" else sys.maxsize
        self._parts = parts
        self._beside = place_beside(hardware.device, hardware.side_stream)
        self._network: Network = Graphed(self._predict) if hardware.graphs else self._predict
        self._prompts: LeastRecentlyUsed[str, Tensor] = LeastRecentlyUsed(PROMPT_CACHE_SIZE)
        self._pictures: LeastRecentlyUsed[tuple[str | int, ...], Tensor] = LeastRecentlyUsed(PICTURE_CACHE_SIZE)
        self.parameter_count = parts.parameter_count
        with torch.inference_mode():
            self.no_prompt = self._embed("")

    def prompt_embeds(self, text: str) -> Tensor:
        """Embed an instruction: (tokens, width), padded and cut to the tokenizer's length as diffusers does."""
        return self._prompts.get_or_make(text, lambda: self._embed(text)) if text else self.no_prompt

    def image_latents(self, pictures: Sequence[tuple[str, Pixels]]) -> list[Tensor]:
        """Encode pictures of one size, each named by its hash: the mode, unscaled, (channels, height/8, width/8)."""
        named = {(digest, *pixels.shape[:2]): pixels for digest, pixels in pictures}
        known = {key: latents for key in named if (latents := self._pictures.get(key)) is not None}
        missing = [key for key in named if key not in known]
        if missing:
            encoded = self.encode(np.stack([named[key] for key in missing]))
            known |= {key: latents.clone() for key, latents in zip(missing, encoded, strict=True)}
            for key in missing:
                self._pictures.put(key, known[key])
        return [known[(digest, *pixels.shape[:2])] for digest, pixels in pictures]

    def encode(self, pixels: Pixels) -> Tensor:
        """Encode (pictures, height, width, 3); the mode of the distribution where the encoder gives one."""
        return self._beside.compute(lambda: self._encode(self._beside.upload(torch.from_numpy(pixels))))

    def predict(self, sample: Tensor, timesteps: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Run the U-Net over rows: (rows, 2c, h, w), (rows,), (rows, tokens, width) → (rows, c, h, w)."""
        packed = sample.to(self.dtype).contiguous(memory_format=torch.channels_last)
        return self._network(packed, timesteps, prompt_embeds)

    def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
        """Turn latents (edits, channels, h, w) into pictures (8h, 8w, 3); NotFinite for numbers that are none."""

        def work() -> Fetched:
            parts = [self._decode(part) for part in torch.split(latents, min(self.decoded_at_once, len(latents)))]
            return tuple(torch.cat(together) for together in zip(*parts, strict=True))

        return self._beside.fetch(work, _pictures, latents)

    def warm_up(self, rows: Sequence[int] = (1, 3), patience_s: float = math.inf) -> None:
        """Run every part once at the usual size, so that the first edits don't pay for lazy initialisation.

        A CPU's library makes its kernels anew for every count of rows, which takes longer than the step itself: so the
        U-Net is run with all those of `rows`, as far as the patience goes.
        """
        begun = time.monotonic()
        side = -(-self.defaults.resolution // self.multiple) * self.multiple
        with torch.inference_mode():
            self.encode(np.zeros((1, side, side, 3), dtype=np.uint8))
            latent_side = side // self.vae_scale_factor
            for count in rows:
                if time.monotonic() - begun > patience_s:
                    break
                sample = torch.zeros(count, 2 * self.latent_channels, latent_side, latent_side, device=self.device)
                embeds = self.no_prompt.expand(count, -1, -1)
                self.predict(sample, torch.zeros(count, device=self.device), embeds)
            self.decode(torch.zeros(1, self.latent_channels, latent_side, latent_side, device=self.device)).result()

    def _predict(self, packed: Tensor, timesteps: Tensor, prompt_embeds: Tensor) -> Tensor:
        answer = self._parts.unet(packed, timesteps, encoder_hidden_states=prompt_embeds, return_dict=False)
        prediction: Tensor = answer[0]
        return prediction

    def _embed(self, text: str) -> Tensor:
        tokenizer, encoder = self._parts.tokenizer, self._parts.text_encoder
        length = tokenizer.model_max_length
        tokens = tokenizer(
            text,
            padding="max_length",
            max_length=length,
            truncation=True,
            split_special_tokens=True,  # `<|endoftext|>` that somebody typed is text
            return_tensors="pt",
        )
        return self._beside.compute(lambda: encoder(self._beside.upload(tokens.input_ids))[0][0].clone())

    def _encode(self, pixels: Tensor) -> Tensor:
        values = pixels.permute(0, 3, 1, 2).float() / 255.0
        sample = (2.0 * values - 1.0).to(self.dtype).contiguous(memory_format=torch.channels_last)
        encoded: Any = self._parts.vae.encode(sample)
        latents: Tensor = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latents
        return latents

    def _decode(self, latents: Tensor) -> Fetched:
        """Pictures (edits, 8h, 8w, 3) in levels, and for each whether all its numbers were finite.

        The latents' too: a rectifier of oneDNN makes 0 of what is no number. So a small decoder that makes such numbers
        of sound latents goes unnoticed on a CPU.
        """
        scaled = (latents / self.scaling_factor).to(self.dtype).contiguous(memory_format=torch.channels_last)
        decoded = self._parts.vae.decode(scaled, return_dict=False)[0].float()
        finite = [numbers.flatten(1).sum(dim=1).isfinite() for numbers in (latents, decoded)]
        levels = decoded.mul_(HALF_OF_LEVELS).add_(HALF_OF_LEVELS).clamp_(0, 255).round_()
        return levels.to(torch.uint8).permute(0, 2, 3, 1), finite[0] & finite[1]


def _pictures(fetched: Fetched) -> list[Pixels]:
    levels, finite = fetched
    if not bool(finite.all()):
        raise NotFinite("the model produced numbers that are no picture; try other scales or another seed")
    return [picture.copy() for picture in levels.numpy()]  # pinned memory is used again, and one kept holds no others


def load_model(
    source: str,
    device: str = "auto",
    dtype: str = "auto",
    graphs: bool = False,
    side_stream: bool = True,
    lean: bool = True,
) -> EditingModel:
    """Load a `StableDiffusionInstructPix2PixPipeline` folder or hub id; raise UnusableModel with one clear line.

    `graphs` and `side_stream` are for CUDA devices: whether the U-Net runs from CUDA graphs, and whether pictures are
    encoded and decoded beside the steps. On a CPU the networks' blocks are made lean, unless a benchmark wants them as
    diffusers has them.
    """
    diffusers_logging.disable_progress_bar()
    diffusers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    hardware = choose_hardware(device, dtype, graphs, side_stream)
    folder = open_model_folder(source)
    unet = _network(UNet2DConditionModel, folder, "unet", hardware)
    vae = _network(AutoencoderTiny if folder.has_tiny_vae else AutoencoderKL, folder, "vae", hardware)
    text_encoder = _text_encoder(folder, hardware)
    networks: Sequence[Any] = (unet, vae, text_encoder)
    parameter_count = sum(weights.numel() for network in networks for weights in network.parameters())
    if lean and hardware.device.type == "cpu":
        make_lean(unet)
        make_lean(vae)
    if not hardware.graphs:
        remember_prompts(unet)
    parts = ModelParts(
        unet=unet,
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=AutoTokenizer.from_pretrained(folder.path / "tokenizer", local_files_only=True),
        sampler=load_sampler(folder.path / "scheduler"),
        parameter_count=parameter_count,
    )
    return EditingModel(parts, hardware, folder.defaults.name or folder.name, folder.digest(), folder.defaults)


def _network(kind: Any, folder: ModelFolder, part: str, hardware: Hardware) -> Any:
    """Load one diffusers network in the wanted number type, whatever type its file holds."""
    network = kind.from_pretrained(
        folder.path / part, dtype=hardware.dtype, use_safetensors=True, local_files_only=True
    )
    if kind is AutoencoderTiny:
        _rectify_in_place(network)
    return network.to(hardware.device, memory_format=torch.channels_last).eval().requires_grad_(False)


def _rectify_in_place(network: torch.nn.Module) -> None:
    """Spare a copy at every ReLU: here each follows a convolution or a sum, whose result nothing else reads."""
    for module in network.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = True


def _text_encoder(folder: ModelFolder, hardware: Hardware) -> CLIPTextModel:
    encoder = CLIPTextModel.from_pretrained(
        folder.path / "text_encoder", dtype=hardware.dtype, use_safetensors=True, local_files_only=True
    )
    return encoder.to(hardware.device).eval().requires_grad_(False)
