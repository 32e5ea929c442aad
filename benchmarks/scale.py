"""`make bench-scale`: from 1 to 64 editing workers on one Redis, 1 to 4 gateways, 1 to 200 turns, without a GPU.

Workers are real processes in which the model sleeps a step's time instead of computing; gateways and Redis are real;
the dialogue service is a stand-in that repeats what was said. Throughput is told against linear, and every cost for
one edit, so that the knee of other hardware can be derived where this machine is too small to reach it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.outcome import keep, machine
from benchmarks.scale_fleet import AcceptCost, accept_costs
from benchmarks.scale_levels import Level, Measured, Window, measure
from benchmarks.scale_report import table
from benchmarks.scale_turns import TurnCost, turn_costs
from benchmarks.simulated_meter import Spent
from benchmarks.simulated_model import Pace
from benchmarks.simulated_stack import SimulatedStack

QUICK = Pace(step_s=0.001, steps=2, decode_s=0.0, side=128)  # where the way between is measured, not the edit
TURN_IDLE_S = 5.0


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    pace: Pace
    slots: int
    levels: Sequence[Level]
    window: Window
    turns: int
    stride: int  # turns that make one row of the table
    fleets: Sequence[int]
    accepts: int  # edits asked for with each fleet


@dataclass(frozen=True)
class Found:
    """What came out; `idle` goes with `levels`."""

    levels: Sequence[Measured]
    idle: Sequence[Spent]
    turns: Sequence[TurnCost]
    accepts: Sequence[AcceptCost]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--gateways", type=int, nargs="*", default=[2, 4], help="tried with the most workers")
    parser.add_argument("--step-s", type=float, default=0.2, help="time of a denoising step")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--slots", type=int, default=1, help="edits that a worker runs at once")
    parser.add_argument("--window-s", type=float, default=16.0)
    parser.add_argument("--turns", type=int, default=200, help="0: levels only")
    parser.add_argument("--output", type=Path, default=Path("var/bench/scale.json"))
    arguments = parser.parse_args()
    found = run(_plan(arguments))
    keep(arguments.output, {"machine": machine(), **asdict(found)})
    print(table(found.levels, found.idle, found.turns, found.accepts))


def run(plan: Plan) -> Found:
    """Measure levels on one stack, then turns and fleets on another whose edits take no time."""
    with _stack(plan.pace, plan.slots) as stack:
        measured = [measure(stack, level, plan.pace, plan.slots, plan.window) for level in plan.levels]
    if not plan.turns:
        return Found([level for level, _ in measured], [idle for _, idle in measured], [], [])
    with _stack(QUICK, plan.slots) as stack:
        turns = turn_costs(stack, plan.turns, plan.stride, min(TURN_IDLE_S, plan.window.idle_s), QUICK.side)
        accepts = accept_costs(stack, plan.fleets, plan.accepts, QUICK.side)
    return Found([level for level, _ in measured], [idle for _, idle in measured], turns, accepts)


@contextmanager
def _stack(pace: Pace, slots: int) -> Iterator[SimulatedStack]:
    with (
        tempfile.TemporaryDirectory(prefix="dialogpaint-scale-") as state,
        SimulatedStack(Path(state), pace, slots) as it,
    ):
        yield it


def _plan(arguments: argparse.Namespace) -> Plan:
    most = max(arguments.workers)
    levels = [Level(workers) for workers in arguments.workers]
    levels += [Level(most, gateways) for gateways in arguments.gateways]
    return Plan(
        pace=Pace(step_s=arguments.step_s, steps=arguments.steps),
        slots=arguments.slots,
        levels=levels,
        window=Window(idle_s=3.0, busy_s=arguments.window_s),
        turns=arguments.turns,
        stride=max(1, arguments.turns // 10),
        fleets=[1, 64, 250, 1000],
        accepts=40,
    )


if __name__ == "__main__":
    main()
