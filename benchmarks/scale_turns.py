"""What one more turn costs in a conversation of so many turns already."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from benchmarks.simulated_load import png
from benchmarks.simulated_meter import Meter, Spent
from benchmarks.simulated_stack import SimulatedStack
from services.local.api import Api

WAIT_S = 30
WARM_UP = 5  # turns of another conversation, so that the first ones do not pay for what is done once


@dataclass(frozen=True)
class TurnCost:
    """The turns from one number to another: medians and means of one turn."""

    first: int
    last: int
    turn_s: float  # median; until the turn's picture is there
    gateway_cpu_ms: float
    redis_cpu_ms: float
    commands: float
    bytes_in: float
    bytes_out: float


def turn_costs(stack: SimulatedStack, turns: int, stride: int, idle_s: float, side: int) -> list[TurnCost]:
    """Hold a conversation; every turn is an edit on the picture of the turn before. One entry for each stride."""
    with (
        Meter(stack.redis_url, stack.pids()) as meter,
        (api := Api(stack.url)).http,
    ):
        time.sleep(idle_s)
        idle = meter.spent()
        warm_up = _converse(api, side)
        for number in range(1, WARM_UP + 1):
            _take(api, warm_up, number)
        talk = _converse(api, side)
        stretches = [range(first, first + stride) for first in range(1, turns + 1, stride)]
        return [_stretch(api, talk, meter, idle, numbers) for numbers in stretches]


def _converse(api: Api, side: int) -> str:
    """Begin a conversation; gives its id."""
    return str(api.converse(api.upload(png(side)), caption="a red house in a meadow")["id"])


def _stretch(api: Api, talk: str, meter: Meter, idle: Spent, numbers: range) -> TurnCost:
    meter.start()
    seconds = [_take(api, talk, number) for number in numbers]
    spent, count = meter.spent().without(idle), len(numbers)
    return TurnCost(
        first=numbers[0],
        last=numbers[-1],
        turn_s=statistics.median(seconds),
        gateway_cpu_ms=1000 * spent.cpu_s["gateway"] / count,
        redis_cpu_ms=1000 * spent.cpu_s["redis"] / count,
        commands=spent.redis.commands / count,
        bytes_in=spent.redis.bytes_in / count,
        bytes_out=spent.redis.bytes_out / count,
    )


def _take(api: Api, talk: str, number: int) -> float:
    """Say something and wait for the picture."""
    started = time.perf_counter()
    turn = api.say(talk, f"paint the house in colour number {number}", wait_s=WAIT_S)
    if turn["number"] != number or turn["edit"]["status"] != "succeeded":
        raise RuntimeError(f"turn {number} did not end with a picture: {turn}")
    return time.perf_counter() - started
