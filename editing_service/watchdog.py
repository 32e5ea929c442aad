"""Ends a worker that cannot be put right from within; whoever supervises it starts a fresh one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import structlog

from editing_service.engine import StepEngine
from editing_service.ports import Claims
from editing_service.progress import ProgressPump
from editing_service.runs import monotonic
from shared.errors import EditTimedOut, StorageUnavailable
from shared.storage.records import Claim

log = structlog.get_logger(__name__)

EXIT_HUNG = 70  # EX_SOFTWARE

GiveUp = Callable[[int], None]


class DeviceWatchdog:
    """Ends the process when a step hangs or the device is lost: neither can be put right from within."""

    def __init__(
        self,
        engine: StepEngine,
        pump: ProgressPump,
        claims: Claims,
        step_timeout_s: float,
        give_up: GiveUp = os._exit,
    ) -> None:
        self._engine, self._pump, self._claims = engine, pump, claims
        self._step_timeout_s = step_timeout_s
        self._give_up = give_up

    def look(self) -> None:
        """Look once."""
        state = self._engine.state()
        hangs = state.busy_since is not None and monotonic() - state.busy_since >= self._step_timeout_s
        if not hangs and not state.lost:
            return
        edits = self._pump.followed()
        log.critical("device_given_up", hangs=hangs, lost=state.lost, edits=len(edits))
        try:
            self._let_go([progress.claim for progress in edits])
        except StorageUnavailable as error:
            log.critical("claims_kept", error=str(error))
        finally:
            self._give_up(EXIT_HUNG)

    def _let_go(self, claims: Sequence[Claim]) -> None:
        """An edit that hung alone is to blame; among several nobody knows which one is, so all may be tried again."""
        if len(claims) == 1:
            self._claims.fail(claims[0], EditTimedOut("A denoising step did not come to its end.").problem())
            return
        for claim in claims:
            self._claims.release(claim, count_attempt=True)


class QueueWatchdog:
    """Ends the process when edits wait and this worker, with nothing to do, takes none.

    A consumer that lost its broker connection at a bad moment can stay alive and deaf for good; Celery does not tell.
    """

    def __init__(
        self,
        pump: ProgressPump,
        claims: Claims,
        idle_timeout_s: float,
        give_up: GiveUp = os._exit,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._pump, self._claims, self._clock = pump, claims, clock
        self._idle_timeout_s = idle_timeout_s
        self._give_up = give_up
        self._busy_at = clock()

    def look(self) -> None:
        """Look once; raises StorageUnavailable."""
        now = self._clock()
        if self._pump.followed() or self._claims.longest_wait_s() < self._idle_timeout_s:
            self._busy_at = now
        elif now - self._busy_at >= self._idle_timeout_s:
            log.critical("queue_not_heard", idle_s=round(now - self._busy_at, 1))
            self._give_up(EXIT_HUNG)
