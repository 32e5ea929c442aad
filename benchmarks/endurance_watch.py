"""Looks at processes and Redis again and again while they work."""

from __future__ import annotations

import re
import statistics
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil

from shared.storage.client import SyncRedis

MEBI = 2**20
IDS = re.compile(r"(edit|conv|img|turn)_[\w-]+|[0-9a-f]{64}")


@dataclass(frozen=True)
class Look:
    """One look: edits so far, and by kind of process its memory (MiB) and open descriptors; Redis' keys and memory."""

    edits: int
    memory_mib: Mapping[str, float]
    descriptors: Mapping[str, int]
    redis_keys: int
    redis_mib: float


class Watch:
    """Takes looks in a thread of its own."""

    def __init__(self, pids: Mapping[str, int], redis: SyncRedis, edits: Callable[[], int], pause_s: float) -> None:
        self._processes = {kind: psutil.Process(pid) for kind, pid in pids.items()}
        self._redis, self._edits, self._pause_s = redis, edits, pause_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self.looks: list[Look] = []

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> Look:
        """Look once."""
        return Look(
            edits=self._edits(),
            memory_mib={kind: process.memory_info().rss / MEBI for kind, process in self._processes.items()},
            descriptors={kind: process.num_fds() for kind, process in self._processes.items()},
            redis_keys=self._redis.dbsize(),
            redis_mib=self._redis.info("memory")["used_memory"] / MEBI,
        )

    def _look_on(self) -> None:
        while not self._over.wait(self._pause_s):
            self.looks.append(self.look())


@dataclass(frozen=True)
class Course:
    """How a measure went after warm-up: medians of its first and last third, and its least and most."""

    first: float
    last: float
    least: float
    most: float

    @property
    def growth(self) -> float:
        """By which part the last third lies above the first."""
        return self.last / self.first - 1


def course(values: Sequence[float]) -> Course:
    """Summarise what was seen after warm-up."""
    third = max(1, len(values) // 3)
    first, last = statistics.median(values[:third]), statistics.median(values[-third:])
    return Course(first, last, min(values), max(values))


def kinds_of_keys(redis: SyncRedis) -> Counter[str]:
    """How many keys there are of each kind, ids left out."""
    return Counter(IDS.sub("…", key) for key in redis.scan_iter(count=1000))
