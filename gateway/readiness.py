"""Whether everything that a turn needs answers, and what does not."""

import asyncio
from collections.abc import Awaitable

from gateway.ports import Ports
from shared.errors import StorageUnavailable

PATIENCE_S = 2.0


async def missing_parts(ports: Ports) -> list[str]:
    """Return the names of the parts that do not answer; an empty list means ready."""
    checks = {
        "redis": _answers(ports.stores.check_redis()),
        "image store": _answers(ports.stores.check_files()),
        "dialogue model": ports.dialogue.is_ready(),
        "warm editing worker": _has_warm_worker(ports),
    }
    answers = await asyncio.gather(*checks.values())
    missing = [name for name, is_there in zip(checks, answers, strict=True) if not is_there]
    return ["this process (shutting down)", *missing] if ports.hub.has_ended else missing


async def _answers(check: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await check
    except (StorageUnavailable, TimeoutError):
        return False
    return True


async def _has_warm_worker(ports: Ports) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return any(worker.warm for worker in await ports.stores.queue.workers())
    except (StorageUnavailable, TimeoutError):
        return False
