"""One picture on its way through the step engine."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

import torch
from torch import Tensor

from editing_service.failures import EditCanceled
from editing_service.guidance import Condition, GuidanceScales
from editing_service.images import Pixels
from editing_service.sampler import Schedule
from editing_service.shortcuts import Guiding, guiding, row_weights
from shared.errors import EditTimedOut
from shared.schemas.parameters import Quality


@dataclass(frozen=True)
class RunRequest:
    """What the engine needs to know: a picture of the model's size and what to do to it."""

    pixels: Pixels
    picture_hash: str
    instructions: tuple[str, ...]  # carried out one after the other, each on the result of the one before
    steps: int
    scales: GuidanceScales
    seed: int
    preview_every: int = 0  # steps between previews; 0 for none
    compare: bool = False  # also give the source as the autoencoder renders it, to tell what the edit changed
    quality: Quality = Quality.EXACT
    deadline: float | None = None  # on the clock of time.monotonic


@dataclass(frozen=True)
class Finished:
    """What a run gives: the picture (height, width, 3), the final latents, and where its time went."""

    pixels: Pixels
    latents: Tensor  # (channels, height/8, width/8) float32, on the device
    rows: int  # U-Net rows computed for it
    encode_s: float
    denoise_s: float
    decode_s: float
    untouched: Pixels | None = None  # the source through the autoencoder alone, where the request asked to compare


@dataclass(frozen=True)
class StepTaken:
    """What a step gives a run, each (channels, height/8, width/8) float32."""

    latents: Tensor
    pred_original: Tensor
    guidance: Tensor | None = None  # what guidance added, for a step that reuses it


class Watcher(Protocol):
    """Hears of a run's progress, on the device thread: must return at once."""

    def stepped(self, step: int, steps: int) -> None:
        """A denoising step of this run is done."""

    def previewed(self, pixels: Pixels, step: int) -> None:
        """An estimate of the finished picture as it was after a step, the model's size."""


class Silent:
    """A watcher for those who only want the result."""

    def stepped(self, step: int, steps: int) -> None:
        """See `Watcher.stepped`."""

    def previewed(self, pixels: Pixels, step: int) -> None:
        """See `Watcher.previewed`."""


class RunHandle:
    """The submitter's end of a run."""

    def __init__(self) -> None:
        self._canceled = threading.Event()
        self._future: Future[Finished] = Future()

    def cancel(self) -> None:
        """Ask the run to stop: its rows are free at the next step boundary and `result` raises EditCanceled."""
        self._canceled.set()

    @property
    def canceled(self) -> bool:
        """Whether somebody asked for the run to stop."""
        return self._canceled.is_set()

    def result(self, timeout: float | None = None) -> Finished:
        """Wait for the finished picture; raise what stopped the run."""
        return self._future.result(timeout)

    @property
    def done(self) -> bool:
        """Whether the run has ended in any way."""
        return self._future.done()

    @property
    def error(self) -> BaseException | None:
        """What stopped the run; None while it goes on or if it succeeded."""
        return self._future.exception() if self._future.done() else None

    def on_done(self, call: Callable[[], None]) -> None:
        """Have something called once the run has ended in any way."""
        self._future.add_done_callback(lambda _: call())

    def resolve(self, finished: Finished) -> None:
        """Give the submitter the picture."""
        self._future.set_result(finished)

    def fail(self, error: BaseException) -> None:
        """Give the submitter the reason why there is none."""
        self._future.set_exception(error)


@dataclass(eq=False)
class Run:
    """A run inside the engine; only the device thread touches it."""

    request: RunRequest
    watcher: Watcher
    handle: RunHandle
    schedule: Schedule
    submitted_at: float = field(default_factory=lambda: monotonic())
    embeds: list[Tensor] = field(default_factory=list)  # per instruction (tokens, width)
    image_latents: Tensor = field(default_factory=lambda: torch.empty(0))  # (channels, h, w), unscaled
    source_latents: Tensor = field(default_factory=lambda: torch.empty(0))  # the first picture's, (channels, h, w)
    latents: Tensor = field(default_factory=lambda: torch.empty(0))  # (channels, h, w) float32
    pred_original: Tensor = field(default_factory=lambda: torch.empty(0))  # the last step's estimate of the result
    guidance: Tensor | None = None  # what it added when last computed, (channels, h, w) float32; a fast edit's only
    generator: torch.Generator = field(default_factory=torch.Generator)
    link: int = 0  # which instruction is being carried out
    step: int = 0  # within this instruction
    pending_noise: Tensor | None = None  # drawn for a step that is not done yet
    rows: int = 0
    encode_s: float = 0.0
    denoise_started: float = 0.0
    stepped_at: float = 0.0  # when the last step was taken

    @property
    def steps_done(self) -> int:
        """Denoising steps over all instructions so far."""
        return self.link * self.schedule.steps + self.step

    @property
    def steps_total(self) -> int:
        """Denoising steps over all instructions."""
        return len(self.request.instructions) * self.schedule.steps

    @property
    def is_done(self) -> bool:
        """Whether the last instruction's last step is done."""
        return self.steps_done >= self.steps_total

    @property
    def guiding(self) -> Guiding:
        """How the present step comes by its guidance."""
        return guiding(self.request.quality, self.step, self.schedule.steps)

    @property
    def row_weights(self) -> Mapping[Condition, float]:
        """The U-Net rows of the present step and their factors."""
        return row_weights(self.request.scales, self.guiding)

    @property
    def wants_preview(self) -> bool:
        """Whether an estimate of the picture is due after the present step; the last one is the picture itself."""
        every = self.request.preview_every
        return every > 0 and self.steps_done % every == 0 and not self.is_done

    def reason_to_stop(self, now: float) -> Exception | None:
        """Say why the run should not go on, if there is a reason."""
        if self.handle.canceled:
            return EditCanceled("the edit was canceled")
        if self.request.deadline is not None and now > self.request.deadline:
            return EditTimedOut(f"The edit was stopped after {self.steps_done} of {self.steps_total} steps.")
        return None

    def begin_link(self, image_latents: Tensor) -> None:
        """Start the present instruction on a picture: fresh noise, from the first draw of the run's own generator.

        Noise is drawn on the CPU in float32, the initial latents first and then once a step, as diffusers does with a
        CPU generator, so that a picture depends on its seed and on nothing else.
        """
        self.image_latents = image_latents
        self.generator.manual_seed(self.request.seed)
        self.step = 0
        self.latents = self.draw_noise().to(image_latents.device) * self.schedule.init_noise_sigma

    def draw_noise(self) -> Tensor:
        """Draw (channels, h, w) standard normal numbers."""
        return torch.randn(self.image_latents.shape, generator=self.generator, dtype=torch.float32)

    def step_noise(self) -> Tensor:
        """Draw the present step's noise; the same again if the step has to be repeated."""
        if self.pending_noise is None:
            self.pending_noise = self.draw_noise()
        return self.pending_noise

    def advance(self, taken: StepTaken, scaling_factor: float) -> None:
        """Take over the latents after a step; after an instruction's last one its result is the next one's picture."""
        self.latents = taken.latents
        self.pred_original = taken.pred_original
        self.guidance = taken.guidance
        self.pending_noise = None
        self.rows += len(self.row_weights)
        self.step += 1
        self.stepped_at = monotonic()
        if self.step == self.schedule.steps and self.link + 1 < len(self.request.instructions):
            self.link += 1
            self.begin_link((taken.latents / scaling_factor).to(self.image_latents.dtype))

    def finished(self, pixels: Pixels, untouched: Pixels | None, now: float) -> Finished:
        """What the submitter gets, given the pictures that have come now; decoding counts from the last step."""
        denoise_s, decode_s = self.stepped_at - self.denoise_started, now - self.stepped_at
        return Finished(pixels, self.latents, self.rows, self.encode_s, denoise_s, decode_s, untouched)


def latent_size(run: Run) -> tuple[int, ...]:
    """What runs must have in common to share a batch: (channels, height/8, width/8)."""
    return tuple(run.latents.shape)


def alike(runs: Sequence[Run], most: int = sys.maxsize) -> list[list[Run]]:
    """The runs in groups whose latents have one size, of at most so many."""
    together = [list(group) for _, group in groupby(sorted(runs, key=latent_size), key=latent_size)]
    return [group[first : first + most] for group in together for first in range(0, len(group), most)]


def monotonic() -> float:
    """Seconds on the clock that deadlines and timings are told by."""
    return time.monotonic()
