"""Everything that can stand for a picture: what can be uploaded, and what the server has already."""

from pathlib import Path
from typing import TypeGuard

from dialogpaint.models import Image, Revision, Sample
from dialogpaint.pictures import Picture, Uploadable

Known = Sample | Image | Picture | Revision  # pictures that the server has already
AnyPicture = Uploadable | Known


def is_image_id(picture: AnyPicture) -> TypeGuard[str]:
    """Whether a text is the id of a picture rather than a path, which it is wherever there is such a file."""
    return isinstance(picture, str) and picture.startswith("img_") and not Path(picture).is_file()


def image_id_of(picture: Known) -> str:
    """Return the id of a picture that the server has."""
    return picture.id if isinstance(picture, Image) else picture.image_id
