"""What changed between two pictures: numbers that are right, and a picture in which it stands out."""

import io
import math

import pytest
from PIL import Image

from gateway.difference import BAND, COLOUR, draw, measure
from gateway.pictures import encode_png
from shared.schemas.difference import Box

SIZE = (40, 2 * BAND + 50)  # of three bands
GREY = (100, 100, 100)


def picture(*points: tuple[int, int], colour: tuple[int, int, int] = GREY) -> bytes:
    drawn = Image.new("RGB", SIZE, GREY)
    for point in points:
        drawn.putpixel(point, colour)
    return encode_png(drawn)


def test_equal_pictures_differ_by_nothing() -> None:
    figures = measure(picture, picture, SIZE)
    assert (figures.changed_share, figures.mean_change, figures.largest) == (0, 0, 0)
    assert (figures.psnr_db, figures.as_box()) == (None, None)


def test_the_numbers_are_those_of_the_pixels() -> None:
    after = picture((3, 10), (30, 2 * BAND + 20), colour=(110, 100, 70))
    figures = measure(picture, lambda: after, SIZE)
    pixels = SIZE[0] * SIZE[1]
    assert figures.changed_share == 2 / pixels
    assert figures.mean_change == pytest.approx(2 * 40 / (3 * pixels))
    assert figures.largest == 30
    assert figures.psnr_db == pytest.approx(10 * math.log10(255**2 / (2 * (10**2 + 30**2) / (3 * pixels))))
    assert figures.as_box() == Box(left=3, top=10, width=28, height=2 * BAND + 11)


def test_pictures_of_any_format_and_mode_are_compared() -> None:
    buffer = io.BytesIO()
    Image.new("L", SIZE, 100).save(buffer, "WEBP", lossless=True)
    assert measure(picture, buffer.getvalue, SIZE).changed == 0


def test_what_changed_is_coloured_on_pale_grey() -> None:
    drawn = draw(picture, lambda: picture((5, BAND + 1), (6, 0), colour=(255, 0, 0)), SIZE)
    with Image.open(io.BytesIO(drawn)) as opened:
        assert (opened.format, opened.size) == ("PNG", SIZE)
        assert {opened.getpixel(point) for point in ((5, BAND + 1), (6, 0))} == {COLOUR}
        assert opened.getpixel((5, 0)) == (178, 178, 178)


def test_the_least_change_can_be_seen() -> None:
    drawn = draw(picture, lambda: picture((0, 0), colour=(100, 101, 100)), SIZE)
    with Image.open(io.BytesIO(drawn)) as opened:
        red, green, blue = opened.tobytes()[:3]
        assert red - green > 60
        assert blue > green
