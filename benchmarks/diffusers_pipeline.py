"""The peer: diffusers' own pipeline on the same weights; what P0, P0k and the peers' servers call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from diffusers.utils import logging
from PIL import Image

from benchmarks.jobs import Job, Parameters, Picture
from editing_service.hardware import DTYPES


class DiffusersPipeline:
    """`StableDiffusionInstructPix2PixPipeline`, warmed up, for jobs of any parameters; not safe for threads."""

    def __init__(self, folder: Path, dtype: str, device: str = "cpu") -> None:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self.parts = StableDiffusionInstructPix2PixPipeline.from_pretrained(
            folder, safety_checker=None, dtype=DTYPES[dtype]
        ).to(device)
        self.parts.set_progress_bar_config(disable=True)
        for part in (self.parts.unet, self.parts.vae):
            part.to(memory_format=torch.channels_last)  # up to a sixth faster on a CPU; nobody should go without it

    def edit(self, jobs: Sequence[Job]) -> list[Picture]:
        """Edit the pictures in one call for all jobs of equal parameters: the scales belong to the pipeline."""
        together: dict[tuple[Parameters, tuple[int, int]], list[int]] = {}
        opened = [job.picture.open() for job in jobs]
        for index, (job, picture) in enumerate(zip(jobs, opened, strict=True)):
            together.setdefault((job.parameters, picture.size), []).append(index)
        made: dict[int, Picture] = {}
        for indices in together.values():
            results = self.call([jobs[index] for index in indices], [opened[index] for index in indices])
            made |= {index: Picture.of(result) for index, result in zip(indices, results, strict=True)}
        return [made[index] for index in range(len(jobs))]

    def call(self, jobs: Sequence[Job], pictures: Sequence[Image.Image], **more: Any) -> list[Image.Image]:
        """Call the pipeline once for jobs of equal parameters."""
        parameters = jobs[0].parameters
        results: list[Image.Image] = self.parts(
            [job.instruction for job in jobs],
            image=list(pictures),
            generator=[torch.Generator().manual_seed(job.seed) for job in jobs],
            num_inference_steps=parameters.steps,
            guidance_scale=parameters.text_scale,
            image_guidance_scale=parameters.image_scale,
            **more,
        ).images
        return results
