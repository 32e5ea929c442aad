"""Waiting for what has to come true by itself."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(true: Callable[[], Awaitable[bool]], within_s: float = 20) -> None:
    """Wait until something becomes true."""
    deadline = time.monotonic() + within_s
    while not await true():
        assert time.monotonic() < deadline, "it did not become true in time"
        await asyncio.sleep(0.02)
