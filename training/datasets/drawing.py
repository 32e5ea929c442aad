"""Draw a scene record: backdrop, things, weather, style; the same record gives the same pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from training.datasets.backdrops import LIGHT, SCALE, SIDE, backdrop, fall
from training.datasets.things import DRAWINGS, HIGH_UP, PAINTS, SIZE_PX, Brush
from training.datasets.world import Scene, Thing

SIZE = SIDE // SCALE
"""Width and height of a drawn picture, in pixels."""
_CENTRES = {"left": 25, "middle": 64, "right": 103}
_GROUND_PX = 112
_SKY_PX = 40
_CHANGED_LEVELS = 8
_LIGHT_POWERS = {"dim": 1.7, "normal": 1.0, "bright": 0.6}


def render(scene: Scene) -> Image.Image:
    """Draw the scene as RGB, `SIZE` × `SIZE`."""
    canvas = backdrop(scene.place, scene.time, scene.weather, scene.horizon).copy()
    draw = ImageDraw.Draw(canvas)
    for thing in scene.things:
        DRAWINGS[thing.kind](_brush(draw, thing, LIGHT[scene.time]))
    fall(draw, scene.weather, scene.time)
    return apply_light(apply_style(canvas.reduce(SCALE), scene.style), scene.light)


def apply_style(picture: Image.Image, style: str) -> Image.Image:
    """Redraw any RGB picture in a style of the world; exact, so it is the truth for photographs too."""
    if style == "normal":
        return picture
    return _STYLES[style](picture)


def apply_light(picture: Image.Image, light: str) -> Image.Image:
    """Draw any RGB picture as dim or bright as the world's word says, along a curve that keeps black and white."""
    power = _LIGHT_POWERS[light]
    return picture.point([round(255 * (level / 255) ** power) for level in range(256)] * 3)


def change_mask(before: Image.Image, after: Image.Image) -> NDArray[np.bool_]:
    """Which pixels an edit changes by more than a few levels, (height, width)."""
    difference = np.abs(np.asarray(before, np.int16) - np.asarray(after, np.int16))
    return np.asarray(difference.max(axis=-1) > _CHANGED_LEVELS)


def _brush(draw: ImageDraw.ImageDraw, thing: Thing, light: float) -> Brush:
    side = SIZE_PX[thing.size]
    bottom = _SKY_PX + side / 2 if thing.kind in HIGH_UP else _GROUND_PX
    left = _CENTRES[thing.side] + thing.offset - side / 2
    return Brush(draw, left * SCALE, (bottom - side) * SCALE, side * SCALE, PAINTS[thing.colour], light)


def _black_and_white(picture: Image.Image) -> Image.Image:
    return ImageOps.grayscale(picture).convert("RGB")


def _sepia(picture: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(picture), black=(38, 20, 4), white=(255, 238, 200), mid=(150, 108, 66))


def _pencil(picture: Image.Image) -> Image.Image:
    grey = ImageOps.grayscale(picture)
    strokes = ImageChops.difference(grey.filter(ImageFilter.MaxFilter(3)), grey.filter(ImageFilter.MinFilter(3)))
    lines = strokes.point([255 - min(200, level * 3) for level in range(256)])
    return ImageChops.multiply(lines, grey.point([205 + level * 50 // 255 for level in range(256)])).convert("RGB")


def _pixels(picture: Image.Image) -> Image.Image:
    block = max(1, round(max(picture.size) / 32))
    small = picture.resize((max(1, picture.width // block), max(1, picture.height // block)), Image.Resampling.BOX)
    return ImageOps.posterize(small, 3).resize(picture.size, Image.Resampling.NEAREST)


_STYLES = {
    "black and white": _black_and_white,
    "sepia": _sepia,
    "pencil sketch": _pencil,
    "negative": ImageOps.invert,
    "pixel art": _pixels,
}
