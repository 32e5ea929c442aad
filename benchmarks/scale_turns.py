"""What one more turn costs in a conversation of so many turns already."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import httpx

from benchmarks.simulated_load import png
from benchmarks.simulated_meter import Meter, Spent
from benchmarks.simulated_stack import SimulatedStack

AT_ONCE = {"Prefer": "wait=30"}
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
        httpx.Client(base_url=stack.url, timeout=60, trust_env=False) as client,
    ):
        time.sleep(idle_s)
        idle = meter.spent()
        warm_up = _converse(client, side)
        for number in range(1, WARM_UP + 1):
            _take(client, warm_up, number)
        path = _converse(client, side)
        stretches = [range(first, first + stride) for first in range(1, turns + 1, stride)]
        return [_stretch(client, path, meter, idle, numbers) for numbers in stretches]


def _converse(client: httpx.Client, side: int) -> str:
    """Begin a conversation; gives the path of its turns."""
    image = client.post("/v1/images", content=png(side), headers={"Content-Type": "image/png"}).raise_for_status()
    body = {"image_id": image.json()["id"], "caption": "a red house in a meadow"}
    return f"/v1/conversations/{client.post('/v1/conversations', json=body).raise_for_status().json()['id']}/turns"


def _stretch(client: httpx.Client, path: str, meter: Meter, idle: Spent, numbers: range) -> TurnCost:
    meter.start()
    seconds = [_take(client, path, number) for number in numbers]
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


def _take(client: httpx.Client, path: str, number: int) -> float:
    """Say something and wait for the picture."""
    started = time.perf_counter()
    body = {"text": f"paint the house in colour number {number}"}
    turn = client.post(path, json=body, headers=AT_ONCE).raise_for_status().json()
    if turn["number"] != number or turn["edit"]["status"] != "succeeded":
        raise RuntimeError(f"turn {number} did not end with a picture: {turn}")
    return time.perf_counter() - started
