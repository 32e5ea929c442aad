"""What accepting one edit costs by how many workers there are, up to far more than this machine can run.

A worker that only tells that it lives is a record of some hundred bytes in Redis: a thousand of them cost nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx

from benchmarks.simulated_load import INSTRUCTION, png
from benchmarks.simulated_meter import Meter
from benchmarks.simulated_stack import SimulatedStack
from benchmarks.simulated_workers import settings_of
from services.local.api import Api
from shared.schemas.operations import EditingModel, Worker
from shared.storage.claims import open_claims

HEARTBEAT_S = 60.0  # how long a record lives is a multiple of this
WARM_UP = 3


@dataclass(frozen=True)
class AcceptCost:
    """One `POST /v1/edits` that does not wait, with so many workers on record."""

    workers: int
    answer_s: float  # median
    gateway_cpu_ms: float
    redis_bytes_out: float


def accept_costs(stack: SimulatedStack, fleets: Sequence[int], edits: int, side: int) -> list[AcceptCost]:
    """Ask for edits one after the other, with fleets of rising size on record."""
    claims = open_claims(settings_of(stack.env))
    claims = replace(claims, limits=replace(claims.limits, heartbeat_s=HEARTBEAT_S))
    costs, known = [], 0
    with (
        closing(claims),
        Meter(stack.redis_url, stack.pids()) as meter,
        (api := Api(stack.url)).http as client,
    ):
        body = {"image_id": api.upload(png(side)), "instruction": INSTRUCTION}
        model = EditingModel.model_validate(client.get("/v1/models").raise_for_status().json()["editing"])
        for fleet in fleets:
            for number in range(known, fleet):
                claims.heartbeat(_on_record(number, model))
            known = fleet
            costs.append(_cost(meter, client, body, fleet, edits))
    return costs


def _on_record(number: int, model: EditingModel) -> Worker:
    """A worker that is there by its word alone."""
    seen_at = datetime.now(UTC)
    return Worker(id=f"on-record-{number}", slots=1, busy=1, warm=True, seen_at=seen_at, model=model)


def _cost(meter: Meter, client: httpx.Client, body: dict[str, str], fleet: int, edits: int) -> AcceptCost:
    for _ in range(WARM_UP):
        _accept(client, body)
    meter.start()
    seconds = [_accept(client, body) for _ in range(edits)]
    spent = meter.spent()
    return AcceptCost(
        workers=fleet,
        answer_s=statistics.median(seconds),
        gateway_cpu_ms=1000 * spent.cpu_s["gateway"] / edits,
        redis_bytes_out=spent.redis.bytes_out / edits,
    )


def _accept(client: httpx.Client, body: dict[str, str]) -> float:
    started = time.perf_counter()
    client.post("/v1/edits", json=body).raise_for_status()
    return time.perf_counter() - started
