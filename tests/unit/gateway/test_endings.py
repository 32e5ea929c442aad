"""Who waits is told of an edit's end, of a gap in the announcements, and of the process's end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway import endings as module
from gateway.endings import Ending, Endings
from gateway.feed import FeedEnded
from shared.errors import StorageUnavailable


class FakeAnnouncements:
    """Edit ids that a test calls out; None stands for Redis going away."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[str | None] = asyncio.Queue()
        self.subscriptions = 0
        self.subscribed = asyncio.Event()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[str]]:
        self.subscriptions += 1
        self.subscribed.set()
        yield self._ids()

    async def _ids(self) -> AsyncIterator[str]:
        while (edit_id := await self.said.get()) is not None:
            yield edit_id
        raise StorageUnavailable


@asynccontextmanager
async def running(announcements: FakeAnnouncements) -> AsyncIterator[Endings]:
    endings = Endings(announcements)
    task = asyncio.create_task(endings.run())
    await announcements.subscribed.wait()
    yield endings
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def soon(ending: Ending, seconds: float = 5.0) -> bool:
    return await ending.until(asyncio.get_running_loop().time() + seconds)


async def test_everybody_who_waits_for_the_edit_is_told_and_nobody_else() -> None:
    announcements = FakeAnnouncements()
    async with running(announcements) as endings:
        with endings.of("edit_1") as one, endings.of("edit_1") as two, endings.of("edit_2") as other:
            announcements.said.put_nowait("edit_1")
            assert await soon(one)
            assert await soon(two)
            assert not await soon(other, 0.02)
            assert not await soon(one, 0.02)


async def test_after_a_gap_everybody_looks_for_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_S", 0.01)
    announcements = FakeAnnouncements()
    async with running(announcements) as endings:
        with endings.of("edit_1") as one:
            announcements.said.put_nowait(None)
            assert await soon(one)
            assert announcements.subscriptions == 2
            announcements.said.put_nowait("edit_1")
            assert await soon(one)


async def test_the_end_of_the_process_ends_every_wait() -> None:
    async with running(FakeAnnouncements()) as endings:
        with endings.of("edit_1") as one:
            endings.end()
            with pytest.raises(FeedEnded):
                await soon(one)
        with endings.of("edit_2") as late, pytest.raises(FeedEnded):
            await soon(late)


async def test_who_no_longer_waits_is_forgotten() -> None:
    async with running(FakeAnnouncements()) as endings:
        with endings.of("edit_1"):
            pass
        assert endings._waiting == {}
