"""Redis away, full or restarted: a clear error, and everything heals."""

import time
from collections.abc import AsyncIterator

import pytest

from shared.broker import make_celery, send_edit
from shared.errors import StorageUnavailable
from shared.settings import Settings
from shared.storage.claims import open_claims
from shared.storage.events import StreamKey
from shared.storage.stores import Stores, open_stores
from tests.storage_world import World

NOBODY = "redis://127.0.0.1:1/0"


@pytest.fixture
async def lonely(settings: Settings) -> AsyncIterator[Stores]:
    """Stores whose Redis is not there."""
    stores = open_stores(settings.model_copy(update={"redis_url": NOBODY}))
    yield stores
    await stores.close()


async def test_without_redis_the_gateways_stores_say_so_at_once(lonely: Stores) -> None:
    began = time.monotonic()
    for attempt in (
        lonely.conversations.get("local", "conv_1"),
        lonely.edits.cancel("local", "edit_1"),
        lonely.queue.take("relay-1"),
        lonely.queue.state(),
        lonely.check(),
    ):
        with pytest.raises(StorageUnavailable):
            await attempt
    reader = lonely.event_reader()
    with pytest.raises(StorageUnavailable):
        await reader.read({})
    await reader.close()
    assert time.monotonic() - began < 2


def test_without_redis_the_workers_store_and_the_broker_say_so(settings: Settings) -> None:
    away = settings.model_copy(update={"redis_url": NOBODY})
    claims = open_claims(away)
    with pytest.raises(StorageUnavailable):
        claims.claim("edit_1", "worker-1")
    claims.close()
    app = make_celery(away)
    with pytest.raises(StorageUnavailable):
        send_edit(app, "edit_1")
    app.close()


async def test_a_full_redis_accepts_nothing_by_halves_and_heals(world: World) -> None:
    new = await world.new_edit()
    await world.stores.redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(StorageUnavailable):
            await world.stores.edits.accept(world.tenant, new)
    finally:
        await world.stores.redis.config_set("maxmemory", "0")
    assert await world.stores.edits.get_many(world.tenant, [new.id]) == {}
    assert (await world.stores.edits.accept(world.tenant, new)).queue_position == 1


async def test_scripts_that_redis_has_forgotten_are_sent_again(world: World) -> None:
    await world.edit()
    await world.stores.redis.script_flush()
    assert await world.edit()
    await world.stores.redis.script_flush()
    assert world.claims.renew([]) == []


async def test_closed_connections_are_made_anew(world: World) -> None:
    await world.edit()
    await world.stores.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert await world.edit()


async def test_a_reader_whose_connection_was_cut_reads_on(world: World) -> None:
    edit = await world.edit()
    reader = world.stores.event_reader()
    position = {StreamKey(world.tenant, edit.id): 0}
    assert await reader.read(position)
    await world.stores.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    try:
        found = await reader.read(position)
    except StorageUnavailable:
        found = await reader.read(position)
    assert len(found) == 1
    await reader.close()
