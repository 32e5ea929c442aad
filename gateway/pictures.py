"""Turn uploaded bytes into a clean picture, or say why they are none.

The order of the steps is a security decision: nothing is decoded before its size is known, and what is stored is made
anew from pixels, so no metadata, colour profile or appended file survives, and nothing under what is fully transparent.
What a picture of ours tells of its making is read, checked and written anew.
"""

import hashlib
import io
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from gateway.picture_parts import check_parts, check_plain_png
from shared.errors import InvalidPicture, PictureTooLarge
from shared.provenance import history_of, png_chunks, xmp_packet
from shared.schemas.provenance import History
from shared.transparency import is_transparent, on_white

FORMATS = ("PNG", "JPEG", "WEBP")
CODECS = (PngImagePlugin, JpegImagePlugin, WebPImagePlugin)
"""Loaded now: Pillow gives up for good a codec that finds no memory when it is first needed."""
MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/webp"})

PHONES = {"AVIF": (b"avif", b"avis"), "HEIC": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")}

# What Pillow's decoders raise on hostile or broken files; none of it is our fault, all of it is the file's.
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, ArithmeticError, TypeError, AttributeError,
    struct.error, zlib.error,
)  # fmt: skip
ENOUGH = 256 * 2**20  # bytes with which no decoder lacks any: what it then says is about the file
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

STRIP = 256  # rows that are cleaned at once
LARGE = 2_000_000  # pixels from which on pictures are decoded one at a time: 16 megapixels take up to 250 MB
_one_large = threading.Lock()


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


@dataclass(frozen=True)
class Rendering:
    """How a client wants a picture: size (width, height) in pixels, format, and quality 0 to 100 where it loses."""

    size: tuple[int, int]
    format: Literal["png", "jpeg", "webp"] = "png"
    quality: int = 100

    @property
    def media_type(self) -> str:
        """The type of the bytes, for HTTP."""
        return f"image/{self.format}"

    def copy_of(self, image_id: str) -> str:
        """The id of the copy of a picture that is rendered like this: always the same, so that there is one."""
        width, height = self.size
        wanted = f"{image_id} {width}x{height} {self.format} {self.quality}"
        return f"img_{hashlib.sha256(wanted.encode()).hexdigest()[:32]}"


def read_picture(data: bytes, limits: PictureLimits) -> Picture:
    """Decode PNG, JPEG or WebP bytes; raises InvalidPicture or PictureTooLarge."""
    return _read(data, limits, _upright)


def read_opaque(data: bytes, limits: PictureLimits) -> Picture:
    """Decode as `read_picture` does, on white."""
    return _read(data, limits, lambda picture: on_white(_upright(picture)))


def read_mask(data: bytes, limits: PictureLimits) -> Picture:
    """Decode a mask that is transparent where the picture may change into one that is white there, black elsewhere.

    Raises InvalidPicture, for a mask without anything transparent too, or PictureTooLarge.
    """
    return _read(data, limits, _transparent_parts)


def check_png(data: bytes, limits: PictureLimits, size: tuple[int, int]) -> None:
    """Raise InvalidPicture or PictureTooLarge unless the bytes are a PNG of this size as we write them, and decode."""
    check_plain_png(data)
    with _open(data) as opened:
        _check_size(opened, limits)
        _refuse_animation(opened)
        if opened.size != size:
            raise InvalidPicture(f"The picture is {opened.width}×{opened.height} and not as large as it is said to be.")
        with alone_if_large(opened.width * opened.height):
            _pixels_only(opened, lambda picture: picture)


def alone_if_large(pixels: int) -> AbstractContextManager[object]:
    """Within this, no other picture that is as large is decoded."""
    return _one_large if pixels > LARGE else nullcontext()


def render(data: bytes, wanted: Rendering) -> bytes:
    """Encode the bytes of a picture of ours as a client wants it; a PNG of that size stays as it is."""
    with memory_told(), Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        if wanted.format == "png" and opened.format == "PNG" and opened.size == wanted.size:
            return data
        history, picture = history_of(opened), opened.convert("RGBA" if is_transparent(opened) else "RGB")
    if picture.size != wanted.size:
        picture = picture.resize(wanted.size, Image.Resampling.LANCZOS)
    if wanted.format == "png":
        return encode_png(picture, history)
    told = {"xmp": xmp_packet(history)} if history.steps else {}
    if wanted.format == "jpeg":
        picture = on_white(picture)
    return _encode(picture, wanted.format.upper(), quality=wanted.quality, **told)


def _read(data: bytes, limits: PictureLimits, clean: Callable[[Image.Image], Image.Image]) -> Picture:
    if len(data) > limits.max_bytes:
        raise PictureTooLarge(f"The file has {len(data)} bytes; send at most {limits.max_bytes}.")
    if not data:
        raise InvalidPicture("The upload is empty; send the bytes of a PNG, JPEG or WebP picture.")
    check_parts(data)
    with _open(data) as opened:
        _check_size(opened, limits)
        _refuse_animation(opened)
        with alone_if_large(opened.width * opened.height):
            history = history_of(opened)
            pixels = _pixels_only(opened, clean)
            return Picture(encode_png(pixels, history), pixels.width, pixels.height)


def _open(data: bytes) -> Image.Image:
    try:
        with memory_told():
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except BOMB as error:
        raise PictureTooLarge("The picture has too many pixels; scale it down first.") from error
    except BROKEN as error:
        raise InvalidPicture(unfamiliar(data)) from error


def unfamiliar(data: bytes) -> str:
    """What to tell somebody whose upload is none of the formats that we take."""
    brands = data[8:64] if data[4:8] == b"ftyp" else b""
    for kind, names in PHONES.items():
        if any(name in brands for name in names):
            return instead_of(kind)
    return "The upload is not a PNG, JPEG or WebP picture, or it is damaged."


def instead_of(kind: str) -> str:
    """What to send instead of a photograph in a phone's own format."""
    return (
        f"This is {kind}, which is not taken: export the picture as JPEG or PNG and send that. "
        "An iPhone takes JPEG under Settings, Camera, Formats, Most Compatible."
    )


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


def _pixels_only(picture: Image.Image, clean: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Load and clean the pixels into a new picture."""
    try:
        with memory_told(16 * picture.width * picture.height):
            picture.load()
        vars(picture).pop("_decoder", None)  # WebP's holds two more copies of all pixels
        return clean(picture)
    except BROKEN as error:
        raise InvalidPicture("The picture is damaged or cut off; save it again and retry.") from error


def _upright(picture: Image.Image) -> Image.Image:
    """Turn and convert into a new picture, a strip at a time, so that no third copy of all pixels is ever there.

    It has an alpha channel only where something of it is transparent.
    """
    ImageOps.exif_transpose(picture, in_place=True)
    mode, clean = ("RGBA", _plain_rgba) if _is_seen_through(picture) else ("RGB", _plain_rgb)
    upright = Image.new(mode, picture.size)
    for top, strip in _strips(picture):
        upright.paste(clean(strip), (0, top))
    return upright


def _is_seen_through(picture: Image.Image) -> bool:
    alphas = (strip.convert("RGBA").getchannel("A") for _, strip in _strips(picture))
    return is_transparent(picture) and any(alpha.getextrema() != (255, 255) for alpha in alphas)


def _strips(picture: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    for top in range(0, picture.height, STRIP):
        yield top, picture.crop((0, top, picture.width, min(top + STRIP, picture.height)))


def _transparent_parts(mask: Image.Image) -> Image.Image:
    if not is_transparent(mask):
        raise InvalidPicture("The mask has no alpha channel; make transparent what may change.")
    ImageOps.exif_transpose(mask, in_place=True)
    parts = ImageOps.invert(mask.convert("RGBA").getchannel("A"))
    if parts.getbbox() is None:
        raise InvalidPicture("Nothing of the mask is transparent; make transparent what may change.")
    return Image.frombytes(parts.mode, parts.size, parts.tobytes())


def _plain_rgba(picture: Image.Image) -> Image.Image:
    """Convert any mode to RGBA; what is not seen at all becomes white."""
    layer = picture.convert("RGBA")
    layer.paste((255, 255, 255, 0), mask=layer.getchannel("A").point([255] + [0] * 255))
    return layer


def _plain_rgb(picture: Image.Image) -> Image.Image:
    """Convert any mode to RGB."""
    if picture.mode.startswith("I"):  # 16-bit grey: Pillow would clip it to white
        return picture.convert("I").point(lambda level: level * (1 / 257)).convert("L").convert("RGB")
    return picture.convert("RGB")


def encode_png(picture: Image.Image, history: History | None = None) -> bytes:
    """Encode a picture, with its history in the file."""
    # 6 costs three times the time for a few per cent
    return _encode(picture, "PNG", compress_level=3, pnginfo=png_chunks(history) if history else None)


def _encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    try:
        picture.save(buffer, kind, **options)
    except (OSError, ValueError) as error:  # it takes RGB and RGBA of this size: memory is all that it can lack
        raise MemoryError from error
    return buffer.getvalue()


@contextmanager
def memory_told(enough: int = ENOUGH) -> Iterator[None]:
    """Within this, what a decoder says for want of memory is a MemoryError: each says something else, often untrue."""
    try:
        yield
    except BROKEN:
        bytearray(enough)
        raise
