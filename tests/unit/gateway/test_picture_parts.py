"""Files of endless parts are refused before anything walks over them; those of real pictures are let through."""

import io

import pytest
from PIL import Image

from gateway.picture_parts import MOST_FILL, MOST_PARTS, MOST_SCANS, check_parts
from shared.errors import InvalidPicture

SEGMENT, CHUNK = b"\xff\xe0\x00\x02", b"\0\0\0\0xxXx\0\0\0\0"
SCAN = b"\xff\xda\x00\x02coded"


def encoded(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((256, 256), 90).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


JPEG, PNG = encoded("JPEG"), encoded("PNG")


@pytest.mark.parametrize(
    "data", [JPEG, encoded("JPEG", progressive=True), PNG, encoded("WEBP"), b"", b"\xff\xd8", PNG[:9]]
)
def test_files_as_others_write_them_are_let_through(data: bytes) -> None:
    check_parts(data)


@pytest.mark.parametrize(
    "data",
    [
        JPEG[:2] + SEGMENT * MOST_PARTS + JPEG[2:],
        JPEG[:2] + b"\xff" * (MOST_FILL + 2) + JPEG[2:],
        JPEG[:-2] + b"\xff" * MOST_FILL + JPEG[-2:],
        JPEG[:-2] + b"\xff" * MOST_FILL,
        JPEG[:-2] + SCAN * MOST_SCANS + JPEG[-2:],
        PNG[:33] + CHUNK * MOST_PARTS + PNG[33:],
    ],
    ids=["segments", "fill", "fill in pixels", "fill to the end", "scans", "chunks"],
)
def test_more_parts_than_a_picture_can_need_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidPicture, match="too many parts"):
        check_parts(data)


def test_what_stands_inside_of_a_segment_or_behind_the_end_is_no_part() -> None:
    note = b"\xff\xe1" + (2 + 400 * len(SCAN)).to_bytes(2) + SCAN * 400
    check_parts(JPEG[:2] + note + JPEG[2:] + SCAN * 400)
    check_parts(PNG + CHUNK * MOST_PARTS)
