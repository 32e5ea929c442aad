"""Everything that can stand for a picture: what can be uploaded, and what the server has already."""

from dialogpaint.models import Image, Revision, Sample
from dialogpaint.pictures import Picture, Uploadable

Known = Sample | Image | Picture | Revision  # pictures that the server has already
AnyPicture = Uploadable | Known


def image_id_of(picture: Known) -> str:
    """Return the id of a picture that the server has."""
    return picture.id if isinstance(picture, Image) else picture.image_id
