"""What is transparent, and how it looks on white."""

import pytest
from PIL import Image

from shared.transparency import is_transparent, on_white


@pytest.mark.parametrize(
    ("picture", "says_so"),
    [
        (Image.new("RGB", (2, 2)), False),
        (Image.new("L", (2, 2)), False),
        (Image.new("RGBA", (2, 2)), True),
        (Image.new("LA", (2, 2)), True),
        (Image.new("I;16", (2, 2)), False),
        (Image.new("P", (2, 2)), False),
    ],
)
def test_a_mode_with_alpha_says_how_transparent_its_pixels_are(picture: Image.Image, says_so: bool) -> None:
    assert is_transparent(picture) is says_so


def test_on_white_half_a_red_is_pink_and_nothing_is_white() -> None:
    picture = Image.new("RGBA", (2, 1), (255, 0, 0, 128))
    picture.putpixel((1, 0), (0, 0, 0, 0))
    seen = on_white(picture)
    assert (seen.mode, seen.getpixel((1, 0))) == ("RGB", (255, 255, 255))
    assert seen.getpixel((0, 0)) == (255, 127, 127)


def test_what_is_opaque_stays_as_it_is() -> None:
    picture = Image.new("RGB", (2, 2), "teal")
    assert on_white(picture) is picture
    assert on_white(Image.new("L", (2, 2), 7)).getpixel((0, 0)) == (7, 7, 7)
