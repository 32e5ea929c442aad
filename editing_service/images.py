"""Pictures on their way in and out of the model: bytes, arrays of the model's size, and bytes again."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from editing_service.failures import UnreadablePicture
from shared.provenance import png_chunks
from shared.schemas.provenance import History
from shared.transparency import is_transparent, on_white

Pixels = NDArray[np.uint8]  # (height, width, 3), RGB

BAND = 256
"""Rows that are worked on at a time: a large photograph has millions of pixels."""
FORMATS = ("PNG", "JPEG", "WEBP")


@dataclass(frozen=True)
class Placement:
    """Where a picture lies in the model's frame, each (width, height) in pixels."""

    original: tuple[int, int]
    scaled: tuple[int, int]
    frame: tuple[int, int]

    @classmethod
    def of(cls, size: tuple[int, int], resolution: int, multiple: int) -> Placement:
        """Bring the long side to `resolution`, keep the aspect, and round the frame up to `multiple`."""
        long_side = max(size)
        scaled = tuple(max(1, round(side * resolution / long_side)) for side in size)
        frame = tuple(-(-side // multiple) * multiple for side in scaled)
        return cls(original=size, scaled=(scaled[0], scaled[1]), frame=(frame[0], frame[1]))


@dataclass(frozen=True)
class FramedPicture:
    """A picture as the model takes it: pixels (frame height, frame width, 3), and the way back."""

    pixels: Pixels
    placement: Placement


def read_picture(data: bytes) -> Image.Image:
    """Open picture bytes as upright RGB, or RGBA where they tell of transparency; raise UnreadablePicture."""
    picture = _open(data)
    return picture.convert("RGBA" if is_transparent(picture) else "RGB")


def with_alpha_of(source: Image.Image, edited: Image.Image) -> Image.Image:
    """The edited picture, as transparent as the source: on white it looks as it was edited, as far as colours reach.

    What `edited` leaves as `on_white(source)` is stays the source's to the pixel.
    """
    if source.mode != "RGBA":
        return edited
    result = source.copy()
    for top in range(0, source.height, BAND):
        box = (0, top, source.width, min(top + BAND, source.height))
        result.paste(_recoloured(source.crop(box), edited.crop(box)), (0, top))
    return result


def _recoloured(source: Image.Image, edited: Image.Image) -> Image.Image:
    """Pixels whose colours change by what they have to for the change that is seen on white."""
    levels = np.array(source)
    change = np.asarray(edited).astype(np.float32) - np.asarray(on_white(source))
    opacity = levels[..., 3:].astype(np.float32) / 255
    colours = levels[..., :3] + np.divide(change, opacity, out=np.zeros_like(change), where=opacity > 0)
    levels[..., :3] = np.clip(np.rint(colours), 0, 255)
    return Image.fromarray(levels)


def read_mask(data: bytes) -> Image.Image:
    """Open mask bytes as (height, width) of 0 to 255: 255 where the picture may change.

    A mask with transparency may change where it is transparent, as in OpenAI's API; one without, where it is white.
    """
    mask = _open(data)
    if is_transparent(mask):
        return ImageOps.invert(mask.convert("RGBA").getchannel("A"))
    return mask.convert("L")


def frame_picture(picture: Image.Image, resolution: int, multiple: int) -> FramedPicture:
    """Scale a picture to the model's size and pad it, by its own last rows and columns, to the model's multiple."""
    placement = Placement.of(picture.size, resolution, multiple)
    scaled = _resized(picture, placement.scaled)
    width, height = placement.scaled
    frame_width, frame_height = placement.frame
    padding = ((0, frame_height - height), (0, frame_width - width), (0, 0))
    return FramedPicture(np.pad(np.asarray(scaled), padding, mode="edge"), placement)


def unframe_picture(pixels: Pixels, placement: Placement) -> Image.Image:
    """Cut the padding off and scale back to the size that came in."""
    width, height = placement.scaled
    return _resized(Image.fromarray(pixels[:height, :width]), placement.original)


def keep_outside(mask: Image.Image, source: Image.Image, edited: Image.Image) -> Image.Image:
    """Take the edited picture where the mask says that it may change, and the source elsewhere.

    A mask of another size is scaled without smoothing, which would let the edit reach beyond it.
    """
    return Image.composite(edited, source, mask.resize(source.size, Image.Resampling.NEAREST))


def write_png(picture: Image.Image, history: History | None = None) -> bytes:
    """Encode a picture without loss, with its history in the file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, pnginfo=png_chunks(history) if history else None)
    return buffer.getvalue()


def write_preview(pixels: Pixels, placement: Placement, longest_side: int = 256) -> tuple[bytes, tuple[int, int]]:
    """Encode a small JPEG of an unfinished picture, and say its (width, height)."""
    width, height = placement.scaled
    picture = Image.fromarray(pixels[:height, :width])
    picture.thumbnail((longest_side, longest_side))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue(), picture.size


def _open(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            return ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(f"the stored picture can't be decoded: {error}") from error


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)
