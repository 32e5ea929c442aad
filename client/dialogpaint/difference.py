"""What changed from one picture to another, as the server tells it."""

from dialogpaint.models import Answer


class Box(Answer):
    """A part of a picture, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


class DifferenceUrls(Answer):
    """Where the difference can be seen."""

    picture: str


class Difference(Answer):
    """What changed from one picture to another of the same size; levels are of 0 to 255.

    `psnr_db` and `box` are None where the pictures are the same.
    """

    image_id: str
    to: str
    width: int
    height: int
    changed_share: float
    mean_change: float
    largest_change: int
    psnr_db: float | None
    box: Box | None
    urls: DifferenceUrls
