"""Keys that come and go while the gateway runs, and Redis with them."""

from datetime import UTC, datetime

import pytest

from gateway import live_keys
from gateway.auth import hash_key, read_keys
from gateway.live_keys import LiveKeys
from shared.errors import StorageUnavailable, Unauthorized
from shared.settings import WithoutKeys
from shared.storage.api_keys import KeptKey, KeptTenant, TenantLimits
from tests.unit.gateway.test_edit_queue import run_until

FIXED, OLD, NEW = "ann.fixed-secret", "ben.old-secret", "ben.new-secret"


class FakeKeeper:
    """What Redis would say; `error` is raised instead while it is set."""

    def __init__(self) -> None:
        self.tenants: dict[str, KeptTenant] = {}
        self.error: Exception | None = None
        self.calls = 0

    async def all(self) -> dict[str, KeptTenant]:
        self.calls += 1
        if self.error:
            raise self.error
        return dict(self.tenants)

    def keep(self, *keys: str, **limits: int) -> None:
        """Keep these keys of one tenant, and no others of it."""
        name = keys[0].partition(".")[0]
        made_at = datetime(2026, 3, 1, tzinfo=UTC)
        kept = tuple(KeptKey(sha256=hash_key(key), created_at=made_at) for key in keys)
        self.tenants[name] = KeptTenant(keys=kept, limits=TenantLimits(**limits))


@pytest.fixture
def keeper() -> FakeKeeper:
    return FakeKeeper()


def live(keeper: FakeKeeper, fixed: str | None = FIXED, without_keys: WithoutKeys = "loopback") -> LiveKeys:
    entry = f"{fixed.partition('.')[0]}:{hash_key(fixed)}" if fixed else ""
    return LiveKeys(read_keys(entry, without_keys), keeper)


def caller(keys: LiveKeys, key: str | None, host: str = "192.0.2.7") -> str:
    return keys.tenant(f"Bearer {key}" if key else None, host)


async def test_kept_keys_are_good_beside_those_of_the_setting(keeper: FakeKeeper) -> None:
    keeper.keep(OLD, NEW)
    keys = live(keeper)
    assert await keys.look()
    assert [caller(keys, key) for key in (FIXED, OLD, NEW)] == ["ann", "ben", "ben"]
    with pytest.raises(Unauthorized):
        caller(keys, "ben.other-secret")


async def test_a_tenant_may_have_keys_of_both_kinds(keeper: FakeKeeper) -> None:
    keeper.keep("ann.kept-secret")
    keys = live(keeper)
    await keys.look()
    assert [caller(keys, key) for key in (FIXED, "ann.kept-secret")] == ["ann", "ann"]


async def test_a_key_that_was_revoked_is_refused_at_the_next_look(keeper: FakeKeeper) -> None:
    keeper.keep(OLD, NEW)
    keys = live(keeper)
    await keys.look()
    keeper.keep(NEW)
    await keys.look()
    assert caller(keys, NEW) == "ben"
    with pytest.raises(Unauthorized):
        caller(keys, OLD)


@pytest.mark.parametrize("error", [StorageUnavailable(), ValueError("not what is kept there")])
async def test_what_was_known_stays_good_while_redis_is_away(keeper: FakeKeeper, error: Exception) -> None:
    keeper.keep(OLD)
    keys = live(keeper)
    await keys.look()
    keeper.error = error
    assert not await keys.look()
    assert caller(keys, OLD) == "ben"
    with pytest.raises(Unauthorized):
        caller(keys, NEW)


async def test_until_redis_was_heard_a_key_that_only_it_could_know_is_not_called_wrong(keeper: FakeKeeper) -> None:
    keeper.error = StorageUnavailable()
    keys = live(keeper)
    await keys.look()
    assert caller(keys, FIXED) == "ann"
    with pytest.raises(StorageUnavailable):
        caller(keys, OLD)
    with pytest.raises(Unauthorized):
        caller(keys, None)


@pytest.mark.parametrize("without_keys", ["loopback", "anyone", "nobody"])
async def test_until_redis_was_heard_nobody_gets_in_for_want_of_keys(
    keeper: FakeKeeper, without_keys: WithoutKeys
) -> None:
    with pytest.raises(StorageUnavailable):
        caller(live(keeper, None, without_keys), None, "127.0.0.1")


async def test_the_first_kept_key_closes_the_door_and_the_last_opens_it_to_this_machine(keeper: FakeKeeper) -> None:
    keys = live(keeper, fixed=None)
    await keys.look()
    assert caller(keys, None, "127.0.0.1") == "local"
    keeper.keep(OLD)
    await keys.look()
    with pytest.raises(Unauthorized):
        caller(keys, None, "127.0.0.1")
    keeper.tenants.clear()
    await keys.look()
    assert caller(keys, None, "127.0.0.1") == "local"
    with pytest.raises(Unauthorized):
        caller(keys, None)


@pytest.mark.parametrize(("without_keys", "host"), [("nobody", "127.0.0.1"), ("loopback", "192.0.2.7")])
async def test_without_any_key_the_setting_says_who_is_refused(
    keeper: FakeKeeper, without_keys: WithoutKeys, host: str
) -> None:
    keys = live(keeper, None, without_keys)
    await keys.look()
    with pytest.raises(Unauthorized):
        caller(keys, None, host)
    with pytest.raises(Unauthorized):
        caller(keys, OLD, host)


async def test_limits_are_those_of_the_tenants_keys(keeper: FakeKeeper) -> None:
    keeper.keep(OLD, rate_per_minute=6)
    keys = live(keeper)
    assert keys.limits("ben").rate_per_minute is None
    await keys.look()
    assert keys.limits("ben").rate_per_minute == 6
    assert keys.limits("ann").rate_per_minute is None


async def test_it_looks_again_by_itself_and_outlives_redis_being_away(
    keeper: FakeKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_keys, "PAUSE_S", 0.001)
    monkeypatch.setattr(live_keys, "RETRY_S", 0.001)
    keeper.error = StorageUnavailable()
    keeper.keep(OLD)
    keys = live(keeper)

    def heard() -> bool:
        if keeper.calls >= 3:
            keeper.error = None
        return _knows(keys, OLD)

    await run_until(heard, keys.run())
    assert keeper.calls > 3


def _knows(keys: LiveKeys, key: str) -> bool:
    try:
        return bool(caller(keys, key))
    except (StorageUnavailable, Unauthorized):
        return False
