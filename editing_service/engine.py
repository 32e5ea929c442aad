"""The step engine: every denoising step is a fresh batch of whatever runs are in flight.

One device thread does all computing. Runs join and leave at step boundaries, in any number of steps and with any
scales; whatever happens to one leaves the others as they are.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby

import structlog
import torch

from editing_service.batch import Model, StepBatch
from editing_service.cache import LeastRecentlyUsed
from editing_service.device import DECODED, ENCODED, OVERHEAD, DeviceThread, Team
from editing_service.failures import DeviceLost, EngineStopped
from editing_service.hardware import free_memory, is_out_of_memory
from editing_service.images import Pixels
from editing_service.previews import Previews
from editing_service.runs import Run, RunHandle, RunRequest, Silent, Watcher, alike, monotonic
from editing_service.shortcuts import Guiding
from editing_service.streams import Coming
from shared.errors import EditOutOfMemory

log = structlog.get_logger(__name__)

RENDERED_KEPT = 64
"""Sources kept as the autoencoder renders them: several edits of one picture compare with the same one."""
OVERTAKEN_S = 2.0
"""How long shorter runs may overtake one that waits; all runs have as long until their deadlines."""

OnBatch = Callable[[int, int, float], None]  # U-Net rows, longest side in pixels, seconds
Membership = tuple[tuple[Run, int, Guiding], ...]  # runs, each with the instruction it is at and how it is guided
Source = tuple[str | int, ...]  # what tells a source picture from every other one


@dataclass(frozen=True, eq=False)
class Leaving:
    """Runs that are denoised, with their pictures on the way from the device."""

    runs: Sequence[Run]
    rendered: dict[Source, Pixels]  # sources to compare with, as far as they were known
    missing: Sequence[Source]  # the others: they come behind the runs' pictures
    pictures: Coming[list[Pixels]]


@dataclass(frozen=True)
class EngineState:
    """A glance at the engine from another thread."""

    in_flight: int
    waiting: int
    steps: int  # engine steps since the start
    rows: int  # U-Net rows since the start
    busy_since: float | None  # when the present piece of device work began; None while idle
    lost: bool  # whether the device is broken for this process


class StepEngine:
    """Runs edits on one model: at most `slots` pictures are denoised at a time."""

    def __init__(
        self,
        model: Model,
        slots: int,
        after_step: Callable[[], None] = lambda: None,
        on_batch: OnBatch = lambda rows, side, seconds: None,  # noqa: ARG005
        device: DeviceThread | None = None,
    ) -> None:
        """`device` is the thread that loaded the model, where that matters: see `device.py`."""
        self._model = model
        self._slots = slots
        self._after_step = after_step
        self._on_batch = on_batch
        self._changed = threading.Condition()
        self._waiting: deque[Run] = deque()
        self._in_flight: list[Run] = []
        self._leaving: list[Leaving] = []
        self._previews = Previews(model)
        self._batches: dict[Membership, StepBatch] = {}
        self._rendered: LeastRecentlyUsed[Source, Pixels] = LeastRecentlyUsed(RENDERED_KEPT)
        self._largest = slots  # most runs in one batch; smaller after memory ran out, until the engine was nearly idle
        self._stopping = self._lost = False
        self._steps = self._rows = 0
        self._team = Team(1)  # the device thread's own comes with it
        self._work = 0.0  # of the present turn, in rows of the U-Net
        self._busy_since: float | None = None
        self._device = device or DeviceThread()
        self._served: Future[None] = Future()

    def start(self) -> None:
        """Let the device thread serve."""
        self._served = self._device.submit(self._serve)

    def submit(self, request: RunRequest, watcher: Watcher | None = None) -> RunHandle:
        """Queue a run; it joins the batch at the next step boundary with a free slot."""
        handle = RunHandle()
        schedule = self._model.sampler.schedule(request.steps)
        run = Run(request, watcher or Silent(), handle, schedule)
        with self._changed:
            if self._stopping or self._lost:
                raise EngineStopped("the worker is going down")
            self._waiting.append(run)
            self._changed.notify()
        return handle

    def stop(self) -> None:
        """Let what has been submitted finish, then free the device thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._served.result()

    def state(self) -> EngineState:
        """Say what the engine is doing."""
        with self._changed:
            in_flight, waiting = len(self._held()), len(self._waiting)
            return EngineState(in_flight, waiting, self._steps, self._rows, self._busy_since, self._lost)

    # -- the device thread -------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        with Team(torch.get_num_threads()) as self._team, torch.inference_mode():
            while self._wait_for_work():
                self._busy_since, self._work = monotonic(), 0.0
                try:
                    self._team.take_cores()
                    self._turn()
                    self._team.worked(self._work, monotonic() - self._busy_since)
                except Exception as error:
                    held = self._held()
                    log.exception("engine_turn_failed", runs=len(held))
                    for run in held:
                        self._drop(run, error)
                    self._leaving.clear()
                self._busy_since = None
                self._after_step()

    def _turn(self) -> None:
        """One denoising step for everyone, and what happens at its boundary."""
        self._drop_unwanted()
        self._admit()
        groups = self._groups()
        for runs in groups:
            self._divide(runs, self._step)
        self._tell([run for runs in groups for run in runs])
        self._leave([run for run in self._in_flight if run.is_done])
        self._hand_over()
        self._previews.show()

    def _wait_for_work(self) -> bool:
        """Sleep until there is something to do; False once there never will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._held() or self._stopping)
            return bool(self._waiting or self._held())

    def _held(self) -> list[Run]:
        """The runs that are no longer waiting and have not ended."""
        leaving = (run for leaving in self._leaving for run in leaving.runs if not run.handle.done)
        return [*self._in_flight, *leaving]

    def _drop_unwanted(self) -> None:
        """Let go of runs that were canceled or are over time: the one place where either is looked at.

        What is denoised comes to its end: that takes less than a step.
        """
        now = monotonic()
        with self._changed:
            runs = [*self._in_flight, *self._waiting]
        for run in runs:
            reason = run.reason_to_stop(now)
            if reason is not None:
                self._drop(run, reason)

    def _drop(self, run: Run, reason: BaseException) -> None:
        with self._changed:
            self._in_flight = [other for other in self._in_flight if other is not run]
            self._waiting = deque(other for other in self._waiting if other is not run)
        if not run.handle.done:
            run.handle.fail(reason)

    def _admit(self) -> None:
        """Take waiting runs into free slots and encode their words and pictures."""
        with self._changed:
            free = max(0, self._slots - len(self._in_flight))
            joining = [self._take_next(monotonic()) for _ in range(min(free, len(self._waiting)))]
            self._in_flight += joining
        joining.sort(key=lambda run: run.request.pixels.shape)
        for _, together in groupby(joining, key=lambda run: run.request.pixels.shape):
            self._divide(list(together), self._encode)

    def _take_next(self, now: float) -> Run:
        """The waiting run with the fewest steps, so that more are soon done, unless the first has waited for long."""
        first = self._waiting[0]
        overdue = now - first.submitted_at > OVERTAKEN_S
        chosen = first if overdue else min(self._waiting, key=lambda run: run.steps_total)
        self._waiting.remove(chosen)
        return chosen

    def _encode(self, runs: Sequence[Run]) -> None:
        started = monotonic()
        embeds = [[self._model.prompt_embeds(text) for text in run.request.instructions] for run in runs]
        pictures = self._model.image_latents([(run.request.picture_hash, run.request.pixels) for run in runs])
        self._work += ENCODED * len(runs)
        for run, texts, latents in zip(runs, embeds, pictures, strict=True):
            run.embeds = texts
            run.source_latents = latents
            run.begin_link(latents)
            run.denoise_started = monotonic()
            run.encode_s = run.denoise_started - started

    def _groups(self) -> list[list[Run]]:
        """Put together the runs that can share a batch: latents of one size, and no more than the memory takes."""
        if len(self._in_flight) <= 1:
            self._largest = self._slots
        groups = alike(self._in_flight, self._largest)
        wanted = {_membership(runs) for runs in groups}
        self._batches = {key: batch for key, batch in self._batches.items() if key in wanted}
        return groups

    def _step(self, runs: Sequence[Run]) -> None:
        key = _membership(runs)
        if key not in self._batches:
            self._batches[key] = StepBatch(runs, self._model)
        started = monotonic()
        rows = self._batches[key].step()
        self._rows += rows
        self._steps += 1
        self._work += OVERHEAD + rows
        self._on_batch(rows, max(runs[0].request.pixels.shape[:2]), monotonic() - started)

    def _tell(self, runs: Sequence[Run]) -> None:
        """Let the watchers know; what they do with it can't undo the step."""
        try:
            for run in runs:
                if not run.handle.done:
                    run.watcher.stepped(run.steps_done, run.steps_total)
            self._previews.begin([run for run in runs if run.wants_preview and not run.handle.done])
        except Exception:
            log.exception("watcher_failed", runs=len(runs))

    def _leave(self, runs: Sequence[Run]) -> None:
        """Free the slots of the finished runs and have their pictures decoded."""
        pictures_each = 2 if any(run.request.compare for run in runs) else 1  # with its source
        for some in alike(runs, max(1, self._model.decoded_at_once // pictures_each)):
            self._divide(some, self._decode)
            self._hand_over()  # so that the first ones don't wait until the last ones are decoded

    def _decode(self, runs: Sequence[Run]) -> None:
        leaving = self._leaving_of(runs)
        with self._changed:
            self._in_flight = [run for run in self._in_flight if run not in runs]
            self._leaving.append(leaving)

    def _leaving_of(self, runs: Sequence[Run]) -> Leaving:
        """Begin to decode the runs' pictures, and their sources where those are to be compared and not known yet."""
        compared = {_source(run): run for run in runs if run.request.compare}
        rendered = {key: pixels for key in compared if (pixels := self._rendered.get(key)) is not None}
        missing = [key for key in compared if key not in rendered]
        sources = [compared[key].source_latents * self._model.scaling_factor for key in missing]
        self._work += DECODED * (len(runs) + len(sources))
        pictures = self._model.decode(torch.stack([*(run.latents for run in runs), *sources]))
        return Leaving(runs, rendered, missing, pictures)

    def _hand_over(self) -> None:
        """Give away the pictures that have come; wait for them only while there is nothing else to do."""
        idle = not self._in_flight and not self._waiting
        come = [each for each in self._leaving if idle or each.pictures.ready()]
        for leaving in come:

            def hand_over(runs: Sequence[Run], leaving: Leaving = leaving) -> None:
                self._give(leaving if runs is leaving.runs else self._leaving_of(runs))

            self._divide(leaving.runs, hand_over)
        with self._changed:
            self._leaving = [each for each in self._leaving if not all(run.handle.done for run in each.runs)]

    def _give(self, leaving: Leaving) -> None:
        pictures = leaving.pictures.result()
        rendered = leaving.rendered | dict(zip(leaving.missing, pictures[len(leaving.runs) :], strict=True))
        for key in leaving.missing:
            self._rendered.put(key, rendered[key])
        now = monotonic()
        finished = [
            run.finished(pixels, rendered[_source(run)] if run.request.compare else None, now)
            for run, pixels in zip(leaving.runs, pictures, strict=False)
        ]
        for run, result in zip(leaving.runs, finished, strict=True):
            run.handle.resolve(result)

    def _divide(self, runs: Sequence[Run], work: Callable[[Sequence[Run]], None]) -> None:
        """Do a piece of work for many runs; if it fails, for each half, so that only those fail who must.

        This is also the way out of exhausted memory: the halves need half of it.
        """
        try:
            work(runs)
        except Exception as raised:
            error = raised
        else:
            return
        if isinstance(error, torch.AcceleratorError) and not is_out_of_memory(error):
            self._lost = True
        if len(runs) == 1 or self._lost:
            for run in runs:
                self._fail(run, error)
            return
        log.warning("batch_divided", work=work.__name__, runs=len(runs), error=repr(error))
        error.__traceback__ = None  # its frames hold what the failed work had in memory
        if is_out_of_memory(error):
            free_memory()
            if work == self._step:
                self._largest = max(1, len(runs) // 2)
        middle = len(runs) // 2
        self._divide(runs[:middle], work)
        self._divide(runs[middle:], work)

    def _fail(self, run: Run, error: Exception) -> None:
        log.warning("run_failed", step=run.steps_done, error=repr(error))
        if self._lost:
            self._drop(run, DeviceLost("the device answers no more"))
            return
        reason = (
            EditOutOfMemory(
                "The edit does not fit into the memory of the device, not even alone; try a smaller picture."
            )
            if is_out_of_memory(error)
            else error
        )
        self._drop(run, reason)


def _source(run: Run) -> Source:
    return (run.request.picture_hash, *run.request.pixels.shape)


def _membership(runs: Sequence[Run]) -> Membership:
    return tuple((run, run.link, run.guiding) for run in runs)
