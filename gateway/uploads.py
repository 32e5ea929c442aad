"""Uploaded pictures on their way into the image store: decoded in a thread, a few at a time."""

from collections.abc import Callable

import anyio

from gateway.pictures import Picture, PictureLimits
from gateway.ports import Ports
from shared.schemas.image import Image
from shared.storage.records import Operation

PNG = "image/png"

Read = Callable[[bytes, PictureLimits], Picture]


async def decode_upload(data: bytes, read: Read, ports: Ports) -> Picture:
    """Decode uploaded bytes by `read_picture` or `read_mask` within this gateway's limits; raises as they do."""
    settings = ports.settings
    limits = PictureLimits(settings.max_body_bytes, settings.max_pixels, settings.max_side)
    return await anyio.to_thread.run_sync(read, data, limits, limiter=ports.decoders)


async def keep_picture(tenant: str, picture: Picture, ports: Ports, operation: Operation | None = None) -> Image:
    """Store a decoded picture."""
    return await ports.stores.images.add(tenant, picture.png, PNG, (picture.width, picture.height), operation)
