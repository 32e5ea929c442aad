"""The webhook worker: takes what is due, delivers many at once, and sleeps until there is something to do.

Any number of them may run: each webhook is leased to one, and what a lost worker held comes due again.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import httpx
import structlog

from gateway.loops import stop_loops
from gateway.webhooks.metrics import WebhookMetrics
from gateway.webhooks.schedule import TRIES, Chance, pause_after
from gateway.webhooks.sending import Answer, Sender
from gateway.webhooks.signing import Signer
from shared.errors import StorageUnavailable
from shared.storage.records import Written
from shared.storage.webhooks import Webhook, WebhookStore

log = structlog.get_logger(__name__)

AT_ONCE = 100  # a silent receiver holds a place for as long as a try may take
LEASE_TIMEOUTS = 3  # a try takes one timeout at most, writing what came of it another one
PAUSE_S = 0.5  # between attempts while Redis is away
USER_AGENT = "DialogPaint-Webhooks/1"


@dataclass(frozen=True)
class Pace:
    """How long one try may take, and what the pauses between tries are multiplied by."""

    timeout_s: float
    retry_scale: float
    chance: Chance = random.random


class WebhookWorker:
    """Delivers owed webhooks until it is told to finish."""

    def __init__(
        self, store: WebhookStore, sender: Sender, signer: Signer, pace: Pace, metrics: WebhookMetrics
    ) -> None:
        self._store = store
        self._sender = sender
        self._signer = signer
        self._pace = pace
        self._metrics = metrics
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Take and deliver, until canceled; what has begun goes on until `finish`."""
        while True:
            try:
                await self._take()
            except StorageUnavailable:
                await asyncio.sleep(PAUSE_S)
            except Exception:
                log.exception("webhooks_failed")
                await asyncio.sleep(PAUSE_S)

    async def finish(self, patience_s: float) -> None:
        """Let what has begun come to its end; what does not in time is taken over when its lease is over."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience_s)
            await stop_loops(late)

    async def _take(self) -> None:
        while len(self._running) >= AT_ONCE:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        taken = await self._store.take(AT_ONCE - len(self._running), LEASE_TIMEOUTS * self._pace.timeout_s, TRIES)
        for webhook in taken.webhooks:
            task = asyncio.create_task(self._deliver(webhook), name=webhook.id)
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        if not taken.webhooks:
            await self._store.sleep(taken.next_due_s)

    async def _deliver(self, webhook: Webhook) -> None:
        try:
            with self._metrics.seconds.time():
                answer = await self._try(webhook)
            await self._settle(webhook, answer)
        except TimeoutError:  # Redis is away, and the webhook comes due again when its lease is over
            log.warning("webhook_not_settled", id=webhook.id)
        except Exception:
            log.exception("webhook_not_settled", id=webhook.id)

    async def _try(self, webhook: Webhook) -> Answer:
        body = webhook.body()
        signed = self._signer.headers(webhook.id, int(time.time()), body)
        return await self._sender.post(
            webhook.url, {**signed, "content-type": "application/json", "user-agent": USER_AGENT}, body
        )

    async def _settle(self, webhook: Webhook, answer: Answer) -> None:
        pause_s = pause_after(webhook.attempt, answer.retry_after_s, self._pace.retry_scale, self._pace.chance)
        write: Callable[[], Awaitable[Written]]
        if answer.is_success:
            result, write = "delivered", partial(self._store.delivered, webhook)
        elif pause_s is None or answer.is_final:
            result, write = "dead", partial(self._store.bury, webhook, answer.why)
        else:
            result, write = "failed", partial(self._store.again, webhook, pause_s, answer.why)
        await self._write(write)
        self._metrics.tries.labels(result).inc()
        log.info(
            f"webhook_{result}",
            id=webhook.id,
            edit_id=webhook.edit.id,
            host=httpx.URL(webhook.url).host,
            attempt=webhook.attempt,
            why=answer.why,
        )

    async def _write(self, write: Callable[[], Awaitable[Written]]) -> None:
        """Write what came of a try, however often it takes; raises TimeoutError before the lease is over."""
        async with asyncio.timeout(self._pace.timeout_s):
            while True:
                try:
                    await write()
                except StorageUnavailable:
                    await asyncio.sleep(PAUSE_S)
                else:
                    return
