"""Differences: what changed from one picture to another."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Header, Response

from gateway import described, examples
from gateway.caching import immutable, is_known
from gateway.dependencies import ImageId, OtherImageId, PortsOf, Tenant
from gateway.difference import draw, measure
from gateway.ports import Ports
from gateway.uploads import PNG
from shared.errors import InvalidRequest
from shared.schemas.difference import Difference

router = APIRouter(prefix="/v1/images", tags=["images"])


@router.get("/{image_id}/difference", responses=described.answers(200, examples.DIFFERENCE, 404))
async def compare_images(image_id: ImageId, to: OtherImageId, tenant: Tenant, ports: PortsOf) -> Difference:
    """Say in numbers what changed from a picture to another one of the same size."""
    one, other = await _both(tenant, image_id, to, ports)
    figures = await anyio.to_thread.run_sync(measure, one.read, other.read, one.size, limiter=ports.decoders)
    return Difference(
        image_id=image_id,
        to=to,
        width=one.size[0],
        height=one.size[1],
        changed_share=figures.changed_share,
        mean_change=figures.mean_change,
        largest_change=figures.largest,
        psnr_db=figures.psnr_db,
        box=figures.as_box(),
    )


@router.get("/{image_id}/difference.png", response_class=Response, responses=described.picture_answers())
async def draw_difference(
    image_id: ImageId,
    to: OtherImageId,
    tenant: Tenant,
    ports: PortsOf,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Get a picture of what changed: the first one in pale grey, and in colour what is different in the second."""
    one, other = await _both(tenant, image_id, to, ports)
    tag = f"{one.sha256}-{other.sha256}"
    if is_known(tag, if_none_match):
        return immutable(b"", PNG, tag, if_none_match)
    drawn = await anyio.to_thread.run_sync(draw, one.read, other.read, one.size, limiter=ports.decoders)
    return immutable(drawn, PNG, tag, if_none_match)


@dataclass(frozen=True)
class _Compared:
    """A picture to compare; `read` gives its bytes, for a thread."""

    size: tuple[int, int]
    sha256: str
    read: Callable[[], bytes]


async def _both(tenant: str, image_id: str, to: str, ports: Ports) -> tuple[_Compared, _Compared]:
    one, other = await _find(tenant, image_id, ports), await _find(tenant, to, ports)
    if one.size != other.size:
        sizes = " and ".join(f"{width}×{height}" for width, height in (one.size, other.size))
        raise InvalidRequest.about("to", f"The pictures are {sizes}; only pictures of the same size can be compared.")
    return one, other


async def _find(tenant: str, image_id: str, ports: Ports) -> _Compared:
    sample = ports.samples.find(image_id)
    if sample is not None:
        return _Compared((sample.sample.width, sample.sample.height), sample.sha256, lambda: sample.png)
    image = await ports.stores.images.stored(tenant, image_id)
    return _Compared((image.width, image.height), image.sha256, partial(ports.stores.files.get, image.file))
