"""Pictures as they come from the server, and everything that can be sent there as one."""

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    from dialogpaint.provenance import Provenance

SUFFIXES = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
}


@dataclass(frozen=True)
class Picture:
    """A picture's bytes, with the id under which the server keeps it."""

    image_id: str
    media_type: str
    data: bytes = field(repr=False)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the bytes to a file; raises ValueError if its name ends like another type of picture."""
        file = Path(path)
        endings = SUFFIXES.get(self.media_type, (file.suffix.lower(),))
        if file.suffix.lower() not in endings:
            raise ValueError(
                f"The picture is {self.media_type}, so its file must end in {' or '.join(endings)}: {file}. "
                "To convert it, open it with Pillow: PIL.Image.open(io.BytesIO(picture.data))."
            )
        file.write_bytes(self.data)
        return file

    def provenance(self) -> "Provenance":
        """What its own file tells of the edits that made it; `client.provenance(picture)` asks the server."""
        from dialogpaint.provenance import read_provenance  # which needs models, and those need pictures

        return read_provenance(self.data, self.image_id)

    def _repr_mimebundle_(self, **_asked: Any) -> dict[str, bytes]:
        """What a notebook shows."""
        return {self.media_type: self.data}


@runtime_checkable
class Savable(Protocol):
    """A picture of Pillow, or anything that saves itself as it does."""

    def save(self, fp: BinaryIO, /, *, format: str) -> object:
        """Write the picture into the open file."""


@dataclass(frozen=True)
class Upload:
    """The bytes of a picture and what they are."""

    data: bytes
    media_type: str


Uploadable = str | os.PathLike[str] | bytes | BinaryIO | Savable


def read_upload(picture: Uploadable) -> Upload:
    """Return what to send for a path, bytes, an open file or a Pillow picture.

    Raises OSError for a file that can't be read, TypeError for what is no picture at all.
    """
    data = _bytes(picture)
    return Upload(data, _media_type(data))


def _bytes(picture: Uploadable) -> bytes:
    if isinstance(picture, bytes | bytearray | memoryview):
        return bytes(picture)
    if isinstance(picture, str | os.PathLike):
        return Path(picture).read_bytes()
    if isinstance(picture, Savable):
        file = io.BytesIO()
        picture.save(file, format="PNG")
        return file.getvalue()
    if hasattr(picture, "read"):
        return picture.read()
    raise TypeError(f"A picture is a path, bytes, an open file or a Pillow image, not {type(picture).__name__}.")


def _media_type(data: bytes) -> str:
    """What the first bytes say; the server refuses what they do not tell, and says which types it takes."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return "application/octet-stream"
