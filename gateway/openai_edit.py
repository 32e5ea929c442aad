"""OpenAI's Images edit call as an edit of ours: check it, keep its pictures, submit."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from gateway.edits import Asking, check_words, submit_edit
from gateway.idempotency import once
from gateway.openai_form import EditCall
from gateway.pictures import Picture, Rendering, read_mask, read_opaque
from gateway.ports import Ports
from gateway.uploads import decode_upload, keep_picture
from shared.errors import (
    DialogPaintError,
    InvalidPicture,
    InvalidRequest,
    ModelNotFound,
    PictureTooLarge,
    UnknownWords,
)
from shared.schemas.edit import Edit, EditRequest
from shared.schemas.operations import EditingModel
from shared.schemas.problem import FieldError
from shared.storage.records import Operation

log = structlog.get_logger(__name__)

MOST_PIXELS = 4096 * 4096  # of all pictures of an answer together: they are in memory at once


@dataclass(frozen=True)
class Checked:
    """A call whose pictures are decoded and whose wishes can be fulfilled."""

    call: EditCall
    model: EditingModel
    picture: Picture
    mask: Picture | None
    rendering: Rendering


async def check_call(call: EditCall, ports: Ports) -> Checked:
    """Check the words, decode the pictures, check them too; raises ModelNotFound, NoWorker, or what is wrong."""
    model = await ports.models.editing()
    if call.form.model not in (None, model.name):
        raise ModelNotFound(f"There is no model {call.form.model!r} here; name {model.name!r}, or none.")
    with _told_of("prompt"):
        check_words(call.form.prompt, model)
    with _told_of("image"):
        picture = await decode_upload(call.image, read_opaque, ports)
    with _told_of("mask"):
        mask = await decode_upload(call.mask, read_mask, ports) if call.mask is not None else None
        _check_mask(mask, picture)
    size = _size(call, picture, ports.settings.max_side)
    rendering = Rendering(size, call.form.output_format, call.form.output_compression)
    return Checked(call, model, picture, mask, rendering)


async def accept_once(tenant: str, checked: Checked, key: str | None, request: Request, ports: Ports) -> Edit:
    """Submit the edit; a call that is sent again with the same idempotency key gets the same edit.

    What is kept under the key is the edit's id and not the answer, which may hold megabytes of pictures.
    """
    if key is None:
        return await _accept(tenant, checked, None, ports)

    async def accept(request: Request) -> Response:
        edit = await _accept(tenant, checked, request.state.operation, ports)
        return JSONResponse({"edit_id": edit.id}, 202)

    kept = await once(key, request, accept)
    return await ports.stores.edits.get(tenant, json.loads(bytes(kept.body))["edit_id"])


async def _accept(tenant: str, checked: Checked, operation: Operation | None, ports: Ports) -> Edit:
    if operation and operation.resource_id:  # an interrupted run of the same call got this far
        return await ports.stores.edits.get(tenant, operation.resource_id)
    await ports.stores.queue.check_room(tenant)
    form, model = checked.call.form, checked.model
    async with _kept(tenant, checked, ports) as (image_id, mask_image_id):
        wanted = EditRequest(
            image_id=image_id,
            instruction=form.prompt,
            parameters=form.parameters(model.defaults.steps),
            mask_image_id=mask_image_id,
        )
        edit = await submit_edit(Asking(tenant, operation=operation, as_one=True), wanted, ports)
    ports.metrics.edits.labels("openai").inc()
    return edit


@asynccontextmanager
async def _kept(tenant: str, checked: Checked, ports: Ports) -> AsyncIterator[tuple[str, str | None]]:
    """Keep the pictures for an edit (picture, mask); they are deleted again if it is refused."""
    kept: list[str] = []
    try:
        for picture in filter(None, (checked.picture, checked.mask)):
            kept.append((await keep_picture(tenant, picture, ports)).id)
        yield kept[0], kept[1] if checked.mask else None
    except Exception:
        await _discard(tenant, kept, ports)
        raise


async def _discard(tenant: str, image_ids: list[str], ports: Ports) -> None:
    try:
        for image_id in image_ids:
            await ports.stores.images.discard(tenant, image_id)
    except DialogPaintError as error:  # what the call was refused for is the better answer
        log.warning("pictures_not_discarded", error=error.code)


@contextmanager
def _told_of(field: str) -> Iterator[None]:
    """Name the field that is refused."""
    try:
        yield
    except (InvalidPicture, PictureTooLarge, UnknownWords) as error:
        error.errors = [FieldError(field=field, message=error.detail)]
        raise


def _check_mask(mask: Picture | None, picture: Picture) -> None:
    if mask is not None and (mask.width, mask.height) != (picture.width, picture.height):
        raise InvalidPicture(
            f"The mask is {mask.width}×{mask.height} and the picture {picture.width}×{picture.height}; "
            "make the mask the picture's size."
        )


def _size(call: EditCall, picture: Picture, max_side: int) -> tuple[int, int]:
    """The size that the answer shall have: an edit keeps a picture's proportions, so only those can be asked for."""
    own = (picture.width, picture.height)
    width, height = wanted = call.form.pixels or own
    if wanted != own and (abs(width * own[1] - height * own[0]) > max(own) or max(wanted) > max_side):
        raise InvalidRequest.about(
            "size",
            f"The picture is {own[0]}x{own[1]}, and edits keep its proportions: {width}x{height} would distort it, or "
            f"is more than {max_side} a side. Ask for auto, or send the picture in the proportions that you want.",
        )
    if call.form.n * width * height > MOST_PIXELS:
        raise InvalidRequest.about(
            "size",
            f"n={call.form.n} pictures of {width}x{height} are more than the 16 megapixels that one answer holds. "
            "Ask for fewer, or for a smaller size.",
        )
    return wanted
