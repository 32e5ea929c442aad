"""How many parts a picture's file is made of, looked at before a decoder walks over each of them.

A few bytes of a part cost its decoder a step in Python, or a pass over all pixels: 20 MB hold a core for minutes.
"""

import re

from shared.errors import InvalidPicture

MOST_PARTS = 20_000  # chunks of a PNG, segments of a JPEG; 20 MB in chunks of one kilobyte are as many
MOST_SCANS = 100  # of a JPEG; usually there are about ten
MOST_FILL = 4_096  # bytes 0xFF before a segment; usually there are none

JPEG, PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # the others belong to coded pixels
FILL = b"\xff" * MOST_FILL
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
PLAIN = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})  # chunks of pixels
OUR_TEXTS = (b"dialogpaint\0", b"XML:com.adobe.xmp\0")
TOO_MANY = "The picture's file is cut into too many parts; save it again and retry."


def check_parts(data: bytes) -> None:
    """Raise InvalidPicture for a PNG or JPEG of more parts than a picture can need; says nothing of other files."""
    if data.startswith(JPEG):
        _check_segments(data)
    elif data.startswith(PNG):
        _check_chunks(data)


def check_plain_png(data: bytes) -> None:
    """Raise InvalidPicture unless it is a PNG of nothing but pixels and what we write beside them, to its last byte."""
    at, kind = len(PNG), b""
    if not data.startswith(PNG):
        raise InvalidPicture("It is no PNG, as which all pictures are exported.")
    for _ in range(MOST_PARTS):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        text = kind == b"iTXt" and data.startswith(OUR_TEXTS, at + 8)
        if not text and kind not in PLAIN:
            break
        at += 12 + length
        if kind == b"IEND":
            break
    if kind != b"IEND" or at != len(data):
        raise InvalidPicture("Its file holds more than a picture; only pictures that were exported can be imported.")


def _check_segments(jpeg: bytes) -> None:
    at, scans = len(JPEG), 0
    for _ in range(MOST_PARTS):
        marker = MARKER.search(jpeg, at)
        if jpeg.find(FILL, at, marker.end() if marker else None) >= 0:
            raise InvalidPicture(TOO_MANY)
        if marker is None or jpeg[marker.end() - 1] == END_OF_IMAGE:
            return
        scans += jpeg[marker.end() - 1] == START_OF_SCAN
        if scans > MOST_SCANS or (not scans and marker.start() - at > MOST_FILL):  # FF00 FF00 … is skipped as well
            raise InvalidPicture(TOO_MANY)
        at = marker.end() + int.from_bytes(jpeg[marker.end() : marker.end() + 2])
    raise InvalidPicture(TOO_MANY)


def _check_chunks(png: bytes) -> None:
    at = len(PNG)
    for _ in range(MOST_PARTS):
        if at >= len(png) or png[at + 4 : at + 8] == b"IEND":
            return
        at += 12 + int.from_bytes(png[at : at + 4])
    raise InvalidPicture(TOO_MANY)
