"""What OpenAI's Images edit call answers: pictures in one piece, or as server-sent events while they are made."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import anyio

from gateway.feed import Batch, FeedEnded, tells_the_end
from gateway.openai_errors import error_body
from gateway.openai_schemas import EditedImages, PictureData, PictureEvent, Usage
from gateway.pictures import Rendering, render
from gateway.ports import Ports
from gateway.sse import HEARTBEAT
from shared.errors import Conflict, DialogPaintError, EditFailed, EditStillRunning, NotFound
from shared.schemas.edit import Edit, EditStatus
from shared.schemas.events import Event, EventType
from shared.schemas.problem import Problem
from shared.storage.events import EventStore

NOT_LOST = (
    "{0} is not finished, and this answer can't wait any longer. Nothing is lost: the edit goes on, and "
    "GET /v1/edits/{0} tells of it and of its pictures. A call with an Idempotency-Key can be sent again: it waits "
    "for the same edit."
)


@dataclass(frozen=True)
class Answering:
    """An accepted edit, and how its caller wants the pictures."""

    tenant: str
    edit: Edit
    rendering: Rendering
    is_repeatable: bool  # the same call again would wait for the same edit
    partial_images: int = 0
    base_url: str | None = None  # where this gateway answers, for urls; None for the pictures themselves


async def whole_answer(answering: Answering, ports: Ports) -> EditedImages:
    """Wait for the edit and return its pictures; raises EditStillRunning, or what became of the edit."""
    edit = await ports.waiter.until_over(answering.tenant, answering.edit, ports.settings.openai_wait_s)
    _check_success(edit, answering)
    return EditedImages(
        created=_seconds(edit.finished_at),
        data=[await _data(image_id, answering, ports) for image_id in edit.image_ids],
        output_format=answering.rendering.format,
        size=_size(answering.rendering),
        edit_id=edit.id,
    )


async def streamed_answer(answering: Answering, ports: Ports) -> AsyncIterator[bytes]:
    """Yield partial images, then each picture; what goes wrong is the last event, as the status is sent by then."""
    try:
        async for part in _parts(answering, ports):
            yield part
    except FeedEnded:
        yield _error_frame(_still_running(answering))
    except DialogPaintError as error:
        yield _error_frame(error)


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
    _check_success(edit, answering)
    for image_id in edit.image_ids:
        yield await _completed(image_id, edit, answering, ports)


def _previews(batch: Batch) -> list[Event]:
    return [event for event in batch.events if event.event is EventType.EDIT_PREVIEW]


async def _partial_image(preview: Event, index: int, answering: Answering, ports: Ports) -> AsyncIterator[bytes]:
    try:
        data = await _rendered(preview.data["image_id"], answering, ports)
    except NotFound:  # what was begun is gone since another worker took over
        return
    yield _frame(
        PictureEvent(
            type="image_edit.partial_image",
            b64_json=_base64(data),
            created_at=_seconds(preview.at),
            output_format=answering.rendering.format,
            size=_size(answering.rendering),
            partial_image_index=index,
            edit_id=answering.edit.id,
        )
    )


async def _completed(image_id: str, edit: Edit, answering: Answering, ports: Ports) -> bytes:
    return _frame(
        PictureEvent(
            type="image_edit.completed",
            b64_json=_base64(await _rendered(image_id, answering, ports)),
            created_at=_seconds(edit.finished_at),
            output_format=answering.rendering.format,
            size=_size(answering.rendering),
            usage=Usage(),
            edit_id=edit.id,
        )
    )


async def _data(image_id: str, answering: Answering, ports: Ports) -> PictureData:
    data = await _rendered(image_id, answering, ports)
    if answering.base_url is None:
        return PictureData(b64_json=_base64(data))
    images, rendering = ports.stores.images, answering.rendering
    image = await images.get(answering.tenant, image_id)
    if (image.media_type, image.width, image.height) != (rendering.media_type, *rendering.size):
        image = await images.add(answering.tenant, data, rendering.media_type, rendering.size)
    return PictureData(url=answering.base_url + image.urls.self)


async def _rendered(image_id: str, answering: Answering, ports: Ports) -> bytes:
    data = await ports.stores.images.read(answering.tenant, image_id)
    return await anyio.to_thread.run_sync(render, data, answering.rendering, limiter=ports.decoders)


def _check_success(edit: Edit, answering: Answering) -> None:
    if not edit.status.is_terminal:
        raise _still_running(answering)
    if edit.status is EditStatus.CANCELED:
        raise Conflict(f"{edit.id} was canceled while this call waited for it.")
    if edit.error is not None:
        raise _failure(edit.error)


def _still_running(answering: Answering) -> DialogPaintError:
    error = EditStillRunning(NOT_LOST.format(answering.edit.id))
    error.retryable = answering.is_repeatable
    return error


def _failure(problem: Problem) -> DialogPaintError:
    """The error that a worker wrote into the edit's record."""
    error = EditFailed(problem.detail)
    error.code, error.status, error.title, error.retryable = (
        problem.code,
        problem.status,
        problem.title,
        problem.retryable,
    )
    return error


def _frame(event: PictureEvent) -> bytes:
    return f"event: {event.type}\ndata: {event.model_dump_json(exclude_none=True)}\n\n".encode()


def _error_frame(error: DialogPaintError) -> bytes:
    return f"event: error\ndata: {json.dumps({'type': 'error', **error_body(error.problem())})}\n\n".encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _seconds(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


def _size(rendering: Rendering) -> str:
    width, height = rendering.size
    return f"{width}x{height}"
