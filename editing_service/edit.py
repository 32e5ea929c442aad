"""One edit's life in the worker: claim, load the picture, run, store, finish."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from queue import SimpleQueue

import structlog

from editing_service.canvas import Canvas
from editing_service.company import Company
from editing_service.engine import StepEngine
from editing_service.failures import DeviceLost, EditCanceled, EngineStopped
from editing_service.guidance import GuidanceScales
from editing_service.images import Pixels
from editing_service.metrics import RELEASED
from editing_service.patience import Patience
from editing_service.pictures import AttemptPictures, Sources
from editing_service.ports import Outside
from editing_service.progress import EditProgress, ProgressPump
from editing_service.runs import Finished, RunHandle, RunRequest, monotonic
from shared.errors import DialogPaintError, EditFailed, StorageUnavailable
from shared.schemas.edit import EditTimings
from shared.storage.records import Claim, NewImage, Skip, Written
from shared.tracing import resumed, span

log = structlog.get_logger(__name__)

RETRY_PAUSE_S = 0.5


@dataclass(frozen=True)
class WorkerLimits:
    """What bounds an edit in this worker."""

    lease_s: float
    max_edit_s: float


@dataclass(frozen=True)
class PreviewTaken:
    """An estimate of the first picture, to be stored by the task's own thread."""

    pixels: Pixels
    step: int


@dataclass(frozen=True)
class RunEnded:
    """One of the edit's runs has come to its end."""


Happening = PreviewTaken | RunEnded


class PictureWatcher:
    """Passes one picture's progress from the device thread on, without keeping it waiting."""

    def __init__(self, progress: EditProgress, picture: int, happenings: SimpleQueue[Happening]) -> None:
        self._progress, self._picture, self._happenings = progress, picture, happenings

    def stepped(self, step: int, steps: int) -> None:  # noqa: ARG002 - the total is known to the progress
        """See `Watcher.stepped`."""
        self._progress.stepped(self._picture, step)

    def previewed(self, pixels: Pixels, step: int) -> None:
        """See `Watcher.previewed`."""
        self._happenings.put(PreviewTaken(pixels, step))


@dataclass(frozen=True)
class Ending:
    """How an edit's record is to end in this worker."""

    name: str
    write: Callable[[], Written]
    reason: str = ""  # the code of the error that it failed with


@dataclass(frozen=True)
class Attempt:
    """One try at an edit."""

    claim: Claim
    progress: EditProgress
    pictures: AttemptPictures


class EditRunner:
    """Carries out edits, one call of `run` for each, in as many threads at once as there are slots."""

    def __init__(
        self, engine: StepEngine, pump: ProgressPump, outside: Outside, canvas: Canvas, limits: WorkerLimits
    ) -> None:
        self._engine, self._pump = engine, pump
        self._claims, self._files, self._metrics = outside.claims, outside.files, outside.metrics
        self._worker_id = outside.worker_id
        self._canvas, self._limits = canvas, limits
        self._company = Company()

    def run(self, edit_id: str) -> None:
        """Carry out the edit that is next in line, for a message that named `edit_id`; never raises."""
        try:
            with self._company.together():
                skipped = self._try(edit_id, beside_others=True)
            if skipped is Skip.SUSPECT:
                with self._company.alone():
                    self._try(edit_id, beside_others=False)
        except StorageUnavailable as error:
            # The record says what is open, and the sweeper sends it again.
            log.warning("edit_left", woken_by=edit_id, error=str(error))
        except Exception:
            log.exception("edit_left", woken_by=edit_id)

    def _try(self, edit_id: str, *, beside_others: bool) -> Skip | None:
        """Claim the edit whose turn it is and bring it to an end, or say why there is none to be had."""
        claim = self._claims.claim(edit_id, self._worker_id, beside_others)
        self._metrics.claimed(claim)
        if isinstance(claim, Skip):
            log.info("edit_skipped", edit_id=edit_id, reason=str(claim))
            return claim
        with (
            resumed("edit", claim.traceparent, edit_id=edit_id, attempt=claim.attempt),
            self._metrics.in_flight.track_inprogress(),
            self._metrics.run_seconds.time(),
            self._pump.follow(claim) as progress,
        ):
            patience = Patience(progress, monotonic() + self._limits.max_edit_s)
            attempt = Attempt(claim, progress, AttemptPictures(claim, self._files, self._canvas, patience))
            self._write(attempt, self._ending(attempt))
        return None

    def _ending(self, attempt: Attempt) -> Ending:
        """Carry the edit out, and say how its record is to end."""
        claim = attempt.claim
        try:
            images, timings = self._carry_out(attempt)
        except EditCanceled:
            return Ending("canceled", partial(self._claims.cancel, claim))
        except EngineStopped:
            return Ending(RELEASED, partial(self._claims.release, claim))
        except (DeviceLost, StorageUnavailable) as error:
            log.warning("edit_put_back", edit_id=claim.edit_id, error=str(error))
            return Ending(RELEASED, partial(self._claims.release, claim, count_attempt=True))
        except DialogPaintError as error:
            log.warning("edit_failed", edit_id=claim.edit_id, code=error.code)
            return self._failure(claim, error)
        except Exception:
            log.exception("edit_failed", edit_id=claim.edit_id)
            return self._failure(claim, EditFailed())
        return Ending("succeeded", partial(self._claims.succeed, claim, images, timings, self._canvas.model_name))

    def _failure(self, claim: Claim, error: DialogPaintError) -> Ending:
        return Ending("failed", partial(self._claims.fail, claim, error.problem()), error.code)

    def _carry_out(self, attempt: Attempt) -> tuple[list[NewImage], EditTimings]:
        with span("edit.load"):
            sources = attempt.pictures.load()
        with span("edit.compute"):
            happenings: SimpleQueue[Happening] = SimpleQueue()
            handles = self._submit(attempt, sources, happenings)
            finished = self._wait(attempt, handles, happenings, sources)
        with span("edit.store"):
            images = [attempt.pictures.keep_result(index, each, sources) for index, each in enumerate(finished)]
        rows = sum(each.rows for each in finished)
        log.info("edit_computed", edit_id=attempt.claim.edit_id, pictures=len(images), rows=rows)
        timings = EditTimings(
            encode_s=max(each.encode_s for each in finished),
            denoise_s=max(each.denoise_s for each in finished),
            decode_s=max(each.decode_s for each in finished),
        )
        return images, timings

    def _submit(self, attempt: Attempt, sources: Sources, happenings: SimpleQueue[Happening]) -> list[RunHandle]:
        """Give the engine one run for each picture wanted."""
        claim, parameters = attempt.claim, attempt.claim.parameters
        first = RunRequest(
            pixels=sources.framed.pixels,
            picture_hash=claim.source.sha256,
            instructions=(*claim.prior_instructions, claim.instruction),
            steps=parameters.steps,
            scales=GuidanceScales(parameters.text_guidance_scale, parameters.image_guidance_scale),
            seed=parameters.seed,
            quality=parameters.quality,
            deadline=monotonic() + self._limits.max_edit_s,
            compare=self._canvas.carry_changes,
        )
        attempt.progress.begin(parameters.count, parameters.steps * len(first.instructions))
        handles = []
        for picture, made_with in enumerate(parameters.each_picture()):
            # Only the first picture is shown while it is being made.
            preview_every = parameters.preview_every if picture == 0 else 0
            scales = GuidanceScales(made_with.text_guidance_scale, made_with.image_guidance_scale)
            request = replace(first, scales=scales, seed=made_with.seed, preview_every=preview_every)
            handle = self._engine.submit(request, PictureWatcher(attempt.progress, picture, happenings))
            handle.on_done(lambda: happenings.put(RunEnded()))
            handles.append(handle)
        attempt.progress.attach(handles)
        return handles

    def _wait(
        self, attempt: Attempt, handles: list[RunHandle], happenings: SimpleQueue[Happening], sources: Sources
    ) -> list[Finished]:
        """Store previews until all runs have ended; if one picture can't be made, none is."""
        unfinished = len(handles)
        while unfinished:
            happening = happenings.get()
            if isinstance(happening, PreviewTaken):
                self._show(attempt, happening, sources)
                continue
            unfinished -= 1
            if any(handle.error for handle in handles):
                attempt.progress.stop()
        for handle in handles:
            # What made the others stop says more than that they were stopped.
            if handle.error is not None and not isinstance(handle.error, EditCanceled):
                raise handle.error
        return [handle.result() for handle in handles]

    def _show(self, attempt: Attempt, preview: PreviewTaken, sources: Sources) -> None:
        """Store a preview and tell of it; without one the edit goes on just the same."""
        try:
            image = attempt.pictures.keep_preview(preview.step, preview.pixels, sources)
            self._claims.preview(attempt.claim, image, preview.step)
        except StorageUnavailable as error:
            log.warning("preview_lost", edit_id=attempt.claim.edit_id, error=str(error))

    def _write(self, attempt: Attempt, ending: Ending) -> None:
        """Write the ending, again and again while Redis is away and the lease may still hold."""
        while True:
            try:
                with span("edit.write", ending=ending.name):
                    written = ending.write()
                break
            except StorageUnavailable:
                if monotonic() - attempt.progress.renewed_at > self._limits.lease_s:
                    raise
                time.sleep(RETRY_PAUSE_S)
        claim = attempt.claim
        self._metrics.ended(ending.name, ending.reason, written)
        log.info("edit_written", edit_id=claim.edit_id, fence=claim.fence, ending=ending.name, written=str(written))
        if written is Written.FENCED:
            attempt.pictures.take_back()
