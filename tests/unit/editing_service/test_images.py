"""Pictures of any size go in and come out at their own size."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from editing_service.failures import UnreadablePicture
from editing_service.images import (
    Placement,
    frame_picture,
    keep_outside,
    read_mask,
    read_picture,
    unframe_picture,
    with_alpha_of,
    write_png,
    write_preview,
)
from shared.transparency import on_white
from tests.editing_models import make_picture


@pytest.mark.parametrize(
    ("size", "scaled", "frame"),
    [
        ((128, 128), (128, 128), (128, 128)),
        ((640, 480), (128, 96), (128, 96)),
        ((600, 400), (128, 85), (128, 96)),
        ((50, 100), (64, 128), (64, 128)),
        ((4096, 1), (128, 1), (128, 32)),
    ],
)
def test_the_long_side_gets_the_models_resolution_and_the_frame_its_multiple(
    size: tuple[int, int], scaled: tuple[int, int], frame: tuple[int, int]
) -> None:
    assert Placement.of(size, resolution=128, multiple=32) == Placement(size, scaled, frame)


def test_a_picture_of_the_models_size_passes_unchanged() -> None:
    picture = make_picture(5, (128, 128))
    framed = frame_picture(picture, resolution=128, multiple=32)
    assert np.array_equal(framed.pixels, np.asarray(picture))
    assert np.array_equal(np.asarray(unframe_picture(framed.pixels, framed.placement)), np.asarray(picture))


def see_through(size: tuple[int, int] = (300, 280)) -> Image.Image:
    """A picture with every degree of transparency, from none on the left to all on the right."""
    alpha = np.tile(np.linspace(255, 0, size[0]).round().astype(np.uint8), (size[1], 1))
    picture = make_picture(3, size).convert("RGBA")
    picture.putalpha(Image.fromarray(alpha))
    return picture


def test_what_no_edit_changes_stays_as_it_is_with_its_transparency() -> None:
    source = see_through()
    assert with_alpha_of(source, on_white(source)).tobytes() == source.tobytes()
    plain = make_picture(3, (30, 20))
    assert with_alpha_of(plain, plain) is plain


def test_an_edited_picture_is_as_transparent_as_its_source_and_looks_as_edited_on_white() -> None:
    source = see_through()
    ground = np.asarray(on_white(source)).astype(int)
    edited = Image.fromarray((ground - 4 * (np.asarray(source)[..., 3:] > 128)).clip(0, 255).astype(np.uint8))
    result = with_alpha_of(source, edited)
    assert result.getchannel("A").tobytes() == source.getchannel("A").tobytes()
    reached = (np.asarray(result)[..., :3] > 0) & (np.asarray(result)[..., :3] < 255)
    seen = np.abs(np.asarray(on_white(result)).astype(int) - np.asarray(edited))
    assert seen[reached].max() <= 1


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (64, 64), (7, 500), (1, 1)])
def test_a_picture_of_any_size_comes_out_at_its_own_size(size: tuple[int, int]) -> None:
    framed = frame_picture(make_picture(2, size), resolution=128, multiple=32)
    assert framed.pixels.shape[0] % 32 == framed.pixels.shape[1] % 32 == 0
    assert unframe_picture(framed.pixels, framed.placement).size == size


def test_scaling_there_and_back_keeps_a_smooth_picture() -> None:
    picture = make_picture(2, (300, 200))
    framed = frame_picture(picture, resolution=128, multiple=32)
    back = np.asarray(unframe_picture(framed.pixels, framed.placement)).astype(int)
    assert np.abs(back - np.asarray(picture)).mean() < 2


def test_an_encoded_picture_reads_back_unchanged() -> None:
    picture = make_picture(3)
    assert np.array_equal(np.asarray(read_picture(write_png(picture))), np.asarray(picture))


def test_a_turned_photograph_is_read_upright() -> None:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    make_picture(3, (40, 20)).save(buffer, "JPEG", exif=exif)
    assert read_picture(buffer.getvalue()).size == (20, 40)


@pytest.mark.parametrize("data", [b"", b"no picture", write_png(make_picture(1))[:200]])
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        read_picture(data)


def test_a_preview_is_small_and_has_the_pictures_shape() -> None:
    framed = frame_picture(make_picture(2, (1200, 600)), resolution=512, multiple=64)
    data, size = write_preview(framed.pixels, framed.placement)
    assert size == Image.open(io.BytesIO(data)).size == (256, 128)


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_a_mask_lets_through_only_where_it_is_white_or_transparent(mode: str) -> None:
    left_half = Image.new("L", (32, 32), 0)
    left_half.paste(255, (0, 0, 16, 32))
    mask = left_half
    if mode == "RGBA":
        mask = Image.new("RGBA", (32, 32))
        mask.putalpha(left_half.point(lambda value: 255 - value))
    source, edited = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    mixed = keep_outside(read_mask(write_png(mask)), source, edited)
    assert (mixed.getpixel((0, 0)), mixed.getpixel((31, 31))) == ((0, 0, 255), (255, 0, 0))


@pytest.mark.parametrize("size", [(16, 16), (9, 41), (64, 64)])
def test_a_mask_of_another_size_lets_nothing_reach_beyond_it(size: tuple[int, int]) -> None:
    mask = Image.new("L", size)
    mask.paste(255, (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
    source, edited = Image.new("RGB", (33, 31), "red"), Image.new("RGB", (33, 31), "blue")
    colours = keep_outside(mask, source, edited).getcolors()
    assert sorted(colour for _, colour in colours or []) == [(0, 0, 255), (255, 0, 0)]
