"""Which edits made a picture: as the server tells it, and as the picture's own file does, without server or Pillow."""

import os
import struct
import zlib
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from dialogpaint.models import Answer, Quality

PNG = b"\x89PNG\r\n\x1a\n"
KEY = b"dialogpaint"
MAX_BYTES = 1024 * 1024  # of what is told


class MadeWith(Answer):
    """The parameters of one picture."""

    steps: int
    text_guidance_scale: float
    image_guidance_scale: float
    quality: Quality
    seed: int


class ProvenanceStep(Answer):
    """One edit on the way to a picture; ids and time are there where the server has its record.

    `claimed` tells a step that is only said to have happened, by a file that anybody may have written.
    """

    instruction: str
    prior_instructions: list[str] = Field(default_factory=list)
    parameters: MadeWith
    model: str | None = None
    model_digest: str | None = None
    source_sha256: str | None = None
    mask_sha256: str | None = None
    claimed: bool
    image_id: str | None = None
    source_image_id: str | None = None
    edit_id: str | None = None
    conversation_id: str | None = None
    turn: int | None = None
    made_at: datetime | None = None


class Origin(StrEnum):
    """What the first picture was; unknown where that is not told any more."""

    UPLOADED = "uploaded"
    SAMPLE = "sample"
    UNKNOWN = "unknown"


class Provenance(Answer):
    """The edits that made a picture, newest first, back to the picture that it all began with."""

    image_id: str
    origin: Origin
    steps: list[ProvenanceStep] = Field(default_factory=list)


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
