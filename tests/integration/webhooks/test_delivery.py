"""Delivering webhooks to real receivers: what arrives, what is tried again, and what is given up."""

import asyncio
import json
import time

import pytest
from standardwebhooks import Webhook as Official

from dialogpaint import verify_webhook
from gateway.webhooks.signing import new_secret
from shared.storage.webhooks import WebhookStore
from tests.integration.webhooks.conftest import SECRET, Deliver, Delivering, ended, exposed, until_counts, until_tried
from tests.storage_world import World
from tests.webhook_receiver import Receiver, Reply


async def test_the_end_of_an_edit_arrives_signed(world: World, webhooks: WebhookStore, deliver: Deliver) -> None:
    async with Receiver() as receiver, deliver(Delivering()):
        edit = await ended(world, receiver.url)
        [received] = await receiver.until(1)
        await until_counts(webhooks, 0, 0)
    assert received.path == "/hook?to=edits"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    message = verify_webhook(received.body, received.headers, SECRET)
    assert (message.type, message.edit.id, message.id) == ("edit.succeeded", edit.id, received.id)
    assert Official(SECRET).verify(received.body, dict(received.headers)) == json.loads(received.body)
    assert json.loads(received.body)["data"] == edit.model_dump(mode="json")


async def test_every_configured_secret_verifies(world: World, deliver: Deliver) -> None:
    old = new_secret()
    async with Receiver() as receiver, deliver(Delivering(secrets=f"{SECRET},{old}")):
        await ended(world, receiver.url)
        [received] = await receiver.until(1)
    for secret in (old, SECRET):
        assert verify_webhook(received.body, received.headers, secret)


async def test_errors_are_tried_again_with_the_same_id_and_body(
    world: World, webhooks: WebhookStore, deliver: Deliver
) -> None:
    how = Delivering(retry_scale=0.0001)
    async with Receiver(Reply(500), Reply(429), Reply(404), Reply(204)) as receiver, deliver(how):
        await ended(world, receiver.url)
        received = await receiver.until(4)
        await until_counts(webhooks, 0, 0)
    assert len({(each.id, each.body) for each in received}) == 1
    for each in received:
        assert verify_webhook(each.body, each.headers, SECRET)
    await until_tried(how.metrics, "failed", 3)
    await until_tried(how.metrics, "delivered", 1)
    assert "dialogpaint_webhook_seconds_count 4.0" in exposed(how.metrics)


async def test_a_receiver_that_is_gone_for_good_is_not_asked_again(
    world: World, webhooks: WebhookStore, deliver: Deliver
) -> None:
    how = Delivering(retry_scale=0.0001)
    async with Receiver(Reply(410), Reply(200)) as receiver, deliver(how):
        await ended(world, receiver.url)
        await until_counts(webhooks, 0, 1)
        await until_tried(how.metrics, "dead", 1)
        assert len(receiver.received) == 1
    [dead] = await webhooks.dead(10)
    assert (dead.why, dead.attempt) == ("status 410", 1)


async def test_a_slow_receiver_is_given_up_on_for_now(world: World, webhooks: WebhookStore, deliver: Deliver) -> None:
    how = Delivering(timeout_s=0.5)
    async with Receiver(Reply(200, delay_s=60), Reply(200)) as receiver, deliver(how):
        await ended(world, receiver.url)
        first, second = await receiver.until(2)
        await until_counts(webhooks, 0, 0)
    assert first.id == second.id
    await until_tried(how.metrics, "failed", 1)


async def test_a_slow_receiver_holds_up_nobody(world: World, deliver: Deliver) -> None:
    async with Receiver(Reply(delay_s=60)) as slow, Receiver() as quick, deliver(Delivering(timeout_s=60)) as worker:
        for _ in range(10):
            await ended(world, slow.url)
        await slow.until(10)
        for _ in range(5):
            await ended(world, quick.url)
        assert len(await quick.until(5)) == 5
        await worker.finish(0)


async def test_a_receiver_says_when_to_come_back(world: World, deliver: Deliver) -> None:
    busy = Reply(503, {"Retry-After": "1"})
    async with Receiver(busy, Reply(200)) as receiver, deliver(Delivering(retry_scale=0.0001)):
        await ended(world, receiver.url)
        await receiver.until(1)
        began = time.monotonic()
        await receiver.until(2)
        assert time.monotonic() - began >= 0.9


async def test_an_unreachable_receiver_is_tried_ten_times_then_kept_and_can_be_sent_again(
    world: World, webhooks: WebhookStore, deliver: Deliver
) -> None:
    how = Delivering(retry_scale=0.00001)
    async with Receiver(Reply(500)) as receiver, deliver(how):
        edit = await ended(world, receiver.url)
        await until_counts(webhooks, 0, 1)
        received = list(receiver.received)
        assert (len(received), len({each.id for each in received})) == (10, 1)
        [dead] = await webhooks.dead(10)
        assert (dead.edit.id, dead.why, dead.attempt) == (edit.id, "status 500", 10)
        receiver.then(Reply(200))
        assert await webhooks.resend([dead.id]) == [dead.id]
        await until_counts(webhooks, 0, 0)
        assert receiver.received[-1].id == dead.id
    await until_tried(how.metrics, "failed", 9)
    await until_tried(how.metrics, "dead", 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(world: World, webhooks: WebhookStore, deliver: Deliver, status: int) -> None:
    async with Receiver() as elsewhere:
        moved = Reply(status, {"Location": elsewhere.url})
        async with Receiver(moved, moved, Reply(200)) as receiver, deliver(Delivering(retry_scale=0.0001)):
            await ended(world, receiver.url)
            await receiver.until(3)
            await until_counts(webhooks, 0, 0)
        assert elsewhere.connections == 0


async def test_two_workers_deliver_each_webhook_once(world: World, webhooks: WebhookStore, deliver: Deliver) -> None:
    async with Receiver() as receiver, deliver(Delivering()), deliver(Delivering()):
        edits = [await ended(world, receiver.url) for _ in range(30)]
        await until_counts(webhooks, 0, 0)
        assert sorted(each.id for each in receiver.received) == sorted(
            edit.id.replace("edit_", "msg_") for edit in edits
        )


async def test_a_worker_that_is_told_to_stop_brings_its_deliveries_to_their_end(
    world: World, webhooks: WebhookStore, deliver: Deliver
) -> None:
    async with Receiver(Reply(delay_s=0.5)) as receiver, deliver(Delivering()):
        await ended(world, receiver.url)
        await receiver.until(1)
    assert await webhooks.counts() == (0, 0)


async def test_while_redis_is_away_nothing_is_sent_twice(
    world: World, webhooks: WebhookStore, deliver: Deliver
) -> None:
    how = Delivering()
    async with Receiver(Reply(delay_s=0.3)) as receiver, deliver(how):
        await ended(world, receiver.url)
        await receiver.until(1)
        await world.stores.redis.execute_command("CLIENT", "PAUSE", 2500, "ALL")  # longer than a command may take
        await until_tried(how.metrics, "delivered", 1)
        await until_counts(webhooks, 0, 0)
        await ended(world, receiver.url)
        assert len(await receiver.until(2)) == 2


async def test_an_idle_worker_asks_redis_nothing(world: World, deliver: Deliver) -> None:
    async def commands() -> int:
        return int((await world.stores.redis.info("stats"))["total_commands_processed"])

    async with deliver(Delivering()):
        await asyncio.sleep(0.5)
        before = await commands()
        await asyncio.sleep(2)
        assert await commands() - before <= 1  # this very question
