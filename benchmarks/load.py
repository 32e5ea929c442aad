"""Putting load on a service: closed loop (clients with one job at a time each) or open (jobs come when they come)."""

from __future__ import annotations

import math
import statistics
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from random import Random

from benchmarks.jobs import Job, Picture
from benchmarks.sides import Load, Loaded, Service, SideFailed

MOST_AT_ONCE = 128  # clients of an open loop


def put_on(service: Service, load: Load) -> Loaded:
    """Have a service carry out a load."""
    crowd = Crowd(service)
    started = time.perf_counter()
    if load.times is None:
        _closed(crowd, load.jobs, load.clients)
    else:
        _open(crowd, load.jobs, [started + at for at in load.times])
    return Loaded(time.perf_counter() - started, len(load.jobs), tuple(crowd.latencies_s), tuple(crowd.why))


def poisson_times(rate: float, count: int, seed: int) -> list[float]:
    """Times at which jobs come that know nothing of each other, `rate` a second."""
    rng, at, times = Random(seed), 0.0, []
    for _ in range(count):
        at += rng.expovariate(rate)
        times.append(at)
    return times


def percentile(latencies_s: Sequence[float], share: float) -> float:
    """The latency that this share of the jobs keeps to (nearest rank)."""
    return sorted(latencies_s)[max(0, math.ceil(share * len(latencies_s)) - 1)]


def _closed(crowd: Crowd, jobs: Sequence[Job], clients: int) -> None:
    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(lambda job: crowd.want(job, time.perf_counter()), jobs))


def _open(crowd: Crowd, jobs: Sequence[Job], times: Sequence[float]) -> None:
    with ThreadPoolExecutor(MOST_AT_ONCE) as threads:
        for job, at in zip(jobs, times, strict=True):
            time.sleep(max(0.0, at - time.perf_counter()))
            threads.submit(crowd.want, job, at)


@dataclass
class Crowd:
    """The clients of one service during one load; safe for threads."""

    service: Service
    newest: Picture | None = None  # the picture that was finished last
    latencies_s: list[float] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def want(self, job: Job, intended: float) -> None:
        """Carry out one job that was to be sent at a time on the clock of `time.perf_counter`."""
        try:
            picture = self.service.edit(self._as_meant(job), self._patience_s() if job.given_up else None)
        except SideFailed as error:
            self._note(None, math.inf, str(error))
        else:
            if not job.given_up:
                self._note(picture, time.perf_counter() - intended)

    def _as_meant(self, job: Job) -> Job:
        newest = self.newest
        return replace(job, picture=newest) if job.of_newest and newest is not None else job

    def _patience_s(self) -> float:
        """Half of what an edit takes here."""
        with self.lock:
            done = [latency for latency in self.latencies_s if math.isfinite(latency)]
        return statistics.median(done) / 2 if done else 0.1

    def _note(self, picture: Picture | None, latency_s: float, why: str = "") -> None:
        with self.lock:
            self.newest = picture or self.newest
            self.latencies_s.append(latency_s)
            if why:
                self.why.append(why)
