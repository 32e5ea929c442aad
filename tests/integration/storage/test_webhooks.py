"""Webhooks are owed by the script that ends an edit, and each is some worker's until it is settled."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from shared.errors import EditTimedOut
from shared.schemas.dialogue import ReplyKind
from shared.schemas.edit import Edit
from shared.schemas.turn import Reply
from shared.storage.claims import ClaimLimits
from shared.storage.queue import QueueLimits
from shared.storage.records import NewTurn, Renewal, Verdict, Written
from shared.storage.webhooks import Webhook, WebhookStore
from tests.storage_world import World

URL = "https://hooks.example/edits"
LEASE_S = 0.05
TRIES = 3


@pytest.fixture
def world(world: World) -> World:
    """Workers are lost soon, and an edit is given up after its second."""
    queue = replace(world.stores.queue, limits=QueueLimits(max_queue=10, max_attempts=2, resend_after_s=0.0))
    return World(replace(world.stores, queue=queue), replace(world.claims, limits=ClaimLimits(LEASE_S, 2, 1.0)))


async def owed(webhooks: WebhookStore, lease_s: float = 60) -> list[Webhook]:
    """Take everything that is due."""
    return (await webhooks.take(100, lease_s, TRIES)).webhooks


async def ended(world: World) -> Edit:
    """An edit that has succeeded, whose webhook is owed."""
    edit = await world.edit(webhook_url=URL)
    assert world.succeed(world.claim(edit.id)) is Written.OK
    return await world.stores.edits.get(world.tenant, edit.id)


async def succeed(world: World, edit: Edit) -> None:
    world.succeed(world.claim(edit.id))


async def fail(world: World, edit: Edit) -> None:
    world.claims.fail(world.claim(edit.id), EditTimedOut().problem())


async def cancel_while_waiting(world: World, edit: Edit) -> None:
    await world.stores.edits.cancel(world.tenant, edit.id)


async def cancel_while_running(world: World, edit: Edit) -> None:
    claim = world.claim(edit.id)
    await world.stores.edits.cancel(world.tenant, edit.id)
    assert world.claims.renew([Renewal(claim, 1, 3)]) == [Verdict.CANCEL]
    world.claims.cancel(claim)


async def lose_every_worker(world: World, edit: Edit) -> None:
    for _ in range(2):
        world.claim(edit.id)
        await asyncio.sleep(2 * LEASE_S)
        await world.stores.queue.sweep()


async def lose_every_worker_to_another_claim(world: World, edit: Edit) -> None:
    for _ in range(3):
        world.claims.claim(edit.id, "worker-1")
        await asyncio.sleep(2 * LEASE_S)


async def give_back_too_often(world: World, edit: Edit) -> None:
    for _ in range(2):
        world.claims.release(world.claim(edit.id), count_attempt=True)


async def lose_the_worker_of_a_canceled_one(world: World, edit: Edit) -> None:
    world.claim(edit.id)
    await world.stores.edits.cancel(world.tenant, edit.id)
    await asyncio.sleep(2 * LEASE_S)
    await world.stores.queue.sweep()


WAYS: dict[Callable[[World, Edit], Awaitable[None]], str] = {
    succeed: "edit.succeeded",
    fail: "edit.failed",
    cancel_while_waiting: "edit.canceled",
    cancel_while_running: "edit.canceled",
    lose_every_worker: "edit.failed",
    lose_every_worker_to_another_claim: "edit.failed",
    give_back_too_often: "edit.failed",
    lose_the_worker_of_a_canceled_one: "edit.canceled",
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_however_an_edit_ends_its_webhook_is_owed_once(
    world: World, webhooks: WebhookStore, way: Callable[[World, Edit], Awaitable[None]]
) -> None:
    edit = await world.edit(webhook_url=URL)
    assert await webhooks.counts() == (0, 0)
    await way(world, edit)
    [webhook] = await owed(webhooks)
    assert (webhook.event, webhook.url, webhook.attempt) == (WAYS[way], URL, 1)
    assert webhook.id == edit.id.replace("edit_", "msg_")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
async def test_who_asked_for_none_is_owed_none(
    world: World, webhooks: WebhookStore, way: Callable[[World, Edit], Awaitable[None]]
) -> None:
    await way(world, await world.edit())
    assert await webhooks.counts() == (0, 0)
    assert await owed(webhooks) == []


async def test_the_message_holds_the_edit_as_the_api_shows_it(world: World, webhooks: WebhookStore) -> None:
    edit = await ended(world)
    [webhook] = await owed(webhooks)
    told = json.loads(webhook.body())
    assert told["data"] == edit.model_dump(mode="json")
    assert (told["type"], told["timestamp"]) == ("edit.succeeded", told["data"]["finished_at"])


async def test_an_ending_that_is_written_again_or_too_late_owes_nothing_more(
    world: World, webhooks: WebhookStore
) -> None:
    edit = await world.edit(webhook_url=URL)
    stale = world.claim(edit.id)
    await asyncio.sleep(2 * LEASE_S)
    winner = world.claim(edit.id, "worker-2")
    assert world.claims.fail(stale, EditTimedOut().problem()) is Written.FENCED
    assert (world.succeed(winner), world.succeed(winner)) == (Written.OK, Written.REPLAY)
    await world.stores.edits.cancel(world.tenant, edit.id)
    assert [webhook.event for webhook in await owed(webhooks)] == ["edit.succeeded"]


async def test_the_edit_of_a_turn_is_told_of_too(world: World, webhooks: WebhookStore) -> None:
    conversation = await world.conversation()
    edit = replace(await world.new_edit(conversation), webhook_url=URL)
    turn = NewTurn("turn_1", "night!", Reply(kind=ReplyKind.EDIT, text="Yes."), conversation.head_revision_id)
    await world.stores.conversations.append_turn(world.tenant, conversation.id, turn, conversation.version, edit)
    world.succeed(world.claim(edit.id))
    [webhook] = await owed(webhooks)
    assert webhook.edit.turn == 1


async def test_deleting_a_conversation_cancels_its_edit_and_tells_so(world: World, webhooks: WebhookStore) -> None:
    conversation = await world.conversation()
    await world.edit(conversation, webhook_url=URL)
    await world.stores.conversations.delete(world.tenant, conversation.id)
    [webhook] = await owed(webhooks)
    assert (webhook.event, webhook.edit.conversation_id) == ("edit.canceled", conversation.id)
    assert (await world.stores.queue.state()).depth == 0


async def test_deleting_a_conversation_deletes_what_was_given_up(world: World, webhooks: WebhookStore) -> None:
    conversation = await world.conversation()
    edit = await world.edit(conversation, webhook_url=URL)
    world.succeed(world.claim(edit.id))
    [webhook] = await owed(webhooks)
    await webhooks.bury(webhook, "status 410")
    await world.stores.conversations.delete(world.tenant, conversation.id)
    assert await webhooks.counts() == (0, 0)
    assert await world.stores.redis.keys("dp:t:*:webhook:*") == []


async def test_each_is_taken_by_one_worker(world: World, webhooks: WebhookStore) -> None:
    edits = {(await ended(world)).id for _ in range(6)}
    taken = await asyncio.gather(*(webhooks.take(2, 60, TRIES) for _ in range(5)))
    assert sorted(len(each.webhooks) for each in taken) == [0, 0, 2, 2, 2]
    assert {webhook.edit.id for each in taken for webhook in each.webhooks} == edits


async def test_what_a_lost_worker_had_taken_comes_due_again_under_the_same_id(
    world: World, webhooks: WebhookStore
) -> None:
    await ended(world)
    [lost] = await owed(webhooks, LEASE_S)
    assert await owed(webhooks) == []
    await asyncio.sleep(2 * LEASE_S)
    [again] = await owed(webhooks)
    assert (again.id, again.attempt, again.body()) == (lost.id, 2, lost.body())
    assert await webhooks.again(lost, 0, "status 500") is Written.FENCED
    assert await webhooks.bury(lost, "status 500") is Written.FENCED
    assert await webhooks.delivered(lost) is Written.OK  # its receiver has it, whoever brought it
    assert await webhooks.delivered(again) is Written.FENCED
    assert await webhooks.counts() == (0, 0)


async def test_after_the_last_try_whose_worker_was_lost_it_is_given_up(world: World, webhooks: WebhookStore) -> None:
    await ended(world)
    for _ in range(TRIES):
        assert len(await owed(webhooks, 0.001)) == 1
        await asyncio.sleep(0.01)
    assert await owed(webhooks) == []
    [dead] = await webhooks.dead(10)
    assert (dead.attempt, dead.why) == (TRIES, "the worker was lost at the last try")


async def test_one_that_failed_is_due_after_its_pause(world: World, webhooks: WebhookStore) -> None:
    await ended(world)
    [webhook] = await owed(webhooks)
    assert await webhooks.again(webhook, 0.2, "status 500") is Written.OK
    taken = await webhooks.take(10, 60, TRIES)
    assert taken.webhooks == []
    assert taken.next_due_s is not None
    assert 0 < taken.next_due_s <= 0.2
    await asyncio.sleep(0.25)
    [again] = await owed(webhooks)
    assert (again.attempt, again.why) == (2, "status 500")


async def test_what_was_given_up_is_kept_and_can_begin_anew(world: World, webhooks: WebhookStore) -> None:
    edits = [await ended(world) for _ in range(3)]
    for webhook in await owed(webhooks):
        assert await webhooks.bury(webhook, "status 410") is Written.OK
        assert await webhooks.bury(webhook, "status 410") is Written.FENCED
    assert await webhooks.counts() == (0, 3)
    dead = await webhooks.dead(2)
    assert [webhook.edit.id for webhook in dead] == [edits[2].id, edits[1].id]
    assert all(webhook.died_at and webhook.why == "status 410" for webhook in dead)
    assert await world.stores.redis.ttl(f"dp:t:{world.tenant}:webhook:{dead[0].id}") > 0

    assert await webhooks.resend([dead[0].id, "msg_unknown"]) == [dead[0].id]
    [again] = await owed(webhooks)
    assert (again.id, again.attempt, again.body()) == (dead[0].id, 1, dead[0].body())
    assert await world.stores.redis.ttl(f"dp:t:{world.tenant}:webhook:{dead[0].id}") == -1
    assert len(await webhooks.resend(None)) == 2
    assert await webhooks.resend(None) == []
    assert await webhooks.counts() == (3, 0)


async def test_a_sleeping_worker_is_woken_by_an_ending(world: World, webhooks: WebhookStore) -> None:
    sleeping = asyncio.create_task(webhooks.sleep(None))
    await asyncio.sleep(0.05)
    assert not sleeping.done()
    await ended(world)
    await asyncio.wait_for(sleeping, 5)
    assert len(await owed(webhooks)) == 1


async def test_a_worker_that_cannot_take_all_wakes_the_next_one(world: World, webhooks: WebhookStore) -> None:
    for _ in range(3):
        await ended(world)
    for _ in range(3):
        await asyncio.wait_for(webhooks.sleep(None), 5)
        assert len((await webhooks.take(1, 60, TRIES)).webhooks) == 1
    began = time.monotonic()
    await webhooks.sleep(0.2)
    assert time.monotonic() - began >= 0.15
