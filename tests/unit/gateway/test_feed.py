"""A listener's feed and the hub behind it, with a stream that forgets, skips and comes late."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from gateway.events import EventHub
from gateway.feed import MAX_PENDING, Feed, FeedEnded
from shared.errors import StorageUnavailable
from shared.schemas.events import Event, EventType
from shared.storage.events import EventPage, StreamKey

KEY = StreamKey("ann", "conv_1")


def event(number: int) -> Event:
    return Event(id=number, event=EventType.EDIT_PROGRESS, at=datetime(2026, 3, 1, tzinfo=UTC), data={"step": number})


def ids(events: object) -> list[int]:
    assert events is not None
    return [each.id for each in events.events]  # type: ignore[attr-defined]


@dataclass
class FakeStore:
    """A stream that can be read again."""

    events: list[Event] = field(default_factory=list)
    reads: int = 0

    def add(self, count: int = 1) -> list[Event]:
        first = self.events[-1].id + 1 if self.events else 1
        new = [event(number) for number in range(first, first + count)]
        self.events += new
        return new

    async def read(self, tenant: str, stream_id: str, after: int, limit: int = 500) -> EventPage:
        self.reads += 1
        page = [each for each in self.events if each.id > after][:limit]
        last = self.events[-1].id if self.events else 0
        return EventPage(page, reset=(bool(page) and page[0].id != after + 1) or last < after)

    async def last_id(self, tenant: str, stream_id: str) -> int:
        return self.events[-1].id if self.events else 0


@dataclass
class FakeReader:
    """Blocks until there is something behind a position, or until woken."""

    store: FakeStore
    away: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    reads: list[list[StreamKey]] = field(default_factory=list)

    async def read(self, positions: Mapping[StreamKey, int], block_s: float) -> dict[StreamKey, list[Event]]:
        self.reads.append(list(positions))
        await asyncio.sleep(0)
        if self.away:
            raise StorageUnavailable()
        found = {key: [each for each in self.store.events if each.id > after] for key, after in positions.items()}
        if any(found.values()):
            return {key: events for key, events in found.items() if events}
        self.changed.clear()
        await self.changed.wait()
        return {}

    async def wake(self) -> None:
        self.changed.set()

    def publish(self, count: int = 1) -> None:
        self.store.add(count)
        self.changed.set()


@asynccontextmanager
async def running(hub: EventHub) -> AsyncIterator[None]:
    task = asyncio.create_task(hub.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_feed_replays_and_then_goes_on_live() -> None:
    store = FakeStore()
    store.add(3)
    feed = Feed(KEY, 1, store, replay=True)
    assert ids(await feed.batch(1)) == [2, 3]
    feed.offer(store.add())
    assert ids(await feed.batch(1)) == [4]


async def test_what_was_replayed_is_not_told_again() -> None:
    store = FakeStore()
    feed = Feed(KEY, 0, store, replay=True)
    feed.offer(store.add(2))
    assert ids(await feed.batch(1)) == [1, 2]
    assert await feed.batch(0.01) is None


async def test_a_gap_is_filled_from_the_store() -> None:
    store = FakeStore()
    feed = Feed(KEY, 0, store, replay=False)
    feed.offer(store.add(4)[2:])
    assert ids(await feed.batch(1)) == [1, 2, 3, 4]


async def test_a_slow_listener_loses_nothing() -> None:
    store = FakeStore()
    feed = Feed(KEY, 0, store, replay=False)
    for each in store.add(MAX_PENDING + 50):
        feed.offer([each])
    seen: list[int] = []
    while batch := await feed.batch(0.01):
        seen += ids(batch)
    assert seen == list(range(1, MAX_PENDING + 51))


async def test_trimmed_events_are_told_as_a_reset() -> None:
    store = FakeStore()
    store.add(10)
    del store.events[:5]
    batch = await Feed(KEY, 2, store, replay=True).batch(1)
    assert batch is not None
    assert batch.reset
    assert ids(batch) == [6, 7, 8, 9, 10]


async def test_a_stream_that_began_anew_is_told_as_a_reset_and_followed_from_its_start() -> None:
    store = FakeStore()
    feed = Feed(KEY, 7, store, replay=True)
    batch = await feed.batch(1)
    assert batch is not None
    assert batch.reset
    assert ids(batch) == []
    feed.offer(store.add())
    assert ids(await feed.batch(1)) == [1]


async def test_a_quiet_stream_gives_none_after_the_patience() -> None:
    assert await Feed(KEY, 0, FakeStore(), replay=False).batch(0.01) is None


async def test_an_ended_feed_wakes_its_listener() -> None:
    feed = Feed(KEY, 0, FakeStore(), replay=False)
    waiting = asyncio.create_task(feed.batch(10))
    await asyncio.sleep(0)
    feed.end()
    with pytest.raises(FeedEnded):
        await waiting


async def test_the_hub_reads_each_stream_once_for_all_its_listeners() -> None:
    reader = FakeReader(FakeStore())
    hub = EventHub(reader, reader.store)
    async with running(hub), hub.follow("ann", "conv_1", 0) as one, hub.follow("ann", "conv_1", 0) as two:
        reader.publish(2)
        assert ids(await one.batch(1)) == ids(await two.batch(1)) == [1, 2]
        assert hub.listeners == 2
        assert all(positions == [KEY] for positions in reader.reads)
    assert hub.listeners == 0


async def test_from_now_on_means_without_what_was_before() -> None:
    reader = FakeReader(FakeStore())
    reader.store.add(5)
    hub = EventHub(reader, reader.store)
    async with running(hub), hub.follow("ann", "conv_1", None) as feed:
        reader.publish()
        assert ids(await feed.batch(1)) == [6]


async def test_a_listener_that_comes_later_is_read_for_at_once() -> None:
    reader = FakeReader(FakeStore())
    hub = EventHub(reader, reader.store)
    async with running(hub), hub.follow("ann", "conv_1", 0), hub.follow("ann", "conv_2", 0) as late:
        reader.publish()
        assert ids(await late.batch(1)) == [1]


async def test_after_redis_was_away_listeners_miss_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.events.PAUSE_S", 0.01)
    reader = FakeReader(FakeStore())
    hub = EventHub(reader, reader.store)
    async with running(hub), hub.follow("ann", "conv_1", 0) as feed:
        reader.away = True
        await reader.wake()
        await asyncio.sleep(0.05)
        reader.store.add(3)
        reader.away = False
        seen: list[int] = []
        while len(seen) < 3:
            seen += ids(await feed.batch(1))
        assert seen == [1, 2, 3]


async def test_when_the_process_goes_down_every_listener_is_let_go() -> None:
    reader = FakeReader(FakeStore())
    hub = EventHub(reader, reader.store)
    async with running(hub), hub.follow("ann", "conv_1", 0) as feed:
        hub.end()
        with pytest.raises(FeedEnded):
            await feed.batch(1)
        async with hub.follow("ann", "conv_1", 0) as late:
            with pytest.raises(FeedEnded):
                await late.batch(1)
