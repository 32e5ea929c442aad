"""What P1s computes: one denoising step for many edits, put together from diffusers' parts as one would at hand.

Every edit has a scheduler of its own, so that steps and scales may differ; all three rows are always computed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from benchmarks.jobs import Job, Picture


@dataclass(eq=False)
class Edit:
    """An edit in flight; tensors are for one picture, prompts and pictures in three rows: both, image, neither."""

    job: Job
    scheduler: Any
    prompts: Tensor = field(default_factory=lambda: torch.empty(0))  # (3, tokens, width)
    images: Tensor = field(default_factory=lambda: torch.empty(0))  # (3, channels, h, w)
    latents: Tensor = field(default_factory=lambda: torch.empty(0))  # (1, channels, h, w)
    step: int = 0

    @property
    def is_done(self) -> bool:
        """Whether the last step is done."""
        return self.step == self.job.parameters.steps

    @property
    def timestep(self) -> Tensor:
        """The present step's, a scalar."""
        timestep: Tensor = self.scheduler.timesteps[self.step]
        return timestep


class SharedSteps:
    """Edits of one size on the parts of a pipeline."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    @torch.no_grad()
    def join(self, jobs: Sequence[Job]) -> list[Edit]:
        """Encode the words and pictures of new edits, all at once."""
        pipeline, edits = self._pipeline, [Edit(job, copy.deepcopy(self._pipeline.scheduler)) for job in jobs]
        words = pipeline._encode_prompt([job.instruction for job in jobs], "cpu", 1, True, None)
        pixels = pipeline.image_processor.preprocess([job.picture.open() for job in jobs])
        images = pipeline.prepare_image_latents(pixels, len(jobs), 1, words.dtype, "cpu", True)
        for number, edit in enumerate(edits):
            edit.prompts, edit.images = words[number :: len(edits)], images[number :: len(edits)]
            edit.scheduler.set_timesteps(edit.job.parameters.steps)
            noise = torch.randn(edit.images[:1].shape, generator=torch.Generator().manual_seed(edit.job.seed))
            edit.latents = noise.to(words.dtype) * edit.scheduler.init_noise_sigma
        return edits

    @torch.no_grad()
    def step(self, edits: Sequence[Edit]) -> None:
        """Take all edits one step on."""
        scaled = [edit.scheduler.scale_model_input(edit.latents, edit.timestep).expand(3, -1, -1, -1) for edit in edits]
        sample = torch.cat([torch.cat(scaled), torch.cat([edit.images for edit in edits])], dim=1)
        timesteps = torch.stack([edit.timestep for edit in edits]).repeat_interleave(3)
        prompts = torch.cat([edit.prompts for edit in edits])
        predicted = self._pipeline.unet(sample, timesteps, encoder_hidden_states=prompts, return_dict=False)[0]
        for edit, rows in zip(edits, predicted.split(3), strict=True):
            both, image, neither = rows.split(1)
            scales = edit.job.parameters
            noise = neither + scales.text_scale * (both - image) + scales.image_scale * (image - neither)
            edit.latents = edit.scheduler.step(noise, edit.timestep, edit.latents, return_dict=False)[0]
            edit.step += 1

    @torch.no_grad()
    def leave(self, edits: Sequence[Edit]) -> list[Picture]:
        """Decode finished edits."""
        latents = torch.cat([edit.latents for edit in edits]) / self._pipeline.vae.config.scaling_factor
        decoded = self._pipeline.vae.decode(latents, return_dict=False)[0]
        return [Picture.of(picture) for picture in self._pipeline.image_processor.postprocess(decoded)]
