"""The stand-in editor that misbehaves at a word: the instruction says what is to happen to it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.simulated_model import Pace, SimulatedModel
from editing_service.images import Pixels
from editing_service.streams import Coming, Here

CRASH, HANG, RAISE, EXHAUST, EXHAUST_TOGETHER, CRASH_ONCE = range(1, 7)
WORDS = {
    "crash-once": CRASH_ONCE,
    "crash": CRASH,
    "hang": HANG,
    "raise": RAISE,
    "exhaust-together": EXHAUST_TOGETHER,
    "exhaust": EXHAUST,
}
ROWS_OF_ONE = 3  # classifier-free guidance for a single edit
FOR_EVER_S = 3600.0


class FaultyModel(SimulatedModel):
    """Paints random pictures, so that no two attempts make the same one."""

    def __init__(self, pace: Pace, once: Path) -> None:
        """`once` is a folder where it is kept what has happened already and is not to happen again."""
        super().__init__(pace)
        self._side, self._once = pace.side, once

    def prompt_embeds(self, text: str) -> Tensor:
        """What is to happen, as a number."""
        return torch.full((1, 1), float(next((code for word, code in WORDS.items() if word in text), 0)))

    def predict(self, sample: Tensor, timesteps: Tensor, prompt_embeds: Tensor) -> Tensor:
        """A step, unless one of the edits in it makes it fail."""
        codes = {int(code) for code in prompt_embeds[:, 0, 0]}
        if CRASH in codes or (CRASH_ONCE in codes and self._first("crash")):
            os.kill(os.getpid(), signal.SIGKILL)
        if HANG in codes:
            time.sleep(FOR_EVER_S)
        if RAISE in codes:
            raise RuntimeError("the model raises, as it was told to")
        if EXHAUST in codes or (EXHAUST_TOGETHER in codes and len(sample) > ROWS_OF_ONE):
            raise MemoryError("no memory, as it was told")
        return super().predict(sample, timesteps, prompt_embeds)

    def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
        """Pictures of noise."""
        rng = np.random.default_rng()
        return Here([rng.integers(0, 256, (self._side, self._side, 3), dtype=np.uint8) for _ in latents])

    def _first(self, what: str) -> bool:
        try:
            (self._once / what).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
