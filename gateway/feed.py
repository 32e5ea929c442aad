"""One listener's view of one event stream, in order and without a gap.

Ids within a stream count 1, 2, 3 … without a gap, so a listener always knows whether it missed
something; what it missed it reads from the store. Nothing that is offered live has to arrive.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.schemas.events import Event
from shared.storage.events import EventPage, StreamKey

MAX_PENDING = 256  # events a slow listener may have waiting; beyond that it reads them from the store


class Store(Protocol):
    """Where events can be read again."""

    async def read(self, tenant: str, stream_id: str, after: int, limit: int = ...) -> EventPage:
        """Return events behind `after`."""

    async def last_id(self, tenant: str, stream_id: str) -> int:
        """Return the id of the newest event, 0 for none."""


class FeedEnded(Exception):
    """The process is going down; listeners shall come back to another one."""


@dataclass(frozen=True)
class Batch:
    """Some events in order; `reset` says that events before them are gone."""

    events: Sequence[Event]
    reset: bool = False


def tells_the_end(batch: Batch, edit_id: str | None) -> bool:
    """Whether the terminal event of this edit is among the events."""
    return any(event.event.is_terminal and event.edit_id == edit_id for event in batch.events)


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
