"""How two pictures differ, in numbers."""

from typing import Any

from pydantic import Field

from shared.schemas.base import Resource
from shared.schemas.image import image_url


class Box(Resource):
    """A part of a picture, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


class DifferenceUrls(Resource):
    """Where the difference can be seen."""

    picture: str


def _urls(fields: dict[str, Any]) -> DifferenceUrls:
    return DifferenceUrls(picture=f"{image_url(fields['image_id'])}/difference.png?to={fields['to']}")


class Difference(Resource):
    """What changed from one picture to another of the same size; levels are of 0 to 255."""

    image_id: str
    to: str
    width: int = Field(description="pixels")
    height: int = Field(description="pixels")
    changed_share: float = Field(description="of the pixels, 0 to 1: those that are not exactly the same")
    mean_change: float = Field(description="levels, over all pixels and channels")
    largest_change: int = Field(description="levels, in any channel of any pixel")
    psnr_db: float | None = Field(description="peak signal-to-noise ratio; null where the pictures are the same")
    box: Box | None = Field(description="the smallest box around all that changed; null where nothing did")
    urls: DifferenceUrls = Field(default_factory=_urls)
