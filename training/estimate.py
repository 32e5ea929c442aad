"""What a run will cost, said before it begins: memory by counting weights, a batch by trying one, time by the clock."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from training.run import Run

COPIES = 5
"""Of every trained weight there is the weight, its gradient, AdamW's two moments and the average, in float32."""
MEBI = 2**20


@dataclass(frozen=True)
class Estimate:
    """The cost of a run: bytes of what stays in memory, bytes of one batch's passage, seconds a step, steps to go."""

    trained: int
    frozen: int
    state_bytes: int
    batch_bytes: int
    step_s: float
    steps: int

    def __str__(self) -> str:
        frozen = f" and {self.frozen / 1e6:.1f} million fixed ones" if self.frozen else ""
        return (
            f"{self.trained / 1e6:.1f} million weights to train{frozen}: {_size(self.state_bytes)} with gradients, "
            f"moments and average, and {_size(self.batch_bytes)} for a batch; "
            f"{self.steps:,} steps of {self.step_s:.2f} s: {_duration(self.steps * self.step_s)}, checks not counted"
        )


def estimate(run: Run, loss: Callable[[], Tensor]) -> Estimate:
    """Try one batch forth and back, twice, without learning from it; `loss` gives the loss of a typical batch.

    The first time shows the memory it takes, the second how long. Random state is left as it was.
    """
    devices = [run.accelerator.device] if run.accelerator.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        before = _peak(run)
        _passage(run, loss)
        batch_bytes = max(0, _peak(run) - before)
        begun = time.perf_counter()
        _passage(run, loss)
        taken_s = time.perf_counter() - begun
    weights = list(run.bare().parameters())
    trained = sum(weight.numel() for weight in weights if weight.requires_grad)
    fixed = [weight for weight in weights if not weight.requires_grad]
    return Estimate(
        trained=trained,
        frozen=sum(weight.numel() for weight in fixed),
        state_bytes=4 * COPIES * trained + sum(weight.numel() * weight.element_size() for weight in fixed),
        batch_bytes=batch_bytes,
        step_s=taken_s * run.settings.gradient_accumulation,
        steps=run.settings.steps - run.step,
    )


def _passage(run: Run, loss: Callable[[], Tensor]) -> None:
    with run.accelerator.autocast():
        value = loss()
    torch.autograd.backward(value)
    run.optimizer.zero_grad()
    if run.accelerator.device.type == "cuda":
        torch.cuda.synchronize()


def _peak(run: Run) -> int:
    """The most memory held so far, in bytes: the device's where there is one, else the process's."""
    if run.accelerator.device.type == "cuda":
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _size(count: int) -> str:
    return f"{count / MEBI / 1024:.1f} GiB" if count >= 1024 * MEBI else f"{count / MEBI:.0f} MiB"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
