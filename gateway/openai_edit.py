"""OpenAI's Images edit call as an edit of ours: check it, keep its pictures, submit."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from gateway.edits import Asking, submit_edit
from gateway.idempotency import once
from gateway.openai_form import EditCall
from gateway.pictures import Picture, Rendering, read_mask, read_picture
from gateway.ports import Ports
from gateway.uploads import decode_upload, keep_picture
from shared.errors import InvalidPicture, InvalidRequest, ModelNotFound, PictureTooLarge
from shared.schemas.edit import Edit, EditRequest
from shared.schemas.operations import EditingModel
from shared.schemas.problem import FieldError
from shared.storage.records import Operation


@dataclass(frozen=True)
class Checked:
    """A call whose pictures are decoded and whose wishes can be fulfilled."""

    call: EditCall
    model: EditingModel
    picture: Picture
    mask: Picture | None
    rendering: Rendering


async def check_call(call: EditCall, ports: Ports) -> Checked:
    """Decode the pictures and check the call against them; raises ModelNotFound, NoWorker, or what is wrong with it."""
    model = await ports.models.editing()
    if call.form.model not in (None, model.name):
        raise ModelNotFound(f"There is no model {call.form.model!r} here; name {model.name!r}, or none.")
    with _told_of("image"):
        picture = await decode_upload(call.image, read_picture, ports)
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
    form, model, mask = checked.call.form, checked.model, checked.mask
    wanted = EditRequest(
        image_id=(await keep_picture(tenant, checked.picture, ports)).id,
        instruction=form.prompt,
        parameters=form.parameters(model.defaults.steps),
        mask_image_id=(await keep_picture(tenant, mask, ports)).id if mask else None,
    )
    edit = await submit_edit(Asking(tenant, operation=operation), wanted, ports)
    ports.metrics.edits.labels("openai").inc()
    return edit


@contextmanager
def _told_of(field: str) -> Iterator[None]:
    """Name the field whose picture is refused."""
    try:
        yield
    except (InvalidPicture, PictureTooLarge) as error:
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
        detail = (
            f"The picture is {own[0]}x{own[1]}, and edits keep its proportions: {width}x{height} would distort it, or "
            f"is more than {max_side} a side. Ask for auto, or send the picture in the proportions that you want."
        )
        raise InvalidRequest(detail, errors=[FieldError(field="size", message=detail)])
    return wanted
