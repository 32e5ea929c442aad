"""What `make bench-gpu` measures is measured here on a tiny model and a CPU, so that it runs where there is a GPU."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from benchmarks.endurance_model import save_tiny_model
from benchmarks.gpu import BESIDE, DIFFUSERS, GRAPHS, PLAIN, ROWS, Plan, measure, table

TINY = Plan(rounds=1, tries=1, idle_edits=1, edits=4, clients=2, slots=2)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_figure_of_the_table_is_measured(tmp_path: Path) -> None:
    found = measure(save_tiny_model(tmp_path / "model"), TINY, dtype="float32", device="cpu")
    assert set(found.per_s) == set(found.idle_s) == {DIFFUSERS, PLAIN, BESIDE, GRAPHS}
    assert all(rate > 0 for rates in found.per_s.values() for rate in rates)
    assert {tuple(steps) for steps in found.step_s.values()} == {ROWS}
    assert all(math.isinf(alike) or alike >= 45 for alike in found.alike_db.values())
    lines = table(found).splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:6]] == [DIFFUSERS, PLAIN, BESIDE, GRAPHS]
