"""The peer: diffusers' own pipeline, called in a loop on the same weights."""

from __future__ import annotations

import json
import time
from pathlib import Path

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from diffusers.utils import logging
from PIL import Image


class BarePipeline:
    """diffusers' InstructPix2Pix pipeline in float32 with the folder's own defaults, one edit at a time."""

    def __init__(self, folder: Path) -> None:
        logging.set_verbosity_error()
        self._pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(
            folder, safety_checker=None, dtype=torch.float32
        )
        self._pipeline.set_progress_bar_config(disable=True)
        defaults = json.loads((folder / "dialogpaint.json").read_text())
        self._arguments = {
            "num_inference_steps": defaults["steps"],
            "guidance_scale": defaults["text_guidance_scale"],
            "image_guidance_scale": defaults["image_guidance_scale"],
        }

    def edit(self, picture: Image.Image, instruction: str, seed: int) -> Image.Image:
        """Carry out one instruction."""
        generator = torch.Generator().manual_seed(seed)
        result: Image.Image = self._pipeline(instruction, image=picture, generator=generator, **self._arguments).images[
            0
        ]
        return result

    def seconds(self, pictures: list[Image.Image], instruction: str) -> float:
        """Wall time of editing the pictures one after the other."""
        started = time.perf_counter()
        for seed, picture in enumerate(pictures):
            self.edit(picture, instruction, seed)
        return time.perf_counter() - started
