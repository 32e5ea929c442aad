"""Uploaded pictures on their way into the image store: out of a form, decoded in a thread, a few at a time."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
from fastapi import Request
from starlette.datastructures import FormData

from gateway.pictures import Picture, PictureLimits
from gateway.ports import Ports
from shared.errors import InvalidRequest
from shared.schemas.image import Image
from shared.storage.records import Operation

PNG = "image/png"

Read = Callable[[bytes, PictureLimits], Picture]


@asynccontextmanager
async def form_of(request: Request, max_files: int, max_fields: int) -> AsyncIterator[FormData]:
    """Read a request's form, whose files are gone afterwards; raises InvalidRequest, or HTTPException for no form."""
    try:
        form = await request.form(max_files=max_files, max_fields=max_fields)
    except UnicodeError as error:  # the content type may name any charset of Python's, and some decode nothing
        raise InvalidRequest("The form's charset does not fit what it says; send UTF-8.") from error
    try:
        yield form
    finally:
        await request.close()


async def decode_upload(data: bytes, read: Read, ports: Ports) -> Picture:
    """Decode uploaded bytes by `read_picture` or `read_mask` within this gateway's limits; raises as they do."""
    settings = ports.settings
    limits = PictureLimits(settings.max_body_bytes, settings.max_pixels, settings.max_side)
    return await anyio.to_thread.run_sync(read, data, limits, limiter=ports.decoders)


async def keep_picture(tenant: str, picture: Picture, ports: Ports, operation: Operation | None = None) -> Image:
    """Store a decoded picture."""
    return await ports.stores.images.add(tenant, picture.png, PNG, (picture.width, picture.height), operation)
