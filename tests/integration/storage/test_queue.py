"""Outbox, sweep and the state of the queue."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.schemas.edit import EditStatus
from shared.schemas.operations import Worker
from shared.storage.claims import ClaimLimits
from shared.storage.queue import QueueLimits
from tests.storage_world import World

LEASE_S = 0.05
SLOTS = 2


@pytest.fixture
async def world(world: World) -> World:
    """A world with one warm worker, short leases, and messages that count as lost at once."""
    queue = replace(world.stores.queue, limits=QueueLimits(max_queue=10, max_attempts=2, resend_after_s=0.0))
    claims = replace(world.claims, limits=ClaimLimits(LEASE_S, 2, 1.0))
    claims.heartbeat(worker())
    return replace(world, stores=replace(world.stores, queue=queue), claims=claims)


def worker(name: str = "worker-1", warm: bool = True) -> Worker:
    """A worker's sign of life."""
    return Worker(id=name, slots=SLOTS, busy=0, warm=warm, seen_at=datetime.now(UTC))


async def relay(world: World) -> list[str]:
    """Take what is in the outbox and strike it off; the ids that would have been sent."""
    entries = await world.stores.queue.take("relay-1", block_s=0.01)
    await world.stores.queue.sent(entries)
    return [entry.edit_id for entry in entries]


async def test_every_accepted_edit_goes_through_the_outbox_once(world: World) -> None:
    edits = [(await world.edit()).id for _ in range(3)]
    assert await world.stores.queue.lag() == 3
    assert await relay(world) == edits
    assert await relay(world) == []
    assert await world.stores.queue.lag() == 0


async def test_a_relay_is_woken_by_a_new_edit(world: World) -> None:
    waiting = asyncio.create_task(world.stores.queue.take("relay-1", block_s=3))
    await asyncio.sleep(0.05)
    edit = await world.edit()
    entries = await asyncio.wait_for(waiting, 1)
    assert [entry.edit_id for entry in entries] == [edit.id]


async def test_two_relays_share_the_outbox_without_doubling(world: World) -> None:
    edits = {(await world.edit()).id for _ in range(4)}
    first = await world.stores.queue.take("relay-1", limit=2, block_s=0.01)
    second = await world.stores.queue.take("relay-2", limit=9, block_s=0.01)
    assert {entry.edit_id for entry in first} | {entry.edit_id for entry in second} == edits
    assert len(first) + len(second) == 4


async def test_what_a_lost_relay_took_goes_to_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = await world.edit()
    assert await world.stores.queue.take("relay-1", block_s=0.01)
    assert await world.stores.queue.take("relay-2", block_s=0.01) == []
    monkeypatch.setattr("shared.storage.queue.ABANDONED_AFTER_MS", 0)
    assert [entry.edit_id for entry in await world.stores.queue.take("relay-2", block_s=0.01)] == [edit.id]


async def test_the_relay_goes_on_after_redis_restarted_empty(world: World) -> None:
    await relay(world)
    await world.stores.redis.flushall()
    edit = await world.edit()
    assert await relay(world) == [edit.id]


async def test_an_edit_whose_worker_is_lost_is_queued_and_sent_again(world: World) -> None:
    edit = await world.edit()
    await relay(world)
    world.claim(edit.id)
    await asyncio.sleep(2 * LEASE_S)
    assert (await world.stores.queue.sweep()).requeued == [edit.id]
    assert (await world.stores.edits.get(world.tenant, edit.id)).status is EditStatus.QUEUED
    assert await relay(world) == [edit.id]
    assert await world.event_names(edit.id) == ["edit.queued", "edit.started", "edit.queued"]


async def test_an_edit_that_was_tried_too_often_is_given_up(world: World) -> None:
    edit = await world.edit()
    for _ in range(2):
        world.claim(edit.id)
        await asyncio.sleep(2 * LEASE_S)
        swept = await world.stores.queue.sweep()
    assert swept.poisoned == [edit.id]
    done = await world.stores.edits.get(world.tenant, edit.id)
    assert done.error is not None
    assert (done.status, done.error.code) == (EditStatus.FAILED, "poison")


async def test_a_canceled_edit_whose_worker_is_lost_ends_canceled(world: World) -> None:
    edit = await world.edit()
    world.claim(edit.id)
    await world.stores.edits.cancel(world.tenant, edit.id)
    await asyncio.sleep(2 * LEASE_S)
    await world.stores.queue.sweep()
    assert (await world.stores.edits.get(world.tenant, edit.id)).status is EditStatus.CANCELED


async def test_a_waiting_edit_whose_message_was_lost_is_sent_again(world: World) -> None:
    edit = await world.edit()
    await relay(world)
    assert (await world.stores.queue.sweep()).resent == [edit.id]
    assert await relay(world) == [edit.id]


async def test_an_overtaken_edit_is_sent_again_while_others_run(world: World) -> None:
    lost, overtaking = await world.edit(), await world.edit()
    await relay(world)
    world.claim(overtaking.id)
    assert (await world.stores.queue.sweep()).resent == [lost.id]


async def test_an_edit_that_merely_waits_its_turn_is_left_alone(world: World) -> None:
    running, _ = await world.edit(), await world.edit()
    await relay(world)
    world.claim(running.id)
    assert (await world.stores.queue.sweep()).resent == []


async def test_nothing_is_sent_again_while_no_worker_has_a_free_slot(world: World) -> None:
    await world.edit()
    await relay(world)
    world.claims.heartbeat(worker(warm=False))
    assert (await world.stores.queue.sweep()).resent == []


async def test_two_sweepers_at_once_requeue_an_edit_once(world: World) -> None:
    edit = await world.edit()
    await relay(world)
    world.claim(edit.id)
    await asyncio.sleep(2 * LEASE_S)
    swept = await asyncio.gather(*(world.stores.queue.sweep() for _ in range(4)))
    assert [edit_id for each in swept for edit_id in each.requeued] == [edit.id]
    assert await relay(world) == [edit.id]


async def test_the_state_shows_depth_age_workers_and_free_slots(world: World) -> None:
    running, _ = await world.edit(), await world.edit()
    world.claim(running.id)
    await asyncio.sleep(0.02)
    state = await world.stores.queue.state()
    assert (state.depth, state.running, state.free_slots, state.max_depth) == (1, 1, SLOTS - 1, 10)
    assert 0.02 <= state.oldest_age_s < 5
    assert [each.id for each in state.workers] == ["worker-1"]


async def test_a_worker_that_says_goodbye_or_falls_silent_is_forgotten(world: World) -> None:
    quick = replace(world.claims, limits=ClaimLimits(LEASE_S, 2, 0.01))
    quick.heartbeat(worker("worker-2"))
    await asyncio.sleep(0.1)
    assert [each.id for each in await world.stores.queue.workers()] == ["worker-1"]
    world.claims.goodbye("worker-1")
    assert await world.stores.queue.workers() == []


async def test_a_worker_sees_how_long_the_first_edit_has_waited(world: World) -> None:
    assert world.claims.longest_wait_s() == 0
    first = await world.edit()
    await asyncio.sleep(0.02)
    second = await world.edit()
    assert world.claims.longest_wait_s() >= 0.02
    world.claims.claim(first.id, "worker-1")
    assert world.claims.longest_wait_s() < 0.02
    world.claims.claim(second.id, "worker-1")
    assert world.claims.longest_wait_s() == 0
