"""Tiny pipelines of the real classes, with random weights, for the tests of the editing worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    StableDiffusionInstructPix2PixPipeline,
)
from PIL import Image

from benchmarks.endurance_model import tiny_pipeline, tiny_vae

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
    """Build a pipeline whose every part is small and whose weights depend on nothing but code."""
    return tiny_pipeline(SCHEDULERS[scheduler](), tiny_vae if vae == "tiny" else _full_vae)


def save_pipeline(folder: Path, scheduler: str = "ddim-sample", vae: str = "tiny") -> Path:
    """Save such a pipeline as a model folder."""
    make_pipeline(scheduler, vae).save_pretrained(folder)
    return folder


def make_picture(seed: int = 0, size: tuple[int, int] = (SIDE, SIDE)) -> Image.Image:
    """Draw a smooth picture (width, height) that depends on the seed."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def _full_vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=4,
        latent_channels=4,
        scaling_factor=0.18215,
    )
