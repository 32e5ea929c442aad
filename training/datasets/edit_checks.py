"""Whether a triple of somebody else's set may be learnt from: readable pictures, sizes that go together, words."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps

from editing_service.images import FORMATS

ASPECTS_DIFFER = 0.02
"""Width by height of the two pictures may differ by this part: some sets round their sides."""

BROKEN = (
    *(OSError, SyntaxError, ValueError, EOFError, LookupError, ArithmeticError, TypeError, AttributeError),
    *(struct.error, zlib.error, Image.DecompressionBombError),
)
"""What Pillow raises on broken files, as in `gateway.pictures`, which training may not import, and found by fuzzing."""


class Flaw(StrEnum):
    """Why a triple is turned away."""

    MISSING = "a picture is missing"
    UNREADABLE = "a picture cannot be read"
    SMALL = "a picture is too small"
    SHAPES = "the two pictures differ in shape"
    SAME = "the two pictures are the same"
    WORDLESS = "there is no instruction"
    LONG = "the instruction is too long"


class Flawed(ValueError):
    """The triple fails a check."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


@dataclass(frozen=True)
class Limits:
    """Sides in pixels and characters of an instruction (CLIP reads 77 tokens, about 300 characters)."""

    shortest_side: int = 64
    longest_side: int = 512
    longest_instruction: int = 300


@dataclass(frozen=True)
class Checked:
    """A triple as it is kept: encoded pictures, none with a side longer than allowed."""

    original: bytes
    instruction: str
    edited: bytes


def check(original: bytes | None, instruction: object, edited: bytes | None, limits: Limits) -> Checked:
    """Read, compare and shrink; raises Flawed. Pictures that fit keep their own bytes; only text has words."""
    said = " ".join(instruction.split()) if isinstance(instruction, str) else ""
    if not said:
        raise Flawed(Flaw.WORDLESS)
    if len(said) > limits.longest_instruction:
        raise Flawed(Flaw.LONG)
    before, after = _opened(original), _opened(edited)
    if min(*before.size, *after.size) < limits.shortest_side:
        raise Flawed(Flaw.SMALL)
    if abs(before.width * after.height / (before.height * after.width) - 1) > ASPECTS_DIFFER:
        raise Flawed(Flaw.SHAPES)
    if before.size == after.size and before.tobytes() == after.tobytes():
        raise Flawed(Flaw.SAME)
    assert original is not None
    assert edited is not None
    return Checked(_shrunk(before, original, limits), said, _shrunk(after, edited, limits))


def _opened(data: bytes | None) -> Image.Image:
    if not data:
        raise Flawed(Flaw.MISSING)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    except BROKEN as error:
        raise Flawed(Flaw.UNREADABLE) from error


def _shrunk(picture: Image.Image, data: bytes, limits: Limits) -> bytes:
    if max(picture.size) <= limits.longest_side:
        return data
    picture.thumbnail((limits.longest_side, limits.longest_side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
