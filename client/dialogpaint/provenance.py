"""What a picture's own file tells of the edits that made it; read without a server and without Pillow."""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from dialogpaint.models import Answer, Origin, Provenance, ProvenanceStep

PNG = b"\x89PNG\r\n\x1a\n"
KEY = b"dialogpaint"
MAX_BYTES = 1024 * 1024  # of what is told


class _Told(Answer):
    """The JSON in a picture's text chunk."""

    steps: list[dict[str, object]]
    earlier: int = 0


STEPS = TypeAdapter(list[ProvenanceStep])


def read_provenance(picture: str | os.PathLike[str] | bytes, image_id: str = "") -> Provenance:
    """Return what a picture's file, or its bytes, tells of its making: no steps if it tells nothing.

    Anybody can write such a file, so each step is `claimed`. Raises OSError for a file that can't be read.
    """
    data = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
    for text in _told(data):
        try:
            told = _Told.model_validate_json(text)
            steps = STEPS.validate_python([{**step, "claimed": True} for step in told.steps])
        except ValidationError:
            continue
        return Provenance(
            image_id=image_id, origin=Origin.UNKNOWN if told.earlier or not steps else Origin.UPLOADED, steps=steps
        )
    return Provenance(image_id=image_id, origin=Origin.UNKNOWN)


def _told(data: bytes) -> Iterator[bytes]:
    """The texts under our keyword in a PNG."""
    at = len(PNG) if data.startswith(PNG) else len(data)
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        keyword, _, rest = data[at + 8 : at + 8 + length].partition(b"\0") if kind == b"iTXt" else (b"", b"", b"")
        if keyword == KEY and len(rest) > 2:
            yield _text(rest)
        at += 12 + length


def _text(rest: bytes) -> bytes:
    """The text of a chunk, behind: whether it is compressed, how, its language, the keyword in that language."""
    text = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if not rest[0]:
        return text
    try:
        return zlib.decompressobj().decompress(text, MAX_BYTES)
    except zlib.error:
        return b""
