"""Throughput and its cost with so many workers and gateways, and what the fleet costs while nothing is asked."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.simulated_load import Clients, Done
from benchmarks.simulated_meter import Meter, Spent
from benchmarks.simulated_model import Pace
from benchmarks.simulated_stack import SimulatedStack

CLIENTS_A_SLOT = 2  # one edit runs and one waits, so that no slot is ever free for want of work


@dataclass(frozen=True)
class Level:
    """How many of each there are."""

    workers: int
    gateways: int = 1


@dataclass(frozen=True)
class Measured:
    """What one level gave in its window."""

    workers: int
    gateways: int
    edits_per_s: float
    answered_after_s: float  # median, from the written record to the client's knowing
    cpu_ms_per_edit: Mapping[str, float]
    commands_per_edit: float  # those that arrive and those that scripts run
    scripts_per_edit: float
    bytes_in_per_edit: float
    bytes_out_per_edit: float
    memory_per_edit: float
    appended_per_edit: float
    cores_busy: float  # of this machine, by all processes of the stack and the client


@dataclass(frozen=True)
class Window:
    """How long each level is watched, in seconds."""

    idle_s: float
    busy_s: float


def measure(stack: SimulatedStack, level: Level, pace: Pace, slots: int, window: Window) -> tuple[Measured, Spent]:
    """Bring the stack to a level, watch it idle, then busy; the costs per edit are without the idle ones."""
    stack.grow(level.workers, level.gateways)
    clients = CLIENTS_A_SLOT * level.workers * slots
    with Meter(stack.redis_url, stack.pids()) as meter:
        time.sleep(window.idle_s)
        idle = meter.spent()
        done, busy, begin = asyncio.run(_keep_busy(stack.urls, clients, pace, meter, window.busy_s))
    end = begin + busy.wall_s
    return _measured(level, sum(each.share_within(begin, end) for each in done), done, busy, idle), idle


async def _keep_busy(
    urls: Sequence[str], clients: int, pace: Pace, meter: Meter, window_s: float
) -> tuple[list[Done], Spent, float]:
    """Let clients work, and meter a window once all slots are taken; edits begun in it are awaited."""
    async with Clients(urls, clients, pace.side, spread_s=pace.edit_s) as load:
        await load.pause(1.5 * pace.edit_s)
        begin = time.time()
        meter.start()
        await load.pause(window_s)
        spent = meter.spent()
        await load.finish()
    return load.done, spent, begin


def _measured(level: Level, edits: float, done: Sequence[Done], busy: Spent, idle: Spent) -> Measured:
    extra = busy.without(idle)
    return Measured(
        workers=level.workers,
        gateways=level.gateways,
        edits_per_s=edits / busy.wall_s,
        answered_after_s=statistics.median(each.known_at - each.finished_at for each in done),
        cpu_ms_per_edit={kind: 1000 * used / edits for kind, used in extra.cpu_s.items()},
        commands_per_edit=extra.redis.commands / edits,
        scripts_per_edit=extra.redis.scripts / edits,
        bytes_in_per_edit=extra.redis.bytes_in / edits,
        bytes_out_per_edit=extra.redis.bytes_out / edits,
        memory_per_edit=busy.redis.memory / edits,
        appended_per_edit=extra.redis.appended / edits,
        cores_busy=sum(busy.cpu_s.values()) / busy.wall_s,
    )
