"""A stand-in for the editing model: every computation takes the time of a real one and costs no processor."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import DDIMScheduler
from PIL import Image
from torch import Tensor

from editing_service.images import Pixels
from editing_service.model_folder import ModelDefaults
from editing_service.sampler import DDIMSampler
from editing_service.streams import Coming, Here

LATENTS = (4, 2, 2)  # what is carried along where a real model has (4, side/8, side/8)
UNEVENNESS = 0.2  # a step takes between 0.8 and 1.2 of its time, so that workers do not march in step


@dataclass(frozen=True)
class Pace:
    """How long the model that is stood in for takes, and how large its pictures are."""

    step_s: float = 0.3
    steps: int = 20
    decode_s: float = 0.02
    side: int = 512

    @property
    def edit_s(self) -> float:
        """How long one edit computes."""
        return self.steps * self.step_s + self.decode_s


class SimulatedModel:
    """All that the worker asks of an `EditingModel`, with sleep instead of arithmetic."""

    scaling_factor = 1.0
    multiple = 8
    decoded_at_once = 4
    name, digest, parameter_count = "simulated-editor", "0" * 64, 0

    def __init__(self, pace: Pace) -> None:
        self.device, self.dtype = torch.device("cpu"), torch.float32
        scheduler = DDIMScheduler(prediction_type="sample")
        self.sampler = DDIMSampler({**scheduler.config})
        self.defaults = ModelDefaults(steps=pace.steps, resolution=pace.side, name=self.name)
        self.no_prompt = torch.zeros(1, 1)
        self._pace = pace
        self._picture = photograph(pace.side)

    def warm_up(self, rows: Sequence[int] = ()) -> None:
        """Nothing is cold."""

    def prompt_embeds(self, text: str) -> Tensor:  # noqa: ARG002 - every text is alike
        """See `EditingModel.prompt_embeds`."""
        return self.no_prompt

    def image_latents(self, pictures: Sequence[tuple[str, Pixels]]) -> list[Tensor]:
        """See `EditingModel.image_latents`."""
        return [torch.zeros(LATENTS) for _ in pictures]

    def predict(self, sample: Tensor, timesteps: Tensor, prompt_embeds: Tensor) -> Tensor:  # noqa: ARG002
        """See `EditingModel.predict`; a step takes its time whatever its rows."""
        time.sleep(self._pace.step_s * random.uniform(1 - UNEVENNESS, 1 + UNEVENNESS))
        return torch.zeros(len(sample), *LATENTS)

    def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
        """See `EditingModel.decode`."""
        time.sleep(self._pace.decode_s)
        return Here([self._picture for _ in latents])


def photograph(side: int) -> Pixels:
    """A picture that weighs in a file what a photograph weighs: large shapes under fine grain."""
    rng = np.random.default_rng(7)
    shapes = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).resize((side, side))
    grain = rng.integers(-4, 5, (side, side, 3))
    picture: Pixels = np.clip(np.asarray(shapes, dtype=np.int16) + grain, 0, 255).astype(np.uint8)
    return picture
