"""The formula, and the rows it is worth computing."""

from __future__ import annotations

import pytest
import torch

from editing_service.guidance import Condition, GuidanceRows, GuidanceScales, RowPlan, combine

CPU = torch.device("cpu")
UNLIKE = [
    GuidanceScales(text=7.5, image=1.5),
    GuidanceScales(text=1.5, image=1.0),
    GuidanceScales(text=2.0, image=2.0),
    GuidanceScales(text=1.0, image=1.0),
    GuidanceScales(text=3.0, image=0.5),
    GuidanceScales(text=0.5, image=1.2),
]


def test_the_formula_goes_from_nothing_to_the_picture_to_the_edit() -> None:
    rows = GuidanceRows(both=torch.tensor(5.0), image=torch.tensor(3.0), neither=torch.tensor(2.0))
    assert combine(rows, GuidanceScales(text=7.5, image=1.5)).item() == pytest.approx(2.0 + 1.5 * 1.0 + 7.5 * 2.0)


@pytest.mark.parametrize(
    ("scales", "needed"),
    [
        (GuidanceScales(7.5, 1.5), {Condition.BOTH, Condition.IMAGE, Condition.NEITHER}),
        (GuidanceScales(1.5, 1.0), {Condition.BOTH, Condition.IMAGE}),
        (GuidanceScales(2.0, 2.0), {Condition.BOTH, Condition.NEITHER}),
        (GuidanceScales(1.0, 1.0), {Condition.BOTH}),
        (GuidanceScales(0.0, 1.0), {Condition.IMAGE}),
    ],
)
def test_only_rows_with_a_weight_are_computed(scales: GuidanceScales, needed: set[Condition]) -> None:
    assert set(scales.weights()) == needed


def test_a_plan_of_unlike_edits_gives_the_formula_for_each() -> None:
    plan = RowPlan.of([scales.weights() for scales in UNLIKE], CPU)
    everything = torch.randn(len(UNLIKE), len(Condition), 4, 2, 2, generator=torch.Generator().manual_seed(1))
    rows = everything[list(plan.owners), list(plan.conditions)]
    for combined, scales, (both, image, neither) in zip(plan.combine(rows), UNLIKE, everything, strict=True):
        torch.testing.assert_close(combined, combine(GuidanceRows(both, image, neither), scales))


def test_numbers_that_are_none_stay_with_their_own_edit() -> None:
    plan = RowPlan.of([GuidanceScales(1.0, 1.0).weights(), GuidanceScales(1.5, 1.0).weights()], CPU)
    rows = torch.ones(len(plan.owners), 4, 2, 2)
    rows[0] = torch.nan
    combined = plan.combine(rows)
    assert combined[0].isnan().all()
    assert combined[1].isfinite().all()
