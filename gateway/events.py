"""Following event streams: one Redis connection a process, fanned out to everybody who listens.

Ids within a stream count 1, 2, 3 … without a gap, so a listener always knows whether it missed
something; what it missed it reads from the store. Nothing here has to be delivered reliably for the
listener's view to be complete.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

import structlog

from shared.errors import StorageUnavailable
from shared.schemas.events import Event
from shared.storage.events import EventPage, StreamKey

log = structlog.get_logger(__name__)

BLOCK_S = 5.0
PAUSE_S = 0.5  # between attempts while Redis is away
WAKES, WAKE_PAUSE_S = 20, 0.02
MAX_PENDING = 256  # events a slow listener may have waiting; beyond that it reads them from the store


class Store(Protocol):
    """Where events can be read again."""

    async def read(self, tenant: str, stream_id: str, after: int, limit: int = ...) -> EventPage:
        """Return events behind `after`."""

    async def last_id(self, tenant: str, stream_id: str) -> int:
        """Return the id of the newest event, 0 for none."""


class Reader(Protocol):
    """Where new events of many streams arrive."""

    async def read(self, positions: Mapping[StreamKey, int], block_s: float) -> dict[StreamKey, list[Event]]:
        """Return what is behind the positions, as soon as there is something."""

    async def wake(self) -> None:
        """End a blocked read."""


class FeedEnded(Exception):
    """The process is going down; listeners shall come back to another one."""


@dataclass(frozen=True)
class Batch:
    """Some events in order; `reset` says that events before them are gone."""

    events: Sequence[Event]
    reset: bool = False


class Feed:
    """One listener's gapless view of one stream, from `position` on."""

    def __init__(self, key: StreamKey, position: int, store: Store, *, replay: bool) -> None:
        self.key = key
        self._position = position
        self._store = store
        self._behind = replay
        self._ended = False
        self._pending: list[Event] = []
        self._wake = asyncio.Event()

    async def batch(self, patience_s: float) -> Batch | None:
        """Return the next events, or None if there were none for `patience_s`; raises FeedEnded."""
        deadline = asyncio.get_running_loop().time() + patience_s
        while not self._ended:
            self._wake.clear()
            if self._behind:
                batch = await self._read_again()
            else:
                batch = self._take_pending()
            if batch.events or batch.reset:
                return batch
            if self._behind:  # a gap was found just now
                continue
            if not await self._woken(deadline):
                return None
        raise FeedEnded

    def offer(self, events: Sequence[Event]) -> None:
        """Hand over live events; too many at once are forgotten, and read again later."""
        if len(self._pending) + len(events) > MAX_PENDING:
            self.resync()
        else:
            self._pending.extend(events)
            self._wake.set()

    def resync(self) -> None:
        """Make the listener read from the store what it may have missed."""
        self._pending.clear()
        self._behind = True
        self._wake.set()

    def end(self) -> None:
        """Tell the listener that nothing more comes from this process."""
        self._ended = True
        self._wake.set()

    async def _read_again(self) -> Batch:
        self._behind = False  # before the read: whatever is offered meanwhile counts
        page = await self._store.read(self.key.tenant, self.key.stream_id, self._position)
        if page.events:
            self._position = page.events[-1].id
            self._behind = True  # until a read comes back empty
        elif page.reset:
            self._position = 0
        return Batch(page.events, page.reset)

    def _take_pending(self) -> Batch:
        fresh = [event for event in self._pending if event.id > self._position]
        self._pending.clear()
        if not fresh:
            return Batch(())
        if [event.id for event in fresh] != list(range(self._position + 1, self._position + 1 + len(fresh))):
            self._behind = True
            return Batch(())
        self._position = fresh[-1].id
        return Batch(fresh)

    async def _woken(self, deadline: float) -> bool:
        try:
            async with asyncio.timeout_at(deadline):
                await self._wake.wait()
        except TimeoutError:
            return False
        return True


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
