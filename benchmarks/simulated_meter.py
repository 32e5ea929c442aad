"""What each kind of process and Redis have spent between two moments."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import psutil

from shared.storage.client import SyncRedis, connect_worker

Pids = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class RedisCount:
    """Counters of a Redis server; commands are those that arrive and those that scripts run."""

    commands: float
    scripts: float
    bytes_in: float
    bytes_out: float
    memory: float
    appended: float  # bytes of the append-only file
    keys: float

    @classmethod
    def read(cls, redis: SyncRedis) -> RedisCount:
        """Ask the server."""
        info, per_command = redis.info(), redis.info("commandstats")
        return cls(
            commands=info["total_commands_processed"],
            scripts=per_command.get("cmdstat_evalsha", {}).get("calls", 0),
            bytes_in=info["total_net_input_bytes"],
            bytes_out=info["total_net_output_bytes"],
            memory=info["used_memory_dataset"],  # without the buffers of connections
            appended=info.get("aof_current_size", 0),
            keys=redis.dbsize(),
        )

    def since(self, before: RedisCount, share: float = 1.0) -> RedisCount:
        """What is more than `before`, or than a share of it."""
        return RedisCount(*(getattr(self, each.name) - share * getattr(before, each.name) for each in fields(self)))


@dataclass(frozen=True)
class Spent:
    """What a stretch of time took: seconds on the clock, processor seconds by kind of process, Redis' counters."""

    wall_s: float
    cpu_s: Mapping[str, float]
    redis: RedisCount

    def without(self, idle: Spent) -> Spent:
        """This, less what the processes spend in so much time when nothing is asked of them."""
        share = self.wall_s / idle.wall_s
        cpu = {kind: used - share * idle.cpu_s.get(kind, 0.0) for kind, used in self.cpu_s.items()}
        counts = [
            getattr(self.redis, each.name) - share * getattr(idle.redis, each.name) for each in fields(RedisCount)
        ]
        return Spent(self.wall_s, cpu, RedisCount(*counts))


class Meter:
    """Reads the processes of a stack, its Redis, and this process, which is the client; a context manager."""

    def __init__(self, redis_url: str, pids: Pids) -> None:
        self._redis = connect_worker(redis_url)
        self._processes = {
            kind: [psutil.Process(pid) for pid in each] for kind, each in {**pids, "client": [os.getpid()]}.items()
        }
        self.start()

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self._redis.close()

    def start(self) -> None:
        """Begin a stretch."""
        self._before = self._now()

    def spent(self) -> Spent:
        """What was spent since the stretch began."""
        (at, cpu, counted), (at_first, cpu_first, counted_first) = self._now(), self._before
        used = {kind: cpu[kind] - cpu_first[kind] for kind in cpu}
        return Spent(at - at_first, used, counted.since(counted_first))

    def _now(self) -> tuple[float, dict[str, float], RedisCount]:
        cpu = {kind: sum(map(_cpu_s, processes)) for kind, processes in self._processes.items()}
        return time.time(), cpu, RedisCount.read(self._redis)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
