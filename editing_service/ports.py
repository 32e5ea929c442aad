"""What the worker needs of the outside: claims on edits, and the files of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from editing_service.metrics import WorkerMetrics
from shared.schemas.edit import EditTimings
from shared.schemas.operations import Worker
from shared.schemas.problem import Problem
from shared.storage.records import Claim, NewImage, Renewal, Skip, Verdict, Written


class Claims(Protocol):
    """The right to run edits, kept in Redis; every call may raise StorageUnavailable and may be repeated."""

    def claim(self, edit_id: str, worker_id: str, beside_others: bool = False) -> Claim | Skip:
        """Take the edit that is next, whichever the message named, or say why there is none to be had.

        `Skip.SUSPECT` where it should be run alone: then ask again without others.
        """

    def renew(self, renewals: Sequence[Renewal]) -> list[Verdict]:
        """Keep claims and report their progress, all in one round trip."""

    def preview(self, claim: Claim, image: NewImage, step: int) -> Written:
        """Tell of an estimate of the finished picture."""

    def succeed(self, claim: Claim, images: Sequence[NewImage], timings: EditTimings, model: str) -> Written:
        """Finish an edit with its pictures."""

    def fail(self, claim: Claim, problem: Problem) -> Written:
        """Finish an edit with the reason why there is no picture."""

    def cancel(self, claim: Claim) -> Written:
        """Finish an edit that somebody asked to stop."""

    def release(self, claim: Claim, count_attempt: bool = False) -> Written:
        """Put an edit back into the queue."""

    def longest_wait_s(self) -> float:
        """How long the edit that waits longest has waited; 0 when none does."""

    def heartbeat(self, worker: Worker) -> None:
        """Tell that this worker is alive."""

    def goodbye(self, worker_id: str) -> None:
        """Tell that this worker is going."""


class Files(Protocol):
    """Bytes by key; every call may raise StorageUnavailable."""

    def get(self, key: str) -> bytes:
        """Read a file; raise NotFound."""

    def put(self, key: str, data: bytes) -> None:
        """Write a file, entirely or not at all."""

    def delete(self, key: str) -> None:
        """Remove a file if it is there."""


@dataclass(frozen=True)
class Outside:
    """What a worker works with, and the name it has there."""

    claims: Claims
    files: Files
    metrics: WorkerMetrics
    worker_id: str
