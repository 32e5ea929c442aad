"""The quick part of the fault matrix: the most telling faults, on one stack; `make faults` runs all of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.faults.matrix import Plan
from tests.faults.process_faults import kill_gateway
from tests.faults.session import Session
from tests.faults.table import FAULTS

PLAN = Plan(load_s=5.0, rate=3.0)
QUICK = (
    FAULTS["F22"],
    FAULTS["F23"],
    FAULTS["F2"],
    replace(FAULTS["F9"], do=partial(kill_gateway, points=("after-accept",))),
    FAULTS["F10"],
)


@pytest.mark.slow
@pytest.mark.timeout(280)
async def test_what_is_promised_holds_through_the_most_telling_faults(tmp_path: Path) -> None:
    async with Session(tmp_path / "stack", seed=11) as session:
        for fault in QUICK:
            outcome = await session.run(fault.number, fault, PLAN)
            assert outcome.violations == [], fault.name
            assert outcome.accepted > 0, fault.name
