"""Turn uploaded bytes into a clean picture, or say why they are none.

The order of the steps is a security decision: nothing is decoded before its size is known, and what
is stored is made anew from pixels, so no metadata, colour profile or appended file survives.
"""

import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps

from shared.errors import InvalidPicture, PictureTooLarge

FORMATS = ("PNG", "JPEG", "WEBP")
MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})

# What Pillow's decoders raise on hostile or broken files; none of it is our fault, all of it is the file's.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, LookupError, ArithmeticError, TypeError, struct.error, zlib.error)
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True)
class PictureLimits:
    """How large an upload may be: bytes, pixels before decoding, pixels a side."""

    max_bytes: int
    max_pixels: int
    max_side: int


@dataclass(frozen=True)
class Picture:
    """A decoded upload: a PNG made from its pixels alone, and its size in pixels."""

    png: bytes
    width: int
    height: int


def read_picture(data: bytes, limits: PictureLimits) -> Picture:
    """Decode PNG, JPEG or WebP bytes; raises InvalidPicture or PictureTooLarge."""
    if len(data) > limits.max_bytes:
        raise PictureTooLarge(f"The file has {len(data)} bytes; send at most {limits.max_bytes}.")
    if not data:
        raise InvalidPicture("The upload is empty; send the bytes of a PNG, JPEG or WebP picture.")
    with _open(data) as opened:
        _check_size(opened, limits)
        _refuse_animation(opened)
        clean = _pixels_only(opened)
    return Picture(_encode(clean), clean.width, clean.height)


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except BOMB as error:
        raise PictureTooLarge("The picture has too many pixels; scale it down first.") from error
    except BROKEN as error:
        raise InvalidPicture("The upload is not a PNG, JPEG or WebP picture.") from error


def _check_size(picture: Image.Image, limits: PictureLimits) -> None:
    width, height = picture.size
    if width * height > limits.max_pixels:
        raise PictureTooLarge(f"The picture has {width}×{height} pixels; at most {limits.max_pixels} are allowed.")
    if max(width, height) > limits.max_side:
        raise PictureTooLarge(f"The picture is {width}×{height}; scale it to at most {limits.max_side} a side.")


def _refuse_animation(picture: Image.Image) -> None:
    # Phones store several stills in one JPEG (MPO); its first one is the photograph, so only these two count.
    if picture.format in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
        raise InvalidPicture("The picture is animated; send a single still picture.")


def _pixels_only(picture: Image.Image) -> Image.Image:
    """Load, turn by EXIF and copy the pixels into a new RGB picture."""
    try:
        picture.load()
        upright = _rgb(ImageOps.exif_transpose(picture))
        return Image.frombytes("RGB", upright.size, upright.tobytes())
    except BROKEN as error:
        raise InvalidPicture("The picture is damaged or cut off; save it again and retry.") from error


def _rgb(picture: Image.Image) -> Image.Image:
    """Convert any mode to RGB; what is transparent becomes white."""
    if picture.mode.startswith("I"):  # 16-bit grey: Pillow would clip it to white
        return picture.convert("I").point(lambda level: level * (1 / 257)).convert("L").convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(ground, layer).convert("RGB")
    return picture.convert("RGB")


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)  # 6 costs three times the time for a few per cent
    return buffer.getvalue()
