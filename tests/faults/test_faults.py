"""The quick part of the fault matrix: the most telling faults, on one stack; `make faults` runs all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faults.session import Plan, Session
from tests.faults.table import FAULTS

QUICK = ("F22", "F23", "F2", "F9", "F10")
PLAN = Plan(load_s=5.0, rate=3.0)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]


@pytest.fixture
async def session(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Session]:
    """A stack under load."""
    async with Session(tmp_path_factory.mktemp("faults"), seed=11) as session:
        yield session


async def test_nothing_promised_is_broken_by_the_most_telling_faults(session: Session) -> None:
    for number in QUICK:
        outcome = await session.run(number, FAULTS[number], PLAN)
        assert outcome.violations == [], number
        assert outcome.accepted > 0
