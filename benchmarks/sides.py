"""What is compared: anything that bears a load of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from benchmarks.jobs import Job, Picture

CLIENTS = 16  # twice as many as share a batch, so that none waits for its clients


class SideFailed(Exception):
    """A side did not give the picture that it was asked for."""


@dataclass(frozen=True)
class Load:
    """Jobs, and how they come: from so many clients, each with one at a time, or at times in seconds from the start."""

    jobs: Sequence[Job]
    clients: int = CLIENTS
    times: Sequence[float] | None = None


@dataclass(frozen=True)
class Loaded:
    """What came of a load."""

    seconds: float  # from the first start to the last end
    jobs: int  # all of them, those too that were given up
    latencies_s: tuple[float, ...]  # of jobs that somebody wanted to the end; a failed one is infinitely late
    why: tuple[str, ...] = ()  # what failed

    @property
    def goodput(self) -> float:
        """Pictures per second that somebody wanted and got."""
        return sum(latency < float("inf") for latency in self.latencies_s) / self.seconds

    @property
    def jobs_per_s(self) -> float:
        """Jobs per second, those too that were given up."""
        return self.jobs / self.seconds


class Side(Protocol):
    """Whatever can be measured beside others in one run."""

    @property
    def name(self) -> str:
        """As in the tables."""

    def bear(self, load: Load) -> Loaded:
        """Carry out a load."""

    def close(self) -> None:
        """Let go of all that it holds."""


class Service(Protocol):
    """What many clients ask at once, each from a thread of its own."""

    def edit(self, job: Job, patience_s: float | None = None) -> Picture | None:
        """Carry out a job; None where the patience ended first and the job was canceled. Raises SideFailed."""
