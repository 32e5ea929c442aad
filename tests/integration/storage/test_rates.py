"""Rate limits."""

import pytest

from tests.storage_world import World


async def test_a_burst_of_one_window_passes_and_no_more(world: World) -> None:
    decisions = [await world.stores.rates.take(world.tenant, 5) for _ in range(7)]
    assert [decision.allowed for decision in decisions] == [True] * 5 + [False] * 2
    assert [decision.remaining for decision in decisions[:5]] == [4, 3, 2, 1, 0]
    assert decisions[-1].retry_after_s == pytest.approx(12, abs=1)


async def test_tenants_do_not_share_a_limit(world: World) -> None:
    for _ in range(3):
        await world.stores.rates.take("a", 3)
    assert not (await world.stores.rates.take("a", 3)).allowed
    assert (await world.stores.rates.take("b", 3)).allowed
