"""Fast edits compute guidance in some steps only, and nothing of that reaches the exact ones beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editing_service.guidance import Condition, GuidanceScales
from editing_service.model import EditingModel
from editing_service.shortcuts import Guiding, guiding, row_weights
from shared.schemas.parameters import Quality
from tests.editing_runs import furthest_level, request
from tests.unit.editing_service.conftest import StartEngine

EXACT = request("remove the tree", steps=9, text=4.0, image=1.5, seed=2, picture=2)
FAST = replace(EXACT, quality=Quality.FAST)


def test_an_exact_edit_is_guided_in_every_step() -> None:
    assert {guiding(Quality.EXACT, step, 20) for step in range(20)} == {Guiding.COMPUTED}


@pytest.mark.parametrize(("steps", "expected"), [(1, "c"), (2, "cr"), (3, "cr-"), (6, "crcr--"), (9, "crcrcr---")])
def test_a_fast_edit_is_guided_anew_every_second_step_of_the_first_two_thirds(steps: int, expected: str) -> None:
    letters = {Guiding.COMPUTED: "c", Guiding.REUSED: "r", Guiding.NONE: "-"}
    assert "".join(letters[guiding(Quality.FAST, step, steps)] for step in range(steps)) == expected


def test_steps_without_fresh_guidance_compute_one_row() -> None:
    scales = GuidanceScales(4.0, 1.5)
    assert set(row_weights(scales, Guiding.COMPUTED)) == set(Condition)
    for how in (Guiding.REUSED, Guiding.NONE):
        assert row_weights(scales, how) == {Condition.BOTH: 1.0}


def test_a_fast_edit_computes_fewer_rows_and_another_picture(model: EditingModel, start_engine: StartEngine) -> None:
    exact, fast = (start_engine(model).submit(each).result(30) for each in (EXACT, FAST))
    assert (exact.rows, fast.rows) == (9 * 3, 3 * 3 + 6)
    assert furthest_level(exact, fast) > 0


def test_where_guidance_adds_nothing_fast_is_exact(model: EditingModel, start_engine: StartEngine) -> None:
    unguided = replace(EXACT, scales=GuidanceScales(1.0, 1.0))
    exact, fast = (
        start_engine(model).submit(each).result(30) for each in (unguided, replace(unguided, quality=Quality.FAST))
    )
    assert exact.rows == fast.rows
    assert furthest_level(exact, fast) == 0


@pytest.mark.parametrize("which", ["model", "ancestral_model"])
def test_fast_and_exact_edits_side_by_side_come_out_as_alone(
    which: str, request: pytest.FixtureRequest, start_engine: StartEngine
) -> None:
    chosen = request.getfixturevalue(which)
    requests = [EXACT, FAST, replace(FAST, steps=4, seed=5), replace(EXACT, steps=6, seed=6)]
    alone = [start_engine(chosen).submit(each).result(30) for each in requests]
    engine = start_engine(chosen)
    together = [handle.result(30) for handle in [engine.submit(each) for each in requests]]
    assert [each.rows for each in together] == [each.rows for each in alone]
    for one, other in zip(together, alone, strict=True):
        assert furthest_level(one, other) <= 1


def test_every_instruction_of_a_fast_edit_begins_with_fresh_guidance(
    model: EditingModel, start_engine: StartEngine
) -> None:
    twice = replace(FAST, instructions=("remove the tree", "make it night"))
    assert start_engine(model).submit(twice).result(30).rows == 2 * (3 * 3 + 6)
