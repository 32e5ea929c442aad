"""What OpenAI's Images edit call answers: pictures in one piece, or as server-sent events while they are made."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime

import anyio

from gateway.feed import Batch, tells_the_end
from gateway.openai_ends import check_success, sending, waiting_for
from gateway.openai_errors import error_body
from gateway.openai_pieces import PLACE, event_pieces, json_pieces
from gateway.openai_schemas import EditedImages, PictureData, PictureEvent, Usage
from gateway.pictures import Rendering, render
from gateway.ports import Ports
from gateway.sse import HEARTBEAT
from shared.errors import DialogPaintError, NotFound
from shared.schemas.edit import Edit
from shared.schemas.events import Event, EventType
from shared.storage.events import EventStore
from shared.web import unexpected


@dataclass(frozen=True)
class Answering:
    """An accepted edit, and how its caller wants the pictures."""

    tenant: str
    edit: Edit
    rendering: Rendering
    is_repeatable: bool  # the same call again would wait for the same edit
    is_stream: bool = False
    partial_images: int = 0
    base_url: str | None = None  # where this gateway answers, for urls; None for the pictures themselves


async def whole_answer(answering: Answering, ports: Ports) -> Iterator[bytes]:
    """Wait for the edit and return the answer's JSON in pieces, for threads to make.

    Raises EditStillRunning, ShuttingDown, StorageUnavailable, or what became of the edit.
    """
    with waiting_for(answering.edit.id):
        edit = await ports.waiter.insist(answering.tenant, answering.edit, ports.settings.openai_wait_s)
    check_success(edit, answering.is_repeatable)
    if answering.base_url is None:
        pictures = [await _rendered(image_id, answering, ports) for image_id in edit.image_ids]
        return json_pieces(_answer(edit, answering, [PictureData(b64_json=PLACE) for _ in pictures]), pictures)
    urls = [await _url(image_id, answering.base_url, answering, ports) for image_id in edit.image_ids]
    return json_pieces(_answer(edit, answering, [PictureData(url=url) for url in urls]), [])


async def streamed_answer(answering: Answering, ports: Ports) -> AsyncIterator[bytes]:
    """Yield partial images, then each picture; what goes wrong is the last event, as the status is sent by then."""
    try:
        with waiting_for(answering.edit.id):
            async for part in _parts(answering, ports):
                yield part
    except DialogPaintError as error:
        yield _error_frame(error)
    except Exception as error:
        yield _error_frame(unexpected(error, edit=answering.edit.id))


async def _parts(answering: Answering, ports: Ports) -> AsyncIterator[bytes]:
    tenant, edit, shown = answering.tenant, answering.edit, 0
    async with ports.hub.follow(tenant, EventStore.stream_of(edit), after=0) as feed:
        while not edit.status.is_terminal:
            batch = await feed.batch(ports.settings.sse_heartbeat_s)
            if batch is None:
                yield HEARTBEAT
                continue
            for preview in _previews(batch)[: answering.partial_images - shown]:
                shown += 1
                async for part in _partial_image(preview, shown - 1, answering, ports):
                    yield part
            if batch.reset or tells_the_end(batch, edit.id):
                edit = await ports.stores.edits.get(tenant, edit.id)
    check_success(edit, answering.is_repeatable)
    for image_id in edit.image_ids:
        async for part in _completed(image_id, edit, answering, ports):
            yield part


def _previews(batch: Batch) -> list[Event]:
    return [event for event in batch.events if event.event is EventType.EDIT_PREVIEW]


async def _partial_image(preview: Event, index: int, answering: Answering, ports: Ports) -> AsyncIterator[bytes]:
    try:
        data = await _rendered(preview.data["image_id"], answering, ports)
    except NotFound:  # what was begun is gone since another worker took over
        return
    event = PictureEvent(
        type="image_edit.partial_image",
        b64_json=PLACE,
        created_at=_seconds(preview.at),
        output_format=answering.rendering.format,
        size=_size(answering.rendering),
        partial_image_index=index,
        edit_id=answering.edit.id,
    )
    async for part in event_pieces(event.type, event, data):
        yield part


async def _completed(image_id: str, edit: Edit, answering: Answering, ports: Ports) -> AsyncIterator[bytes]:
    event = PictureEvent(
        type="image_edit.completed",
        b64_json=PLACE,
        created_at=_seconds(edit.finished_at),
        output_format=answering.rendering.format,
        size=_size(answering.rendering),
        usage=Usage(),
        edit_id=edit.id,
    )
    async for part in event_pieces(event.type, event, await _rendered(image_id, answering, ports)):
        yield part


def _answer(edit: Edit, answering: Answering, data: list[PictureData]) -> EditedImages:
    return EditedImages(
        created=_seconds(edit.finished_at),
        data=data,
        output_format=answering.rendering.format,
        size=_size(answering.rendering),
        edit_id=edit.id,
    )


async def _url(image_id: str, base_url: str, answering: Answering, ports: Ports) -> str:
    """Where the picture is as it was asked for; one that has to be rendered is kept, once for all calls that ask."""
    tenant, images, rendering = answering.tenant, ports.stores.images, answering.rendering
    image = await images.get(tenant, image_id)
    if (image.media_type, image.width, image.height) != (rendering.media_type, *rendering.size):
        copy_id = rendering.copy_of(image_id)
        try:
            image = await images.get(tenant, copy_id)
        except NotFound:
            data = await _rendered(image_id, answering, ports)
            image = await images.add(tenant, data, rendering.media_type, rendering.size, image_id=copy_id)
    return base_url + image.urls.self


async def _rendered(image_id: str, answering: Answering, ports: Ports) -> bytes:
    data = await ports.stores.images.read(answering.tenant, image_id)
    with sending(answering.edit.id, answering.is_repeatable):
        return await anyio.to_thread.run_sync(render, data, answering.rendering, limiter=ports.decoders)


def _error_frame(error: DialogPaintError) -> bytes:
    return f"event: error\ndata: {json.dumps({'type': 'error', **error_body(error.problem())})}\n\n".encode()


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def _size(rendering: Rendering) -> str:
    width, height = rendering.size
    return f"{width}x{height}"
