"""Progress of all edits in flight, told to Redis in one round trip for each engine step.

The same round trip renews the claims and brings back who was canceled or whose claim is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import structlog

from editing_service.ports import Claims
from editing_service.runs import RunHandle, monotonic
from shared.errors import StorageUnavailable
from shared.storage.records import Claim, Renewal, Verdict

log = structlog.get_logger(__name__)


LOOK_S = 0.5
"""How long an edit goes without a renewal, and so its worker without knowing of a cancel, while steps take long."""


class EditProgress:
    """How far one edit is, over all its pictures, and what the renewals said about it."""

    def __init__(self, claim: Claim, now: float) -> None:
        self.claim = claim
        self.renewed_at = now
        self.verdict = Verdict.CONTINUE
        self.told = -1
        self._steps = [0]
        self._total = claim.parameters.steps
        self._handles: Sequence[RunHandle] = ()

    def begin(self, pictures: int, total: int) -> None:
        """Say how many pictures are being made, in how many steps each."""
        self._steps, self._total = [0] * pictures, total

    def attach(self, handles: Sequence[RunHandle]) -> None:
        """Say which runs to stop when the edit is to stop."""
        self._handles = handles
        if self.verdict is not Verdict.CONTINUE:
            self.stop()

    def stepped(self, picture: int, step: int) -> None:
        """A picture of this edit took a step."""
        self._steps[picture] = step

    @property
    def step(self) -> int:
        """Steps done of the picture that is furthest behind."""
        return min(self._steps)

    def renewal(self) -> Renewal:
        """What to tell Redis now."""
        return Renewal(self.claim, self.step, self._total)

    def judged(self, verdict: Verdict, told: int, now: float) -> None:
        """Take in the answer to a renewal."""
        self.told, self.verdict = told, verdict
        if verdict is Verdict.LOST:
            log.warning("claim_lost", edit_id=self.claim.edit_id, fence=self.claim.fence)
        else:
            self.renewed_at = now
        if verdict is not Verdict.CONTINUE:
            self.stop()

    def stop(self) -> None:
        """Free the rows of all pictures at the next step boundary."""
        for handle in self._handles:
            handle.cancel()


class ProgressPump:
    """One thread that renews all claims: after each engine step, and at least every `LOOK_S` or four times a lease."""

    def __init__(self, claims: Claims, lease_s: float, clock: Callable[[], float] = monotonic) -> None:
        self._claims = claims
        self._pause_s = min(LOOK_S, lease_s / 4)
        self._clock = clock
        self._edits: dict[str, EditProgress] = {}
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="progress", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping = True
        self._woken.set()
        self._thread.join()

    def wake(self) -> None:
        """Have the progress told now; the step engine calls this after each step."""
        self._woken.set()

    @contextmanager
    def follow(self, claim: Claim) -> Iterator[EditProgress]:
        """Keep a claim alive for as long as the block runs."""
        progress = EditProgress(claim, self._clock())
        with self._lock:
            self._edits[claim.edit_id] = progress
        try:
            yield progress
        finally:
            with self._lock:
                del self._edits[claim.edit_id]

    def followed(self) -> list[EditProgress]:
        """Give the edits that are being carried out."""
        with self._lock:
            return list(self._edits.values())

    def _serve(self) -> None:
        while not self._stopping:
            self._woken.wait(self._pause_s)
            self._woken.clear()
            try:
                self.tell()
            except StorageUnavailable as error:
                # The edits go on: if Redis is back before the lease is over, nothing is lost.
                log.warning("renewal_failed", edits=len(self._edits), error=str(error))
            except Exception:
                log.exception("renewal_failed", edits=len(self._edits))

    def tell(self) -> None:
        """Renew the claims that have something to tell or have been silent for a while."""
        now = self._clock()
        due = [each for each in self.followed() if each.step != each.told or now - each.renewed_at >= self._pause_s]
        if not due:
            return
        renewals = [each.renewal() for each in due]
        verdicts = self._claims.renew(renewals)
        for progress, renewal, verdict in zip(due, renewals, verdicts, strict=True):
            progress.judged(verdict, renewal.step, now)
