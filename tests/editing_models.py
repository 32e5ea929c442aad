"""Tiny pipelines of the real classes, with random weights, for the tests of the editing worker."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from PIL import Image
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

SIDE = 32
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
DDIM = {**BETAS, "clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1}

SCHEDULERS: dict[str, Any] = {
    "ddim-sample": lambda: DDIMScheduler(
        **BETAS,
        clip_sample=False,
        prediction_type="sample",
        rescale_betas_zero_snr=True,
        timestep_spacing="trailing",
    ),
    "ddim-v": lambda: DDIMScheduler(
        **DDIM, prediction_type="v_prediction", rescale_betas_zero_snr=True, timestep_spacing="trailing"
    ),
    "ddim-epsilon": lambda: DDIMScheduler(**DDIM, prediction_type="epsilon"),
    "ddim-clipped-linspace": lambda: DDIMScheduler(**BETAS, clip_sample=True, timestep_spacing="linspace"),
    "ancestral-epsilon": lambda: EulerAncestralDiscreteScheduler(**BETAS, steps_offset=1, timestep_spacing="leading"),
    "ancestral-v": lambda: EulerAncestralDiscreteScheduler(**BETAS, prediction_type="v_prediction"),
    "ancestral-zero-snr": lambda: EulerAncestralDiscreteScheduler(
        **BETAS, prediction_type="v_prediction", rescale_betas_zero_snr=True, timestep_spacing="trailing"
    ),
    "euler-epsilon": lambda: EulerDiscreteScheduler(**BETAS, steps_offset=1),
    "euler-sample-karras": lambda: EulerDiscreteScheduler(**BETAS, prediction_type="sample", use_karras_sigmas=True),
}


def make_pipeline(scheduler: str = "ddim-sample", vae: str = "tiny") -> StableDiffusionInstructPix2PixPipeline:
    """Build a pipeline whose every part is small and whose weights depend on nothing but this code."""
    torch.manual_seed(11)
    autoencoder = _tiny_vae() if vae == "tiny" else _full_vae()
    unet = UNet2DConditionModel(
        sample_size=4,
        in_channels=8,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=16,
        attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=600,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=16,
            bos_token_id=512,
            eos_token_id=513,
            pad_token_id=513,
        )
    )
    return StableDiffusionInstructPix2PixPipeline(
        vae=autoencoder.eval(),
        text_encoder=text_encoder.eval(),
        tokenizer=_tokenizer(),
        unet=unet.eval(),
        scheduler=SCHEDULERS[scheduler](),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def save_pipeline(folder: Path, scheduler: str = "ddim-sample", vae: str = "tiny") -> Path:
    """Save such a pipeline as a model folder."""
    make_pipeline(scheduler, vae).save_pretrained(folder)
    return folder


def make_picture(seed: int = 0, size: tuple[int, int] = (SIDE, SIDE)) -> Image.Image:
    """Draw a smooth picture (width, height) that depends on the seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def _tiny_vae() -> AutoencoderTiny:
    widths = (8, 8, 8, 8)
    return AutoencoderTiny(
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
        latent_channels=4,
    )


def _full_vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        latent_channels=4,
        scaling_factor=0.18215,
    )


def _tokenizer() -> CLIPTokenizer:
    letters = [*string.ascii_lowercase, *string.digits]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    vocab = {word: index for index, word in enumerate(words[:-2])}
    vocab |= {"<|startoftext|>": 512, "<|endoftext|>": 513}
    return CLIPTokenizer(vocab=vocab, merges=[], model_max_length=16)
