"""A tiny round of every scale measurement, so that it runs when somebody wants it."""

from collections.abc import Iterator

import pytest

from benchmarks.scale_fleet import accept_costs
from benchmarks.scale_levels import Level, Window, measure
from benchmarks.scale_report import table
from benchmarks.scale_turns import turn_costs
from benchmarks.simulated_model import Pace
from benchmarks.simulated_stack import SimulatedStack

PACE = Pace(step_s=0.02, steps=3, decode_s=0.0, side=64)
WINDOW = Window(idle_s=0.2, busy_s=0.6)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedStack]:
    """One worker, one gateway, and room for more."""
    with SimulatedStack(tmp_path_factory.mktemp("scale"), PACE) as started:
        yield started


@pytest.mark.slow
def test_a_tiny_round_of_the_scale_benchmark(stack: SimulatedStack) -> None:
    measured = [measure(stack, level, PACE, 1, WINDOW) for level in (Level(1), Level(2, gateways=2))]
    turns = turn_costs(stack, turns=4, stride=2, idle_s=0.2, side=PACE.side)
    accepts = accept_costs(stack, [2, 5], edits=2, side=PACE.side)

    levels, idle = [level for level, _ in measured], [spent for _, spent in measured]
    assert all(level.edits_per_s > 0 and level.scripts_per_edit > 0 for level in levels)
    assert [(cost.first, cost.last) for cost in turns] == [(1, 2), (3, 4)]
    assert all(cost.redis_bytes_out > 0 for cost in accepts)  # of two edits; what else Redis does drowns the difference
    assert "| 2 | 2 |" in table(levels, idle, turns, accepts)


@pytest.mark.slow
def test_simulated_workers_leave_when_asked(stack: SimulatedStack) -> None:
    stack.grow(workers=2, gateways=1)
    stack.workers.stop()
    assert stack.workers.pids == []
