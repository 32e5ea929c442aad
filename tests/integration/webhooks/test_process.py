"""`python -m gateway.webhooks` as a process: killed, stopped, and asked about the dead."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from dialogpaint import verify_webhook
from shared.settings import Settings
from shared.storage.webhooks import WebhookStore
from tests.integration.webhooks.conftest import LOOPBACK, SECRET, ended, until_counts
from tests.storage_world import World
from tests.webhook_receiver import Receiver, Reply

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Start the command with these words; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str, **more: str) -> "subprocess.Popen[str]":
        env = {
            **os.environ,
            "REDIS_URL": settings.redis_url,
            "WEBHOOK_SECRETS": SECRET,
            "WEBHOOK_ALLOW": LOOPBACK,
            "WEBHOOK_TIMEOUT_S": "1",
            "WEBHOOK_RETRY_SCALE": "0.00001",
            **more,
        }
        command = [sys.executable, "-m", "gateway.webhooks", *words]
        started.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


async def ran(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Wait for a command, and return its status and what it printed."""
    out, told = await asyncio.to_thread(process.communicate, None, 60)
    return process.returncode, out, told


async def test_what_a_killed_worker_was_delivering_another_one_delivers(
    world: World, webhooks: WebhookStore, start: Start
) -> None:
    async with Receiver(Reply(delay_s=60), Reply(200)) as receiver:
        edit = await ended(world, receiver.url)
        first = start(WEBHOOK_TIMEOUT_S="2")
        await receiver.until(1, within_s=60)
        first.kill()
        assert await webhooks.counts() == (1, 0)
        start()
        lost, again = await receiver.until(2, within_s=60)
        await until_counts(webhooks, 0, 0)
    assert (again.id, again.body) == (lost.id, lost.body)
    assert verify_webhook(again.body, again.headers, SECRET).edit.id == edit.id


async def test_a_worker_ends_when_it_is_told_to(world: World, webhooks: WebhookStore, start: Start) -> None:
    async with Receiver() as receiver:
        worker = start()
        await ended(world, receiver.url)
        await receiver.until(1, within_s=60)
        await until_counts(webhooks, 0, 0)
        worker.send_signal(signal.SIGTERM)
        status, _, told = await ran(worker)
    events = [json.loads(line)["event"] for line in told.splitlines()]
    assert (status, events) == (0, ["webhooks_ready", "webhook_delivered"])
    assert SECRET not in told
    assert "/hook" not in told  # a URL may hold a secret of its own


async def test_without_a_secret_nothing_is_taken(world: World, webhooks: WebhookStore, start: Start) -> None:
    async with Receiver() as receiver:
        await ended(world, receiver.url)
        worker = start(WEBHOOK_SECRETS="")
        assert worker.stderr is not None
        assert "webhooks_off" in await asyncio.to_thread(worker.stderr.readline)
        worker.send_signal(signal.SIGTERM)
        assert (await ran(worker))[0] == 0
        assert (await webhooks.counts(), receiver.connections) == ((1, 0), 0)


async def test_an_operator_lists_and_sends_again_what_was_given_up(
    world: World, webhooks: WebhookStore, start: Start
) -> None:
    async with Receiver(Reply(410)) as receiver:
        edits = {(await ended(world, receiver.url)).id for _ in range(2)}
        start()
        await until_counts(webhooks, 0, 2, within_s=60)
        status, out, _ = await ran(start("dead"))
        dead = [json.loads(line) for line in out.splitlines()]
        assert (status, {each["edit_id"] for each in dead}) == (0, edits)
        assert {(each["why"], each["url"], each["tries"], each["type"]) for each in dead} == {
            ("status 410", receiver.url, 1, "edit.succeeded")
        }

        receiver.then(Reply(200))
        status, out, told = await ran(start("resend", dead[0]["id"], "msg_unknown"))
        assert (status, out.split(), told) == (1, [dead[0]["id"]], "webhooks: not among the dead: msg_unknown\n")
        await until_counts(webhooks, 0, 1)
        status, out, _ = await ran(start("resend", "--all"))
        assert (status, out.split()) == (0, [dead[1]["id"]])
        await until_counts(webhooks, 0, 0)
        assert sorted(each.id for each in receiver.received) == sorted(each["id"] for each in dead * 2)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("WEBHOOK_SECRETS", "whsec_short"), ("WEBHOOK_ALLOW", "10.0.0.0/99"), ("WEBHOOK_RETRY_SCALE", "0")],
)
async def test_a_wrong_setting_ends_it_with_one_line(start: Start, setting: str, value: str) -> None:
    status, _, told = await ran(start(**{setting: value}))
    assert status == 2
    assert setting in told
    assert told.count("\n") == 1
