"""Streams of events: order, replay, waiting, trimming."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from shared.settings import Settings
from shared.storage.client import MAX_BLOCK_S
from shared.storage.events import EventReader, StreamKey
from shared.storage.records import Renewal
from shared.storage.stores import open_stores
from tests.storage_world import World


@pytest.fixture
async def reader(world: World) -> AsyncIterator[EventReader]:
    """A reader on the same Redis."""
    opened = world.stores.event_reader()
    yield opened
    await opened.close()


async def test_event_ids_count_without_a_gap(world: World) -> None:
    edit = await world.edit()
    world.succeed(world.claim(edit.id))
    page = await world.stores.events.read(world.tenant, edit.id, 0)
    assert [event.id for event in page.events] == [1, 2, 3]
    assert not page.reset
    assert await world.stores.events.last_id(world.tenant, edit.id) == 3


async def test_replay_continues_after_the_last_event_seen(world: World) -> None:
    edit = await world.edit()
    world.succeed(world.claim(edit.id))
    page = await world.stores.events.read(world.tenant, edit.id, 2)
    assert [event.id for event in page.events] == [3]
    assert (await world.stores.events.read(world.tenant, edit.id, 3)).events == []


async def test_a_page_holds_at_most_its_limit(world: World) -> None:
    edit = await world.edit()
    world.succeed(world.claim(edit.id))
    page = await world.stores.events.read(world.tenant, edit.id, 0, limit=2)
    assert ([event.id for event in page.events], page.reset) == ([1, 2], False)


async def test_a_conversations_edits_tell_in_the_conversations_stream(world: World) -> None:
    conversation = await world.conversation()
    edit = await world.edit(conversation)
    world.succeed(world.claim(edit.id))
    assert world.stores.events.stream_of(edit) == conversation.id
    names = ["edit.queued", "edit.started", "edit.succeeded", "head.moved"]
    assert await world.event_names(conversation.id) == names
    assert await world.event_names(edit.id) == []


async def test_a_position_before_a_trimmed_part_or_after_a_new_beginning_is_a_reset(settings: Settings) -> None:
    stores = open_stores(settings)
    key = "dp:t:local:events:edit_1"
    for number in range(5, 8):
        await stores.redis.xadd(key, {"event": "edit.queued", "at": "1", "data": "{}"}, id=f"{number}-0")
    assert (await stores.events.read("local", "edit_1", 2)).reset
    assert not (await stores.events.read("local", "edit_1", 4)).reset
    assert (await stores.events.read("local", "edit_1", 99)).reset
    await stores.close()


async def test_a_long_stream_is_trimmed(settings: Settings, world: World) -> None:
    del settings
    conversation = await world.conversation()
    scripts = world.stores.conversations.scripts
    constants = {**scripts.constants, "stream_length": 10}
    short = type(scripts)(scripts.redis, constants)
    moves = [conversation.root_revision_id, "rev_b"]
    await world.stores.redis.hset(f"dp:t:local:conversation:{conversation.id}:revisions", "rev_b", "{}")
    for turn in range(300):
        await short.run(
            "move_head", tenant=world.tenant, conversation_id=conversation.id, revision_id=moves[(turn + 1) % 2]
        )
    assert await world.stores.redis.xlen(f"dp:t:local:events:{conversation.id}") < 200
    assert await world.stores.events.last_id(world.tenant, conversation.id) == 300


async def test_one_reader_waits_on_many_streams_at_once(world: World, reader: EventReader) -> None:
    first, second = await world.edit(), await world.edit()
    positions = {StreamKey(world.tenant, edit.id): 1 for edit in (first, second)}
    waiting = asyncio.create_task(reader.read(positions, block_s=3))
    await asyncio.sleep(0.05)
    claim = world.claim(second.id)
    found = await asyncio.wait_for(waiting, 1)
    assert [event.event.value for event in found[StreamKey(world.tenant, second.id)]] == ["edit.started"]
    world.claims.renew([Renewal(claim, 1, 3)])


async def test_a_waiting_reader_can_be_woken(world: World, reader: EventReader) -> None:
    waiting = asyncio.create_task(reader.read({StreamKey(world.tenant, "edit_none"): 0}, block_s=MAX_BLOCK_S))
    started = time.monotonic()
    while not waiting.done():  # it may not have begun to wait yet
        await reader.wake()
        await asyncio.wait([waiting], timeout=0.05)
    assert await waiting == {}
    assert time.monotonic() - started < MAX_BLOCK_S


async def test_a_reader_without_news_returns_after_its_block(world: World, reader: EventReader) -> None:
    assert await reader.read({StreamKey(world.tenant, "edit_none"): 0}, block_s=0.01) == {}


async def test_the_events_of_a_finished_free_standing_edit_are_let_go_in_time(world: World) -> None:
    edit = await world.edit()
    world.succeed(world.claim(edit.id))
    assert await world.stores.redis.ttl(f"dp:t:local:events:{edit.id}") > 0
