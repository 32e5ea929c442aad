"""What changed from one picture to another: numbers, and a picture of it.

Both are decoded one after the other into files of plain pixels and compared band by band, so that never more than one
of them is in memory.
"""

import io
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

from PIL import Image, ImageChops

from gateway.pictures import FORMATS, alone_if_large, encode_png, memory_told
from shared.schemas.difference import Box
from shared.transparency import on_white

BAND = 256  # rows that are compared at once
IN_MEMORY = 8 * 2**20  # bytes of plain pixels that need no file
COLOUR = (230, 0, 126)  # of what changed: few pictures have it, and it stands out from grey for everybody
FAINTEST, STEEPNESS = 90, 3  # of 255: how strongly a change of one level is coloured, and how fast that grows

Read = Callable[[], bytes]
Size = tuple[int, int]


@dataclass
class Figures:
    """The numbers, while band after band is counted."""

    pixels: int = 0
    changed: int = 0
    total: int = 0
    squares: int = 0
    largest: int = 0
    box: tuple[int, int, int, int] | None = field(default=None)  # left, top, right, bottom

    @property
    def changed_share(self) -> float:
        """The part of the pixels that are not the same."""
        return self.changed / self.pixels

    @property
    def mean_change(self) -> float:
        """Levels, over all pixels and their three channels."""
        return self.total / (3 * self.pixels)

    @property
    def psnr_db(self) -> float | None:
        """Peak signal-to-noise ratio; None for none where nothing differs."""
        return 10 * math.log10(255**2 * 3 * self.pixels / self.squares) if self.squares else None

    def as_box(self) -> Box | None:
        """The box around all that changed."""
        if self.box is None:
            return None
        left, top, right, bottom = self.box
        return Box(left=left, top=top, width=right - left, height=bottom - top)

    def count(self, top: int, before: Image.Image, after: Image.Image) -> None:
        """Count a band that begins at this row."""
        difference = ImageChops.difference(before, after)
        levels = [(index % 256, number) for index, number in enumerate(difference.histogram()) if number]
        strongest = _strongest(difference)
        self.pixels += before.width * before.height
        self.changed += before.width * before.height - strongest.histogram()[0]
        self.total += sum(level * number for level, number in levels)
        self.squares += sum(level**2 * number for level, number in levels)
        self.largest = max(self.largest, *(level for level, _ in levels))
        if found := strongest.getbbox():
            left, first, right, last = found
            self._widen(left, top + first, right, top + last)

    def _widen(self, left: int, top: int, right: int, bottom: int) -> None:
        known = self.box or (left, top, right, bottom)
        self.box = (min(known[0], left), min(known[1], top), max(known[2], right), max(known[3], bottom))


def measure(before: Read, after: Read, size: Size) -> Figures:
    """Count what differs between two pictures of this size."""
    figures = Figures()
    with alone_if_large(size[0] * size[1]), _pixels_of(before, after, size) as bands:
        for top, one, other in bands:
            figures.count(top, one, other)
    return figures


def draw(before: Read, after: Read, size: Size) -> bytes:
    """Return a PNG: the first picture in pale grey, and in colour what differs in the second, stronger for more."""
    with alone_if_large(size[0] * size[1]), _pixels_of(before, after, size) as bands:
        drawn = Image.new("RGB", size)
        for top, one, other in bands:
            drawn.paste(_drawn(one, other), (0, top))
        return encode_png(drawn)


def _drawn(before: Image.Image, after: Image.Image) -> Image.Image:
    strongest = _strongest(ImageChops.difference(before, after))
    pale = before.convert("L").point([128 + level // 2 for level in range(256)]).convert("RGB")
    strength = [0, *(min(255, FAINTEST + STEEPNESS * level) for level in range(1, 256))]
    return Image.composite(Image.new("RGB", before.size, COLOUR), pale, strongest.point(strength))


def _strongest(difference: Image.Image) -> Image.Image:
    """For each pixel the change of that channel which changed most."""
    red, green, blue = difference.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


@contextmanager
def _pixels_of(before: Read, after: Read, size: Size) -> Iterator[Iterator[tuple[int, Image.Image, Image.Image]]]:
    """Give both pictures' bands: the row that each begins at, and its pixels in the one and the other."""
    with SpooledTemporaryFile(IN_MEMORY) as one, SpooledTemporaryFile(IN_MEMORY) as other:
        for read, file in ((before, one), (after, other)):
            _write_pixels(read(), file)
        yield _bands(one, other, size)


def _write_pixels(data: bytes, file: IO[bytes]) -> None:
    with memory_told(), Image.open(io.BytesIO(data), formats=FORMATS) as opened:
        for top in range(0, opened.height, BAND):
            band = opened.crop((0, top, opened.width, min(top + BAND, opened.height)))
            file.write(on_white(band).tobytes())
    file.seek(0)


def _bands(one: IO[bytes], other: IO[bytes], size: Size) -> Iterator[tuple[int, Image.Image, Image.Image]]:
    width, height = size
    for top in range(0, height, BAND):
        band = (width, min(BAND, height - top))
        pixels = (Image.frombytes("RGB", band, file.read(3 * width * band[1])) for file in (one, other))
        yield top, next(pixels), next(pixels)
