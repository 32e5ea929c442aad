"""All workloads of edits in one run, in the order in which one explains the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.arena import Arena, arena
from benchmarks.edits import Size, arrivals, equal, features, idle, mixed
from benchmarks.network import compare_pictures, fit_rows
from benchmarks.outcome import Outcome

SIDES: dict[str, tuple[str, ...]] = {
    "pictures": (),
    "network": (),
    "features": (),
    "idle": ("P0", "P1", "P2t", "P3", "S0", "S1"),
    "w1": ("P0", "P0k2", "P0k4", "P0k8", "P1", "P1s", "P2", "P2t", "P3", "S0", "S1", "S1w"),
    "w2": ("P0", "P1", "P1s", "P2t", "S0", "S1", "S1w"),
    "w2_open": ("P1", "P1s", "P2t", "S0", "S1", "S1w"),
}
COMPARED_WITH = ("P0", "P1", "S1")  # which always take part


@dataclass(frozen=True)
class Plan:
    """What is to be measured, and how long."""

    model: Path
    dtype: str = "auto"
    workloads: Sequence[str] = tuple(SIDES)
    sides: Sequence[str] = ()  # beside those that all are compared with; where none is named, all
    size: Size = field(default_factory=Size)


WORKLOADS: dict[str, Callable[[Arena, Size], Outcome]] = {
    "pictures": lambda sides, size: compare_pictures(sides, size.edits // 4, size.mix),
    "network": lambda sides, size: fit_rows(sides, size.rounds),
    "features": features,
    "idle": idle,
    "w1": equal,
    "w2": mixed,
    "w2_open": arrivals,
}


def run(plan: Plan, scratch: Path, tell: Callable[[Outcome, str], None]) -> None:
    """Measure workload after workload, and tell each outcome, with our number type, as soon as it is there."""
    wanted = {side for workload in plan.workloads for side in SIDES[workload]}
    chosen = wanted & {*COMPARED_WITH, *plan.sides} if plan.sides else wanted
    with arena(plan.model, plan.dtype, scratch, sorted(chosen)) as sides:
        for workload in plan.workloads:
            tell(WORKLOADS[workload](sides, plan.size), sides.dtype)
