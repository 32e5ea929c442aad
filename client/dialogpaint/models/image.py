"""Stored pictures."""

from datetime import datetime

from dialogpaint.models.base import Answer


class ImageUrls(Answer):
    """Where the picture's bytes are."""

    self: str


class Image(Answer):
    """What is known of a stored picture; width and height in pixels, size in bytes."""

    id: str
    media_type: str
    width: int
    height: int
    size: int
    sha256: str
    created_at: datetime
    urls: ImageUrls


class Sample(Answer):
    """A picture that comes with the server and that its default model knows how to edit."""

    name: str
    image_id: str
    caption: str
    width: int
    height: int
    url: str
