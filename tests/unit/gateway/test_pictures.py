"""Uploads: what becomes a clean picture, and what is refused before it costs anything."""

import io
import json
import struct
import subprocess
import sys
import zlib
from typing import Literal

import pytest
from PIL import Image, PngImagePlugin

from gateway.pictures import Picture, PictureLimits, Rendering, read_opaque, read_picture, render
from shared.errors import InvalidPicture, PictureTooLarge
from shared.provenance import SOURCE_TYPE, history_in, png_chunks
from tests.made import MADE

LIMITS = PictureLimits(max_bytes=1_000_000, max_pixels=1_000_000, max_side=2048)


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png))


def telling(text: str, zipped: bool = True) -> bytes:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_itxt("dialogpaint", text, zip=zipped)
    return encoded(Image.new("RGB", (4, 4)), pnginfo=chunks)


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_each_allowed_format_becomes_an_rgb_png_of_its_size(kind: str) -> None:
    picture = read_picture(encoded(Image.new("RGB", (30, 20), "red"), kind), LIMITS)
    assert (picture.width, picture.height) == (30, 20)
    opened = pixels(picture)
    assert (opened.format, opened.mode, opened.size) == ("PNG", "RGB", (30, 20))


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    assert pixels(read_picture(encoded(Image.new(mode, (9, 9))), LIMITS)).mode == "RGB"


@pytest.mark.parametrize(("mode", "opaque"), [("LA", (0, 255)), ("RGBA", (0, 0, 0, 255))])
def test_a_picture_has_an_alpha_channel_only_if_something_of_it_is_transparent(
    mode: str, opaque: tuple[int, ...]
) -> None:
    assert pixels(read_picture(encoded(Image.new(mode, (9, 9), opaque)), LIMITS)).mode == "RGB"
    assert pixels(read_picture(encoded(Image.new(mode, (9, 9))), LIMITS)).mode == "RGBA"


def test_sixteen_bit_grey_keeps_its_tone() -> None:
    picture = Image.new("I;16", (1, 1))
    picture.putpixel((0, 0), 32768)
    level = pixels(read_picture(encoded(picture), LIMITS)).getpixel((0, 0))
    assert level == (127, 127, 127)


def test_transparency_is_kept_and_what_nobody_sees_becomes_white() -> None:
    picture = Image.new("RGBA", (3, 1), (255, 0, 0, 0))
    picture.putpixel((1, 0), (10, 20, 30, 128))
    picture.putpixel((2, 0), (10, 20, 30, 255))
    kept = pixels(read_picture(encoded(picture), LIMITS))
    assert [kept.getpixel((x, 0)) for x in range(3)] == [(255, 255, 255, 0), (10, 20, 30, 128), (10, 20, 30, 255)]
    white = pixels(read_opaque(encoded(picture), LIMITS))
    assert [white.getpixel((x, 0)) for x in range(3)] == [(255, 255, 255), (132, 137, 142), (10, 20, 30)]


def test_a_palettes_transparent_colour_is_kept() -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([200, 0, 0, 0, 0, 200])
    picture.putpixel((1, 0), 1)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=0)
    kept = pixels(read_picture(buffer.getvalue(), LIMITS))
    assert [kept.getpixel((x, 0)) for x in range(2)] == [(255, 255, 255, 0), (0, 0, 200, 255)]


def test_a_transparent_picture_is_rendered_on_white_where_the_format_has_no_transparency() -> None:
    stored = read_picture(encoded(Image.new("RGBA", (8, 8), (200, 0, 0, 0))), LIMITS).png
    jpeg = Image.open(io.BytesIO(render(stored, Rendering((8, 8), "jpeg", 100))))
    assert jpeg.getpixel((4, 4)) == (255, 255, 255)
    for kind in ("png", "webp"):
        rendered = Image.open(io.BytesIO(render(stored, Rendering((4, 4), kind))))
        assert rendered.getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(
    ("start", "kind"), [(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"), (b"\0\0\0\x1cftypmif1\0\0\0\0avif", "AVIF")]
)
def test_who_sends_a_phones_own_format_is_told_what_to_do(start: bytes, kind: str) -> None:
    with pytest.raises(InvalidPicture, match=f"This is {kind}.* as JPEG or PNG"):
        read_picture(start + b"\0" * 400, LIMITS)


def test_exif_turns_the_picture_upright_and_is_dropped() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif[0x010E] = "secret place"
    picture = read_picture(encoded(Image.new("RGB", (30, 20)), "JPEG", exif=exif), LIMITS)
    assert (picture.width, picture.height) == (20, 30)
    assert b"secret" not in picture.png
    assert not pixels(picture).getexif()


def test_exif_of_a_wrong_type_is_refused_and_not_an_error_of_ours() -> None:
    maker, orientation = struct.pack("<HHIf", 0x010F, 11, 1, 1.5), struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    directory = struct.pack("<H", 2) + maker + orientation + struct.pack("<I", 0)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 4)).save(buffer, "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + directory)
    with pytest.raises(InvalidPicture):
        read_picture(buffer.getvalue(), LIMITS)


def test_text_chunks_and_appended_files_do_not_survive() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("note", "secret")
    upload = encoded(Image.new("RGB", (4, 4)), pnginfo=notes) + b"PK\x03\x04 appended archive"
    stored = read_picture(upload, LIMITS).png
    assert b"secret" not in stored
    assert b"appended" not in stored


@pytest.mark.parametrize("zipped", [True, False])
def test_what_a_picture_of_ours_tells_of_its_making_is_kept_and_nothing_beside_it(zipped: bool) -> None:
    told = json.loads(MADE.model_dump_json())
    told["steps"][0]["secret"] = told["secret"] = "secret"
    stored = read_picture(telling(json.dumps(told), zipped), LIMITS).png
    assert history_in(stored) == MADE
    assert b"secret" not in stored


@pytest.mark.parametrize(
    "text",
    ["x" * 900_000, "[" * 60_000, '{"steps": [{"instruction": "\\ud800"}]}', '{"steps": 7}', '{"dialogpaint": 2}'],
)
def test_a_chunk_that_tells_nonsense_is_left_out(text: str) -> None:
    stored = read_picture(telling(text), LIMITS)
    assert stored == read_picture(encoded(Image.new("RGB", (4, 4))), LIMITS)


def test_a_text_chunk_that_unpacks_to_more_than_anybody_writes_is_refused() -> None:
    with pytest.raises(InvalidPicture):
        read_picture(telling("x" * 100_000_000), LIMITS)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_picture_in_another_size_and_format_still_says_that_an_ai_edited_it(
    kind: Literal["png", "jpeg", "webp"],
) -> None:
    ours = encoded(Image.new("RGB", (8, 8)), pnginfo=png_chunks(MADE))
    rendered = render(ours, Rendering((4, 4), kind))
    assert SOURCE_TYPE.encode() in rendered
    assert pixels(Picture(rendered, 4, 4)).size == (4, 4)


def test_the_same_pixels_give_the_same_bytes() -> None:
    upload = encoded(Image.effect_noise((16, 16), 50).convert("RGB"))
    assert read_picture(upload, LIMITS) == read_picture(upload, LIMITS)


@pytest.mark.parametrize(
    "upload",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8\xff\xe0garbage"],
)
def test_bytes_that_are_no_picture_are_refused(upload: bytes) -> None:
    with pytest.raises(InvalidPicture):
        read_picture(upload, LIMITS)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_formats_are_refused(kind: str) -> None:
    with pytest.raises(InvalidPicture):
        read_picture(encoded(Image.new("RGB", (16, 16)), kind), LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_off_in_the_middle_is_refused(kind: str, share: float) -> None:
    upload = encoded(Image.effect_noise((64, 64), 90).convert("RGB"), kind)
    with pytest.raises(InvalidPicture):
        read_picture(upload[: int(len(upload) * share)], LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animation_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    upload = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    with pytest.raises(InvalidPicture, match="animated"):
        read_picture(upload, LIMITS)


@pytest.mark.parametrize(("width", "height"), [(1001, 1000), (2049, 1), (60_000, 60_000), (10_000, 10_000)])
def test_too_many_pixels_are_refused_before_decoding(width: int, height: int) -> None:
    with pytest.raises(PictureTooLarge):
        read_picture(png_header(width, height), LIMITS)


def test_a_picture_at_the_limits_is_taken() -> None:
    assert read_picture(encoded(Image.new("RGB", (2048, 1))), LIMITS).width == 2048


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PictureTooLarge):
        read_picture(b"x" * 1_000_001, LIMITS)


def test_random_damage_never_raises_anything_else() -> None:
    upload = encoded(Image.effect_noise((32, 32), 90).convert("RGB"), "JPEG")
    for position in range(0, len(upload), 7):
        damaged = upload[:position] + bytes([upload[position] ^ 0xFF]) + upload[position + 1 :]
        try:
            read_picture(damaged, LIMITS)
        except (InvalidPicture, PictureTooLarge):
            continue


def _no_room(*_: object, **__: object) -> None:
    raise OSError("codec configuration error when writing image file")


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_codec_that_gets_no_memory_says_nothing_about_the_picture(
    kind: Literal["png", "jpeg", "webp"], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = encoded(Image.new("RGB", (8, 8)))
    monkeypatch.setattr(Image.Image, "save", _no_room)
    with pytest.raises(MemoryError):
        render(sound, Rendering((4, 4), kind))
    with pytest.raises(MemoryError):
        read_picture(sound, LIMITS)


WITHOUT_MEMORY = """
import io, resource, psutil
from PIL import Image
from gateway.pictures import PictureLimits, read_picture
limits, found = PictureLimits(10**9, 10**9, 5000), set()
for kind, options in (("WEBP", {}), ("JPEG", {"progressive": True}), ("PNG", {})):
    buffer = io.BytesIO()
    Image.new("RGB", (2048, 2048), "teal").save(buffer, kind, **options)
    for spare in range(0, 64, 8):
        resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + spare * 2**20, -1))
        try:
            read_picture(buffer.getvalue(), limits)
        except MemoryError:
            found.add("no memory")
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
print(*found)
"""


def test_a_sound_picture_is_not_called_damaged_for_want_of_memory() -> None:
    """In a process of its own, with a little more memory each time."""
    ran = subprocess.run([sys.executable, "-c", WITHOUT_MEMORY], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.strip()) == (0, "no memory"), ran.stderr
