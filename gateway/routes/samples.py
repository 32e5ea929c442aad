"""Pictures to begin with."""

from fastapi import APIRouter

from gateway import described, examples
from gateway.dependencies import PortsOf
from shared.schemas.base import Page
from shared.schemas.image import Sample

router = APIRouter(prefix="/v1/samples", tags=["images"])


@router.get("", responses=described.answers(200, described.page(examples.SAMPLE)))
async def list_samples(ports: PortsOf) -> Page[Sample]:
    """List pictures that the default model knows how to edit; each `image_id` can begin a conversation."""
    return Page(items=ports.samples.all())
