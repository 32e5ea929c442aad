import io
import struct
from typing import Any

import pytest

from tests.editing_models import make_picture
from training.datasets.edit_checks import Flaw, Flawed, Limits, check

ASCII, FLOAT = 2, 11
TOLD_WRONGLY = {
    "struct.error": (0x0100, ASCII, b"x\0\0\0"),  # a width in letters
    "TypeError": (0x011A, ASCII, b"x\0\0\0"),  # a resolution in letters
    "AttributeError": (0x010F, FLOAT, struct.pack("<f", 1.5)),  # a maker who is a number
}


def jpeg(seed: int, exif: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    make_picture(seed, (96, 80)).save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def on_its_side(tag: int, kind: int, value: bytes) -> bytes:
    """Metadata of a photograph that Pillow turns upright, for which it writes all of it anew, with one more tag."""
    entries = [(0x0112, 3, struct.pack("<HH", 6, 0)), (tag, kind, value)]
    body = b"".join(struct.pack("<HHI", tag, kind, 1) + value for tag, kind, value in sorted(entries))
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + b"\0\0\0\0"


@pytest.mark.parametrize("raised", TOLD_WRONGLY)
def test_metadata_that_pillow_stumbles_over_makes_a_picture_unreadable(raised: str) -> None:
    with pytest.raises(Flawed) as found:
        check(jpeg(1, on_its_side(*TOLD_WRONGLY[raised])), "paint it red", jpeg(2), Limits())
    assert found.value.flaw is Flaw.UNREADABLE
    assert type(found.value.__cause__).__name__ == raised.removeprefix("struct.")


@pytest.mark.parametrize("said", [7, 1.5, ["paint it red"], {"en": "paint it red"}, b"paint it red", None, True])
def test_an_instruction_that_is_no_text_has_no_words(said: Any) -> None:
    with pytest.raises(Flawed) as found:
        check(jpeg(1), said, jpeg(2), Limits())
    assert found.value.flaw is Flaw.WORDLESS
