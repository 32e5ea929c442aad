"""Loops that run beside everything else, and how they are ended."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from shared.errors import StorageUnavailable

log = structlog.get_logger(__name__)

CANCEL_AGAIN_S = 0.5


async def stop_loops(loops: Iterable[asyncio.Task[None]]) -> None:
    """Cancel background loops until they have ended.

    Once is not enough: redis-py writes under `asyncio.wait_for`, which loses a cancellation that comes in the moment
    in which the write completes (Python 3.11), and the process would never end.
    """
    running = set(loops)
    while running:
        for loop in running:
            loop.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_AGAIN_S)


async def repeat(work: Callable[[], Awaitable[None]], every_s: float, failed: str) -> None:
    """Do something again and again, until canceled; what can't be done while Redis is away is done the next time."""
    while True:
        try:
            await work()
        except StorageUnavailable:
            pass
        except Exception:
            log.exception(failed)
        await asyncio.sleep(every_s)
