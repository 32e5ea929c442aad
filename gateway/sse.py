"""Server-sent events: how a feed becomes `text/event-stream`."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass

from fastapi.responses import StreamingResponse

from gateway.events import EventHub
from gateway.feed import Batch, FeedEnded, tells_the_end
from shared.errors import InvalidRequest, StorageUnavailable
from shared.schemas.events import Event

HEARTBEAT = b": heartbeat\n\n"
RESET = b"event: reset\ndata: {}\n\n"
MAX_DIGITS = 15


class EventStream(StreamingResponse):
    """An answer that goes on for as long as somebody listens."""

    media_type = "text/event-stream"


@dataclass(frozen=True)
class Listening:
    """What a client follows: a stream from behind the id `after`, all of it or one edit's part."""

    tenant: str
    stream_id: str
    after: int
    edit_id: str | None = None
    is_over: bool = False  # nothing more will come: send what was, then end


def event_stream(hub: EventHub, listening: Listening, heartbeat_s: float) -> EventStream:
    """Return the answer that sends the events."""
    return stream_frames(_frames(hub, listening, heartbeat_s))


def stream_frames(frames: AsyncIterator[bytes]) -> EventStream:
    """Return the answer that sends these frames; no proxy should hold it back or keep it."""
    return EventStream(frames, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def last_event_id(header: str | None) -> int:
    """Return the id to replay from; 0, the stream's beginning, if the client names none."""
    if header is None or not header.strip():
        return 0
    if not (header.isascii() and header.isdigit() and len(header) <= MAX_DIGITS):
        raise InvalidRequest("Last-Event-ID must be the id of an event of this stream.")
    return int(header)


def frame(event: Event) -> bytes:
    """Return one event on the wire; JSON escapes every line break, so `data` is one line."""
    data = json.dumps({"at": event.at.isoformat().replace("+00:00", "Z"), **event.data}, ensure_ascii=False)
    return f"id: {event.id}\nevent: {event.event.value}\ndata: {data}\n\n".encode()


async def _frames(hub: EventHub, listening: Listening, heartbeat_s: float) -> AsyncIterator[bytes]:
    """Yield what happened and happens, until the edit is over, the client leaves or the process goes down."""
    patience_s = 0 if listening.is_over else heartbeat_s
    with suppress(FeedEnded, StorageUnavailable):  # the client comes back with its Last-Event-ID
        async with hub.follow(listening.tenant, listening.stream_id, listening.after) as feed:
            while True:
                batch = await feed.batch(patience_s)
                if batch is None and listening.is_over:
                    return
                for part in _batch_frames(batch, listening.edit_id):
                    yield part
                if batch and tells_the_end(batch, listening.edit_id):
                    return


def _batch_frames(batch: Batch | None, edit_id: str | None) -> Iterator[bytes]:
    if batch is None:
        yield HEARTBEAT
        return
    if batch.reset:
        yield RESET
    for event in batch.events:
        if edit_id is None or event.edit_id == edit_id:
            yield frame(event)
