"""Following event streams: one Redis connection a process, fanned out to everybody who listens."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog

from gateway.feed import Feed, Store
from shared.errors import StorageUnavailable
from shared.schemas.events import Event
from shared.storage.events import StreamKey

log = structlog.get_logger(__name__)

BLOCK_S = 5.0
PAUSE_S = 0.5  # between attempts while Redis is away
WAKES, WAKE_PAUSE_S = 20, 0.02


class Reader(Protocol):
    """Where new events of many streams arrive."""

    async def read(self, positions: Mapping[StreamKey, int], block_s: float) -> dict[StreamKey, list[Event]]:
        """Return what is behind the positions, as soon as there is something."""

    async def wake(self) -> None:
        """End a blocked read."""


class EventHub:
    """Reads every stream that somebody follows over one connection and fans its events out."""

    def __init__(self, reader: Reader, store: Store) -> None:
        self._reader = reader
        self._store = store
        self._feeds: dict[StreamKey, set[Feed]] = {}
        self._positions: dict[StreamKey, int] = {}
        self._followed = asyncio.Event()
        self._located = asyncio.Event()
        self._ended = False

    @property
    def listeners(self) -> int:
        """How many listeners there are."""
        return sum(len(feeds) for feeds in self._feeds.values())

    @property
    def has_ended(self) -> bool:
        """Whether the process is going down."""
        return self._ended

    @asynccontextmanager
    async def follow(self, tenant: str, stream_id: str, after: int | None) -> AsyncIterator[Feed]:
        """Give a feed of the events behind the id `after`, or of those from now on; raises StorageUnavailable."""
        key = StreamKey(tenant, stream_id)
        position = await self._store.last_id(tenant, stream_id) if after is None else after
        feed = Feed(key, position, self._store, replay=True)
        self._feeds.setdefault(key, set()).add(feed)
        self._followed.set()
        if self._ended:
            feed.end()
        try:
            await self._until_read(key)
            yield feed
        finally:
            self._feeds[key].discard(feed)
            if not self._feeds[key]:
                del self._feeds[key]
                self._positions.pop(key, None)

    async def run(self) -> None:
        """Read and fan out until canceled; Redis may go away and come back."""
        while True:
            if not self._feeds:
                self._followed.clear()
            await self._followed.wait()
            try:
                await self._locate()
                self._fan_out(await self._reader.read(dict(self._positions), BLOCK_S))
            except StorageUnavailable:
                self._positions.clear()  # a Redis that comes back may have forgotten: look again where streams end
                await asyncio.sleep(PAUSE_S)
            except Exception:
                log.exception("event_hub_failed")
                await asyncio.sleep(PAUSE_S)

    def end(self) -> None:
        """End every feed, and those yet to come: the process is going down."""
        self._ended = True
        for feeds in self._feeds.values():
            for feed in feeds:
                feed.end()

    async def _until_read(self, key: StreamKey) -> None:
        """Interrupt the blocked read until it includes this stream; a wake can come a moment before the block."""
        for _ in range(WAKES):
            if key in self._positions or self._ended:
                return
            await self._reader.wake()
            self._located.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(WAKE_PAUSE_S):
                    await self._located.wait()

    async def _locate(self) -> None:
        """Find the present end of streams that are new here; their listeners read what lies before it."""
        for key in [key for key in self._feeds if key not in self._positions]:
            last_id = await self._store.last_id(key.tenant, key.stream_id)
            if key in self._feeds:
                self._positions[key] = last_id
                for feed in self._feeds[key]:
                    feed.resync()
        self._located.set()

    def _fan_out(self, arrived: dict[StreamKey, list[Event]]) -> None:
        for key, events in arrived.items():
            if events and key in self._positions:
                self._positions[key] = events[-1].id
                for feed in self._feeds[key]:
                    feed.offer(events)
