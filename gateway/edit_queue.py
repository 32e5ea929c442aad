"""The two loops that get accepted edits to the workers: the relay sends messages, the sweeper finds what got lost.

Any number of gateways may run them at the same time: sending a message twice is harmless, because a
worker has to claim the edit, and every sweep is one atomic script.
"""

import asyncio
from collections.abc import Callable

import structlog

from gateway.loops import repeat
from shared.errors import StorageUnavailable
from shared.storage.queue import QueueStore
from shared.storage.records import OutboxEntry, Swept

log = structlog.get_logger(__name__)

PAUSE_S = 0.5  # between attempts while Redis is away
BLOCK_S = 1.0

Count = Callable[[Swept], None]
Send = Callable[[str], None]  # publishes the message of one edit; blocks, raises StorageUnavailable


async def relay(queue: QueueStore, send: Send, consumer: str) -> None:
    """Send a message for every accepted edit, until canceled; an entry is gone only after its message is sent."""
    while True:
        try:
            entries = await queue.take(consumer, block_s=BLOCK_S)
            await _send_all(queue, entries, send)
        except StorageUnavailable:
            await asyncio.sleep(PAUSE_S)
        except Exception:
            log.exception("relay_failed")
            await asyncio.sleep(PAUSE_S)


async def sweep(queue: QueueStore, interval_s: float, count: Count) -> None:
    """Put back edits whose worker or message was lost, until canceled."""

    async def once() -> None:
        swept = await queue.sweep()
        count(swept)
        if swept.requeued or swept.poisoned or swept.resent:
            log.info("swept", requeued=swept.requeued, poisoned=swept.poisoned, resent=swept.resent)

    await repeat(once, interval_s, failed="sweep_failed")


async def _send_all(queue: QueueStore, entries: list[OutboxEntry], send: Send) -> None:
    sent: list[OutboxEntry] = []
    try:
        for entry in entries:
            await asyncio.to_thread(send, entry.edit_id)
            sent.append(entry)
    finally:
        if sent:
            await queue.sent(sent)
