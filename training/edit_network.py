"""The network of an InstructPix2Pix folder made ready to be tuned: all of it, or adapters on its attention (LoRA)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import DDPMScheduler, StableDiffusionInstructPix2PixPipeline, UNet2DConditionModel
from torch import Tensor, nn

from shared.schemas.operations import words_in
from training.exported import forget_origins

ATTENTION = ["to_q", "to_k", "to_v", "to_out.0"]
"""The projections that LoRA adapts, in self- and cross-attention."""


class UnusableBase(ValueError):
    """The base cannot be tuned in the way that was asked for; the message says why."""


@dataclass(frozen=True)
class Base:
    """A pipeline and the noise it was trained with."""

    pipeline: Any
    noise: DDPMScheduler

    @property
    def prediction_type(self) -> str:
        """epsilon, v_prediction or sample, as the folder's scheduler says."""
        kind: str = self.noise.config.prediction_type
        return kind


def load_base(source: str) -> Base:
    """Load a folder or hub id in float32; raises UnusableBase.

    A text-to-image folder will do too: its U-Net gets weights of zero for the picture, as InstructPix2Pix began.
    """
    try:
        pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(
            source, safety_checker=None, requires_safety_checker=False, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError, TypeError) as error:
        raise UnusableBase(f"{source} is no folder of Stable Diffusion in safetensors: {error}") from error
    config = dict(pipeline.scheduler.config)
    noise = DDPMScheduler.from_config(config)
    if config.get("rescale_betas_zero_snr") and noise.config.prediction_type == "epsilon":
        raise UnusableBase(f"{source}: with rescale_betas_zero_snr the noise tells nothing at the first step")
    for part in (pipeline.vae, pipeline.text_encoder):
        part.eval().requires_grad_(False)
    return Base(pipeline, noise)


def widened(unet: UNet2DConditionModel, latents: int) -> bool:
    """Let a text-to-image U-Net take the picture's latents too, heeded with weight zero; whether that was needed."""
    if unet.config.in_channels == 2 * latents:
        return False
    if unet.config.in_channels != latents:
        raise UnusableBase(f"the U-Net takes {unet.config.in_channels} channels, neither {latents} nor {2 * latents}")
    old = unet.conv_in
    new = nn.Conv2d(2 * latents, old.out_channels, old.kernel_size, padding=old.padding)
    with torch.no_grad():
        new.weight.zero_()
        new.weight[:, :latents].copy_(old.weight)
        if new.bias is not None:
            new.bias.copy_(old.bias)
    unet.conv_in = new
    unet.register_to_config(in_channels=2 * latents)
    return True


class Adapters(nn.Module):
    """The weights that LoRA adds to a U-Net, as a module of their own: they alone are trained, averaged and saved."""

    def __init__(self, unet: UNet2DConditionModel, rank: int, alpha: int) -> None:
        from peft import LoraConfig

        super().__init__()
        unet.requires_grad_(False)
        unet.add_adapter(LoraConfig(r=rank, lora_alpha=alpha, target_modules=ATTENTION, init_lora_weights="gaussian"))
        self._unet = (unet,)  # in a tuple, so that its frozen weights are not this module's
        added = [(name, weight) for name, weight in unet.named_parameters() if weight.requires_grad]
        for name, weight in added:
            self.register_parameter(name.replace(".", "_"), weight)

    def forward(self, rows: Tensor, timesteps: Tensor, states: Tensor) -> Any:
        """What the adapted U-Net predicts; rows (n, 2c, h, w), timesteps (n,), states (n, tokens, width)."""
        return self._unet[0](rows, timesteps, states)


def merge(unet: UNet2DConditionModel) -> None:
    """Add the adapters into the weights that they adapt, and take them away."""
    unet.fuse_lora()
    unet.unload_lora()


def export(base: Base, folder: Path, source: Path, data: Path, card: str) -> None:
    """Write the pipeline as a float16 safetensors folder that the editing service loads, with its model card.

    The defaults that the base is served with (`dialogpaint.json` in `source`) go along, but for its name. Where they
    list the only words it was taught, the words of the training triples in `data` join them; raises UnusableBase
    where there are no such triples.
    """
    defaults = _defaults(source / "dialogpaint.json", data)
    base.pipeline.to(dtype=torch.float16)
    base.pipeline.save_pretrained(folder, safe_serialization=True)
    forget_origins(folder)
    if defaults is not None:
        (folder / "dialogpaint.json").write_text(json.dumps(defaults, indent=2) + "\n")
    (folder / "README.md").write_text(card, encoding="utf-8")


def words_of(instructions: Iterable[str]) -> set[str]:
    """Every word of the instructions, told apart as the gateway does where it refuses unknown ones."""
    return {word for said in instructions for word in words_in(said)}


def _defaults(path: Path, data: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    kept = {key: value for key, value in json.loads(path.read_text()).items() if key != "name"}
    if kept.get("words") is not None:
        kept["words"] = sorted({*kept["words"], *words_of(_instructions(data))})
    return kept


def _instructions(data: Path) -> Iterator[str]:
    """What is said in every training triple, streamed without its pictures."""
    from datasets import disable_progress_bars, load_dataset

    files = sorted(map(str, [*data.glob("train/*.parquet"), *data.glob("train.parquet")]))
    if not files:
        raise UnusableBase(f"{data} holds no train triples, whose words the tuned model is to be served with")
    disable_progress_bars()
    rows = load_dataset("parquet", data_files=files, split="train", columns=["edit_prompt"], streaming=True)
    yield from (row["edit_prompt"] for row in rows)
