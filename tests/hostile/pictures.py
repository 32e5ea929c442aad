"""Pictures that nobody well-meaning would send, made in code: each with a name, and what must become of it."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PIL import Image, ImageDraw, PngImagePlugin

from tests.hostile.picture_bombs import (
    SCANS,
    chunk,
    declared_jpeg,
    declared_png,
    declared_webp,
    exif_of,
    flat_png,
    many_scans,
    png_of,
    tag_bomb,
)

Size = tuple[int, int]
Make = Callable[[], bytes]
CANARY = b"CANARY-that-must-not-survive"
SIDE = (48, 32)


@dataclass(frozen=True)
class Case:
    """One upload: its name, how it is made, its size once stored, or the answers of which it must get one."""

    name: str
    make: Make = field(repr=False)
    stored: Size | None = None
    refused: tuple[int, ...] = (422,)
    media_type: str = "image/png"
    red_corner: bool = False  # the top left of what is stored must be red


def drawing(size: Size = SIDE, mode: str = "RGB") -> Image.Image:
    """A picture with noise in it, whose top left quarter is red."""
    picture = Image.effect_noise(size, 60).convert("RGB")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1] // 2), "red")
    return picture.convert(mode)


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a file of it."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def heavy_cases() -> list[Case]:
    """Those that are large, here or once they are unpacked."""
    return [case for group in (_bombs, _parts, _metadata) for case in group()]


def light_cases() -> list[Case]:
    """The others."""
    groups = (_cut_off, _appended, _animated, _turned, _modes, _shapes, _other_files, _damaged)
    return [case for group in groups for case in group()]


def _bombs() -> Iterator[Case]:
    for side in (4097, 9_000, 30_000, 65_535):
        yield Case(f"png that declares {side} a side", partial(declared_png, (side, side)), refused=(413,))
    yield Case("png that declares 2^31-1 a side", partial(declared_png, (2**31 - 1, 2**31 - 1)), refused=(413, 422))
    yield Case("png that declares no pixels", partial(declared_png, (0, 0)))
    yield Case("jpeg that declares 65500 a side", partial(declared_jpeg, (65_500, 65_500)), refused=(413,))
    yield Case("jpeg that declares 6000 a side", partial(declared_jpeg, (6_000, 6_000)), refused=(413,))
    yield Case("webp that declares 16383 a side", partial(declared_webp, (16_383, 16_383)), refused=(413,))
    yield Case("webp that declares 2^24 a side", partial(declared_webp, (2**24, 2**24)), refused=(413, 422))
    yield Case("webp that declares 8000 a side", partial(declared_webp, (8_000, 8_000)), refused=(413, 422))
    for bits, colour in ((1, 0), (16, 0), (8, 2), (16, 4), (16, 6)):
        make = partial(flat_png, (4096, 4096), bits, colour)
        yield Case(f"png of a few kilobytes and 16 megapixels, {bits} bits, colour type {colour}", make, (4096, 4096))
    yield Case("png of 17 megapixels", partial(flat_png, (4100, 4100), 8, 0), refused=(413,))
    yield Case("jpeg of 16 megapixels", lambda: encoded(Image.new("RGB", (4096, 4096), "red"), "JPEG"), (4096, 4096))
    yield Case(f"jpeg of 16 megapixels in {SCANS} scans", partial(many_scans, (4096, 4096)))
    yield Case(
        "webp of 16 megapixels", lambda: encoded(Image.new("RGBA", (4096, 4096)), "WEBP", method=0), (4096, 4096)
    )


def _parts() -> Iterator[Case]:
    marker, empty = b"\xff\xe0\x00\x02", chunk(b"xxXx", b"")
    for name, part, times in (("segments", marker, 4_800_000), ("fill bytes", b"\xff", 19_000_000)):
        yield Case(f"jpeg of {times} empty {name}", partial(_between, "JPEG", 2, part * times))
        yield Case(f"jpeg with {times} empty {name} behind its pixels", partial(_between, "JPEG", -2, part * times))
    yield Case("png of 1600000 empty chunks", partial(_between, "PNG", 33, empty * 1_600_000))
    yield Case("png of 1600000 empty chunks of pixels", partial(_between, "PNG", 33, chunk(b"IDAT", b"") * 1_600_000))
    yield Case("jpeg of 3000 pixels' marks", partial(_between, "JPEG", -2, b"\xff\xd0" * 3_000), SIDE)


def _between(kind: str, at: int, more: bytes) -> bytes:
    whole = encoded(drawing(), kind)
    return whole[:at] + more + whole[at:]


def _cut_off() -> Iterator[Case]:
    for kind in ("PNG", "JPEG", "WEBP"):
        for share in (0.02, 0.25, 0.5, 0.75, 0.95):
            yield Case(f"{kind} cut off at {share:.0%}", partial(_cut, kind, share))


def _cut(kind: str, share: float) -> bytes:
    whole = encoded(drawing((96, 96)), kind)
    return whole[: int(len(whole) * share)]


def _appended() -> Iterator[Case]:
    archive = b"PK\x03\x04" + CANARY + b"PK\x05\x06" + b"\0" * 18
    tails = {"zip": archive, "html": b"<html><script>" + CANARY, "megabyte": CANARY * 40_000, "php": b"<?php " + CANARY}
    for kind in ("PNG", "JPEG", "WEBP"):
        for name, tail in tails.items():
            make = partial(lambda kind, tail: encoded(drawing(), kind) + tail, kind, tail)
            yield Case(f"{kind} with {name} behind it", make, SIDE)
    yield Case("png with a zip in front of it", lambda: archive + encoded(drawing()))
    yield Case("gifar", lambda: encoded(drawing(), "GIF") + archive)
    yield Case("two pngs in one", lambda: encoded(drawing()) + encoded(drawing((8, 8))), SIDE)


def _animated() -> Iterator[Case]:
    for kind in ("PNG", "WEBP", "GIF"):
        yield Case(f"animated {kind}", partial(_frames, kind))


def _frames(kind: str) -> bytes:
    frames = [Image.new("RGB", SIDE, colour) for colour in ("red", "green", "blue")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


def _turned() -> Iterator[Case]:
    for kind in ("JPEG", "PNG", "WEBP"):
        for orientation in range(1, 9):
            make = partial(_turn, kind, orientation)
            yield Case(f"{kind} turned by exif {orientation}", make, SIDE, red_corner=True)
    for orientation in (0, 9, 65_535):
        yield Case(f"exif turn {orientation}, which does not exist", partial(_exif_says, orientation), SIDE)


BACK = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def _turn(kind: str, orientation: int) -> bytes:
    picture = drawing()
    if orientation in BACK:
        picture = picture.transpose(BACK[orientation])
    return encoded(picture, kind, exif=exif_of(orientation, CANARY))


def _exif_says(orientation: int) -> bytes:
    return encoded(drawing(), "JPEG", exif=exif_of(orientation, CANARY))


def _modes() -> Iterator[Case]:
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        yield Case(f"png of mode {mode}", partial(_of_mode, mode), SIDE)
    for bits, colour in ((2, 0), (4, 0), (16, 2), (16, 4), (16, 6)):
        yield Case(f"png of {bits} bits, colour type {colour}", partial(flat_png, SIDE, bits, colour), SIDE)
    yield Case("cmyk jpeg", lambda: encoded(drawing(mode="CMYK"), "JPEG"), SIDE)
    yield Case("grey jpeg", lambda: encoded(drawing(mode="L"), "JPEG"), SIDE)
    yield Case("progressive jpeg", lambda: encoded(drawing(), "JPEG", progressive=True), SIDE, red_corner=True)
    yield Case("lossless webp with alpha", lambda: encoded(drawing(mode="RGBA"), "WEBP", lossless=True), SIDE)
    yield Case("palette with a transparent colour", lambda: encoded(drawing(mode="P"), transparency=3), SIDE)
    yield Case("palette with transparencies", lambda: encoded(drawing(mode="P"), transparency=bytes(range(256))), SIDE)
    yield Case("grey with a transparent level", lambda: encoded(drawing(mode="L"), transparency=7), SIDE)
    yield Case("palette without its colours", lambda: png_of(SIDE, 8, 3, b""), SIDE)
    yield Case("palette with too few colours", lambda: png_of(SIDE, 8, 3, chunk(b"PLTE", b"\xff\0\0")), SIDE)


def _of_mode(mode: str) -> bytes:
    if mode == "I;16":
        return encoded(Image.new(mode, SIDE, 40_000))
    return encoded(drawing(mode=mode))


def _metadata() -> Iterator[Case]:
    junk = CANARY * 2_000
    for kind in ("PNG", "JPEG", "WEBP"):
        make = partial(lambda kind: encoded(drawing(), kind, icc_profile=junk), kind)
        yield Case(f"{kind} with junk as its colour profile", make, SIDE)
    yield Case("png with 15 MB of exif", lambda: _with_chunk(b"eXIf", b"II*\0\x08\0\0\0" + CANARY * 500_000), SIDE)
    yield Case("png whose exif tells of the same bytes 60000 times", lambda: _with_chunk(b"eXIf", tag_bomb()), SIDE)
    yield Case("webp whose exif tells of the same bytes 60000 times", lambda: _exif_webp(tag_bomb()), SIDE)
    yield Case("jpeg with 60 KB of exif", lambda: encoded(drawing(), "JPEG", exif=exif_of(1, CANARY * 2_000)), SIDE)
    yield Case("png with text", partial(_text, CANARY.decode()), SIDE)
    for name in (b"zTXt", b"iTXt", b"iCCP"):
        yield Case(f"png whose {name.decode()} unpacks to 100 MB", partial(_text_bomb, name))
    yield Case("png with 2000 times 1 MB of packed text", _text_bombs)
    yield Case("png with 10000 chunks that nobody knows", lambda: _with_chunk(b"xxXx", CANARY, 10_000), SIDE)


def _with_chunk(name: bytes, body: bytes, times: int = 1) -> bytes:
    whole = encoded(drawing())
    return whole[:33] + chunk(name, body) * times + whole[33:]  # behind IHDR


def _exif_webp(exif: bytes) -> bytes:
    return encoded(drawing(), "WEBP", exif=exif)


def _text(said: str) -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("note", said)
    notes.add_itxt("note", said)
    return encoded(drawing(), pnginfo=notes)


def _packed(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(b"A" * 2**20) for _ in range(megabytes)), packer.flush()])


def _text_bomb(name: bytes) -> bytes:
    before = {b"zTXt": b"note\0\0", b"iTXt": b"note\0\1\0\0\0", b"iCCP": b"icc\0\0"}[name]
    return _with_chunk(name, before + _packed(100))


def _text_bombs() -> bytes:
    return _with_chunk(b"zTXt", b"note\0\0" + zlib.compress(b"A" * (2**20 - 1), 9), 2_000)


def _shapes() -> Iterator[Case]:
    for kind in ("PNG", "JPEG", "WEBP"):
        for size in ((1, 1), (1, 4096), (4096, 1)):
            make = partial(lambda kind, size: encoded(Image.new("RGB", size, "red"), kind), kind, size)
            yield Case(f"{kind} of {size[0]}x{size[1]}", make, size)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
XXE = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>'
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n"


def _other_files() -> Iterator[Case]:
    files: dict[str, Make] = {
        "svg": lambda: SVG,
        "svg that asks for a file": lambda: XXE,
        "eps": lambda: EPS,
        "heic": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400,
        "avif": lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + b"\0" * 400,
        "pdf": lambda: b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript>>>>endobj\n%%EOF",
        "elf": lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 200,
        "html": lambda: b"<!doctype html><script>alert(1)</script>",
        "nothing": lambda: b"",
        "one byte": lambda: b"\x89",
        "a png's signature": lambda: b"\x89PNG\r\n\x1a\n",
        "a jpeg's signature": lambda: b"\xff\xd8\xff",
        "a webp's signature": lambda: b"RIFF\xff\xff\xff\xffWEBP",
        "zeros": lambda: b"\0" * 100_000,
    }
    for kind in ("BMP", "TIFF", "ICO", "GIF", "PPM", "TGA"):
        files[kind.lower()] = partial(lambda kind: encoded(drawing(), kind), kind)
    for name, make in files.items():
        yield Case(f"{name} called png", make)
    for media_type in ("image/svg+xml", "image/gif", "text/html", "application/octet-stream", "", "image/*", "IMAGE"):
        yield Case(f"png as {media_type or 'nothing'}", encoded_drawing, refused=(415,), media_type=media_type)
    for media_type in ("image/jpeg", "image/webp", "IMAGE/PNG; charset=utf-8", "image/png; x=\x22"):
        yield Case(f"png as {media_type}", encoded_drawing, SIDE, media_type=media_type)


def encoded_drawing() -> bytes:
    """A picture that is well."""
    return encoded(drawing())


def _damaged() -> Iterator[Case]:
    yield Case(
        "png whose header is told twice", lambda: _with_chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0))
    )
    yield Case("png with a wrong checksum", lambda: _flipped(encoded_drawing(), 30))
    yield Case("png whose pixels are too few", lambda: _few_pixels(10))
    yield Case("png whose pixels are too many", lambda: _few_pixels(40_000), SIDE)
    yield Case("png of an unknown colour type", lambda: png_of(SIDE, 8, 7, b""))
    yield Case("png of an unknown depth", lambda: png_of(SIDE, 3, 0, b""))
    yield Case("png with a chunk of 2^31 bytes", lambda: encoded_drawing()[:33] + b"\x7f\xff\xff\xffIDATx")
    yield Case(
        "jpeg whose quantisation is missing", lambda: encoded(drawing(), "JPEG").replace(b"\xff\xdb", b"\xff\xfe")
    )
    yield Case("webp in a container that is too long", lambda: _flipped(encoded(drawing(), "WEBP"), 7))


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x7F]) + data[at + 1 :]


def _few_pixels(count: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *SIDE, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * count))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"IEND", b"")


def is_red_at_the_top_left(picture: Image.Image) -> bool:
    """Whether the top left of a stored drawing is where it was drawn."""
    red, green, blue = picture.crop((2, 2, 10, 10)).resize((1, 1), Image.Resampling.BOX).tobytes()
    return red > 200 and max(green, blue) < 60
