"""A stored picture."""

from typing import Any

from pydantic import Field

from shared.schemas.base import Moment, Resource


class ImageUrls(Resource):
    """Where the picture's bytes are."""

    self: str


def _urls(fields: dict[str, Any]) -> ImageUrls:
    return ImageUrls(self=image_url(fields["id"]))


def image_url(image_id: str) -> str:
    """The path of a picture's bytes."""
    return f"/v1/images/{image_id}"


class Image(Resource):
    """What is known of a stored picture; the bytes are at `urls.self`."""

    id: str
    media_type: str
    width: int = Field(description="pixels")
    height: int = Field(description="pixels")
    size: int = Field(description="bytes")
    sha256: str = Field(description="hex digest of the bytes; also the ETag")
    created_at: Moment
    urls: ImageUrls = Field(default_factory=_urls)


class Sample(Resource):
    """A picture that the default model knows how to edit."""

    name: str
    image_id: str = Field(description="begins a conversation or an edit like the id of a stored picture")
    caption: str
    width: int
    height: int
    url: str
