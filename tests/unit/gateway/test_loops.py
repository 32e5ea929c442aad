"""How background loops end."""

import asyncio

import pytest

from gateway import loops


async def test_a_loop_that_loses_a_cancellation_is_canceled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "CANCEL_AGAIN_S", 0.01)
    lost: list[asyncio.CancelledError] = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError as canceled:
                if lost:
                    raise
                lost.append(canceled)

    loop = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await loops.stop_loops([loop])
    assert loop.cancelled()
    assert len(lost) == 1
