"""The pictures that come with the gateway, for trying it out without a picture of one's own."""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as PillowImage

from shared.schemas.image import Sample

FOLDER = Path(__file__).parent / "samples"
PREFIX = "img_sample-"


@dataclass(frozen=True)
class SamplePicture:
    """One packaged picture: what clients see of it, its PNG bytes and their hash."""

    sample: Sample
    png: bytes
    sha256: str


class Samples:
    """The packaged pictures by their image ids, which are the same for every tenant."""

    def __init__(self, pictures: list[SamplePicture]) -> None:
        self._pictures = {picture.sample.image_id: picture for picture in pictures}

    def all(self) -> list[Sample]:
        """Return every sample in the order of its listing."""
        return [picture.sample for picture in self._pictures.values()]

    def find(self, image_id: str) -> SamplePicture | None:
        """Return the sample with this image id."""
        return self._pictures.get(image_id)

    def holds(self, sha256: str) -> bool:
        """Whether a picture with this hash is a sample."""
        return any(picture.sha256 == sha256 for picture in self._pictures.values())


def read_samples(folder: Path = FOLDER) -> Samples:
    """Read samples.json and the PNG files it names; a folder without a listing holds none."""
    listing = folder / "samples.json"
    entries = json.loads(listing.read_text()) if listing.exists() else []
    return Samples([_read(folder, **entry) for entry in entries])


def _read(folder: Path, name: str, file: str, caption: str) -> SamplePicture:
    png = (folder / file).read_bytes()
    with PillowImage.open(io.BytesIO(png), formats=("PNG",)) as opened:
        width, height = opened.size
    image_id = PREFIX + name
    sample = Sample(
        name=name, image_id=image_id, caption=caption, width=width, height=height, url=f"/v1/images/{image_id}"
    )
    return SamplePicture(sample, png, hashlib.sha256(png).hexdigest())
