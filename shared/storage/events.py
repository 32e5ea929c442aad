"""Streams of events: one for each conversation and each free-standing edit; ids count 1, 2, 3 … without a gap."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from redis.exceptions import ResponseError

from shared.errors import StorageUnavailable
from shared.schemas.edit import Edit
from shared.schemas.events import Event, EventType
from shared.storage.client import MAX_BLOCK_S, AsyncRedis, connect_reader, redis_errors
from shared.storage.decode import moment
from shared.storage.keys import tenant_key

Entry = tuple[str, dict[str, str]]


class StreamKey(NamedTuple):
    """One tenant's stream; its id is that of the conversation or edit."""

    tenant: str
    stream_id: str


@dataclass(frozen=True)
class EventPage:
    """Events after a position; `reset` means that some between are gone and the reader must look at the records."""

    events: list[Event]
    reset: bool


@dataclass(frozen=True)
class EventStore:
    """Reads back what the scripts have told; nothing else writes events."""

    redis: AsyncRedis

    @staticmethod
    def stream_of(edit: Edit) -> str:
        """The stream that tells of this edit: its conversation's, or its own."""
        return edit.conversation_id or edit.id

    async def read(self, tenant: str, stream_id: str, after: int, limit: int = 500) -> EventPage:
        """Read at most `limit` events that follow the event `after` (0: from the beginning)."""
        key = _key(tenant, stream_id)
        with redis_errors():
            pipeline = self.redis.pipeline(transaction=True)
            pipeline.xrange(key, min=f"({after}-0", count=limit).xrevrange(key, count=1)
            entries, newest = await pipeline.execute()
        events = [_event(entry) for entry in entries]
        last = _event(newest[0]).id if newest else 0
        skipped = bool(events) and events[0].id != after + 1
        return EventPage(events, reset=skipped or last < after)

    async def last_id(self, tenant: str, stream_id: str) -> int:
        """The id of the newest event, 0 if there is none."""
        with redis_errors():
            newest = await self.redis.xrevrange(_key(tenant, stream_id), count=1)
        return _event(newest[0]).id if newest else 0


class EventReader:
    """Waits on many streams at once over one connection of its own; for one task at a time."""

    def __init__(self, url: str) -> None:
        self._pool = connect_reader(url)
        self._connection = self._pool.client()
        self._waker = connect_reader(url)
        self._client_id: int | None = None

    async def read(
        self, positions: Mapping[StreamKey, int], block_s: float = MAX_BLOCK_S
    ) -> dict[StreamKey, list[Event]]:
        """Wait at most `block_s` for events after these positions; empty when none came or `wake` was called."""
        keys = {_key(*stream): stream for stream in positions}
        places = {key: f"{positions[stream]}-0" for key, stream in keys.items()}
        try:
            with redis_errors():
                if self._client_id is None:
                    self._client_id = await self._connection.client_id()
                found = await self._connection.xread(places, block=max(1, round(min(block_s, MAX_BLOCK_S) * 1000)))
        except StorageUnavailable:
            await self._reconnect()
            raise
        return {keys[key]: [_event(entry) for entry in entries] for key, entries in found or []}

    async def wake(self) -> None:
        """End the read that is waiting now; repeat it if the read may only just have begun."""
        if self._client_id is not None:
            with redis_errors(), suppress(ResponseError):
                await self._waker.client_unblock(self._client_id)

    async def close(self) -> None:
        """Close the connections."""
        for redis in (self._connection, self._pool, self._waker):
            await redis.aclose()

    async def _reconnect(self) -> None:
        self._client_id = None
        with suppress(Exception):
            await self._connection.aclose()
        self._connection = self._pool.client()


def _key(tenant: str, stream_id: str) -> str:
    return tenant_key(tenant, "events", stream_id)


def _event(entry: Entry) -> Event:
    entry_id, fields = entry
    return Event(
        id=int(entry_id.partition("-")[0]),
        event=EventType(fields["event"]),
        at=moment(fields["at"]),
        data=json.loads(fields["data"]),
    )
