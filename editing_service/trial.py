"""A few edits timed with one number type and one count of threads."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from editing_service.batch import StepBatch
from editing_service.device import use_cores
from editing_service.images import Pixels
from editing_service.model import EditingModel
from editing_service.runs import Run, RunHandle, RunRequest, Silent

EDITS, MOST_STEPS, MOST_SIDE = 4, 3, 128
"""The edits that are timed together: enough to share steps, few and small enough for a large model."""
TRIES, PATIENCE_S = 3, 3.0
"""How often each choice is timed, unless that takes longer."""
INSTRUCTION = "make it night"


@dataclass(frozen=True)
class Choice:
    """A number type, and how many threads compute."""

    dtype: str
    threads: int


@dataclass(frozen=True)
class Trial:
    """A choice that was tried: seconds for the edits, and their pictures (edits, height, width, 3)."""

    choice: Choice
    seconds: float
    pictures: Pixels

    def psnr(self, other: Trial) -> float:
        """How alike the pictures of two trials are, in dB."""
        error = float(np.mean((self.pictures.astype(np.float64) - other.pictures) ** 2))
        return 10 * math.log10(255**2 / error) if error else math.inf


def tried(model: EditingModel, choice: Choice) -> Trial:
    """Time a model that is loaded in the choice's number type."""
    use_cores(choice.threads)
    begun, taken = time.perf_counter(), [math.inf]
    pictures = _edits(model)  # the first one is slow
    while len(taken) == 1 or (len(taken) <= TRIES and time.perf_counter() - begun < PATIENCE_S):
        started = time.perf_counter()
        pictures = _edits(model)
        taken.append(time.perf_counter() - started)
    return Trial(choice, min(taken), pictures)


@torch.inference_mode()
def _edits(model: EditingModel) -> Pixels:
    """Edits of some checkered pictures, from pixels to pixels, past the model's caches of pictures."""
    pixels = _checkered(model)
    steps = min(model.defaults.steps, MOST_STEPS)
    schedule = model.sampler.schedule(steps)
    runs = []
    for seed, (picture, latents) in enumerate(zip(pixels, model.encode(pixels), strict=True)):
        request = RunRequest(picture, "", (INSTRUCTION,), steps, model.defaults.scales, seed)
        runs.append(Run(request, Silent(), RunHandle(), schedule, embeds=[model.prompt_embeds(INSTRUCTION)]))
        runs[-1].begin_link(latents)
    batch = StepBatch(runs, model)
    for _ in range(steps):
        batch.step()
    return np.stack(model.decode(torch.stack([run.latents for run in runs])).result())


def _checkered(model: EditingModel) -> Pixels:
    squares = max(1, min(model.defaults.resolution, MOST_SIDE) // model.multiple)
    colours = np.random.default_rng(0).integers(0, 256, (EDITS, squares, squares, 3)).astype(np.uint8)
    return colours.repeat(model.multiple, axis=1).repeat(model.multiple, axis=2)
