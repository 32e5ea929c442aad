"""Owed webhooks in a real Redis, and workers that deliver them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest
from prometheus_client import generate_latest

from gateway.loops import stop_loops
from gateway.webhooks.addresses import read_allowed
from gateway.webhooks.metrics import WebhookMetrics
from gateway.webhooks.sending import Sender
from gateway.webhooks.signing import Signer, new_secret, read_secrets
from gateway.webhooks.targets import Resolve, Targets
from gateway.webhooks.worker import Pace, WebhookWorker
from shared.schemas.edit import Edit
from shared.storage.claims import ClaimStore
from shared.storage.records import Written
from shared.storage.stores import Stores
from shared.storage.webhooks import WebhookStore
from tests.patience import eventually
from tests.storage_world import World

SECRET = new_secret()
LOOPBACK = "127.0.0.0/8"


@dataclass(frozen=True)
class Delivering:
    """How a worker of a test works: its receivers are on this machine, and its pauses are short."""

    allowed: str = LOOPBACK
    resolve: Resolve | None = None
    timeout_s: float = 10.0
    retry_scale: float = 0.01
    secrets: str = SECRET
    metrics: WebhookMetrics = field(default_factory=WebhookMetrics)


Deliver = Callable[[Delivering], AbstractAsyncContextManager[WebhookWorker]]


@pytest.fixture
def world(stores: Stores, claims: ClaimStore) -> World:
    """Where edits are made."""
    return World(stores, claims)


@pytest.fixture
def deliver(webhooks: WebhookStore) -> Deliver:
    """Run a worker for as long as the context lasts."""

    @asynccontextmanager
    async def run(how: Delivering) -> AsyncIterator[WebhookWorker]:
        sender = Sender(Targets(read_allowed(how.allowed), how.resolve), how.timeout_s)
        pace = Pace(how.timeout_s, how.retry_scale, chance=lambda: 0.0)
        worker = WebhookWorker(webhooks, sender, Signer(read_secrets(how.secrets)), pace, how.metrics)
        taking = asyncio.create_task(worker.run())
        try:
            yield worker
        finally:
            await stop_loops([taking])
            await worker.finish(1)
            await sender.close()

    return run


async def ended(world: World, url: str) -> Edit:
    """An edit that has succeeded, whose webhook is owed to this URL."""
    edit = await world.edit(webhook_url=url)
    assert world.succeed(world.claim(edit.id)) is Written.OK
    return await world.stores.edits.get(world.tenant, edit.id)


async def until_counts(webhooks: WebhookStore, owed: int, dead: int, within_s: float = 20) -> None:
    """Wait until so many are owed and so many given up."""

    async def are() -> bool:
        return await webhooks.counts() == (owed, dead)

    await eventually(are, within_s)


async def until_tried(metrics: WebhookMetrics, result: str, times: int) -> None:
    """Wait until so many tries have come to this result."""

    async def were() -> bool:
        return f'dialogpaint_webhook_tries_total{{result="{result}"}} {times}.0' in exposed(metrics)

    await eventually(were)


def exposed(metrics: WebhookMetrics) -> str:
    """What Prometheus would read."""
    return generate_latest(metrics.registry).decode()
