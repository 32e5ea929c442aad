"""Pictures of nothing in particular, with the statistics of photographs, for edits that any picture can have.

A dead-leaves picture covers itself with shapes of all sizes (Lee, Mumford and Huang 2001), whose edges and occlusions
are those of photographs; each leaf has a gradient and a texture of 1/f noise or stripes. Networks that restore pictures
learn from such pictures nearly as well as from photographs (Achddou, Gousseau and Ladjal 2021). In between stand pieces
of scenes at several scales, so that drawings are not forgotten.
"""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.datasets.changes import RELIGHTS, Change, Relight, SetStyle
from training.datasets.drawing import SIZE, apply_light, apply_style, render
from training.datasets.edits import scene_rng
from training.datasets.world import STYLES, sample_scene

ANYWHERE: tuple[Change, ...] = (
    *(SetStyle(style) for style in STYLES if style != "normal"),
    *(Relight(light) for light in RELIGHTS),
)
"""The edits that any picture can have, whatever it shows."""
SCENE_PART = 0.25
LEAVES = (10, 90)
SMALLEST, LARGEST = 3.0, 64.0
"""Radii of leaves in pixels, drawn evenly on a logarithmic scale: large ones, or so few would not cover a picture."""
TEXTURED = 0.6
NOISES = 24
_GREYISH = 0.55


def texture(rng: random.Random) -> Image.Image:
    """One picture, `SIZE` × `SIZE`, RGB: mostly dead leaves, else a piece of a scene."""
    if rng.random() < SCENE_PART:
        return _piece_of_a_scene(rng)
    picture = _surface(rng, (SIZE, SIZE))
    for _ in range(round(rng.uniform(*LEAVES))):
        _drop(rng, picture)
    return _taken(rng, picture)


def after(picture: Image.Image, change: Change) -> Image.Image:
    """The picture once one of the edits of `ANYWHERE` is carried out; raises ValueError where what it shows matters."""
    match change:
        case SetStyle(style):
            return apply_style(picture, style)
        case Relight(light):
            return apply_light(picture, "bright" if light == "brighter" else "dim")
        case _:
            raise ValueError(f"what {change} makes of a picture depends on what it shows")


def _piece_of_a_scene(rng: random.Random) -> Image.Image:
    scene = render(sample_scene(scene_rng("train", 23, rng.randrange(10**9))))
    scale = rng.choice((1, 2, 3, 4))
    large = scene.resize((SIZE * scale, SIZE * scale), Image.Resampling.BICUBIC)
    left, top = (rng.randint(0, SIZE * (scale - 1)) for _ in range(2))
    return large.crop((left, top, left + SIZE, top + SIZE))


def _drop(rng: random.Random, picture: Image.Image) -> None:
    """Cover a part of the picture with one leaf."""
    radius = SMALLEST * (LARGEST / SMALLEST) ** rng.random()
    side = max(3, round(2 * radius))
    left, top = (round(rng.uniform(-radius, SIZE - radius)) for _ in range(2))
    mask = _outline(rng, side)
    picture.paste(_surface(rng, (side, side)), (left, top), mask)


def _outline(rng: random.Random, side: int) -> Image.Image:
    """A leaf's shape with smooth edges."""
    large = Image.new("L", (4 * side, 4 * side))
    draw, end = ImageDraw.Draw(large), 4 * side - 1
    match rng.randrange(4):
        case 0:
            flat = rng.uniform(0.4, 1.0)
            draw.ellipse((0, end * (1 - flat) / 2, end, end * (1 + flat) / 2), fill=255)
        case 1:
            flat = rng.uniform(0.1, 0.9)
            draw.rectangle((0, end * (1 - flat) / 2, end, end * (1 + flat) / 2), fill=255)
        case 2:
            draw.polygon([(rng.uniform(0, end), rng.uniform(0, end)) for _ in range(rng.randint(3, 6))], fill=255)
        case _:
            draw.line(
                [(rng.uniform(0, end), rng.uniform(0, end)) for _ in range(3)],
                fill=255,
                width=max(4, round(end * rng.uniform(0.02, 0.12))),
                joint="curve",
            )
    return large.rotate(rng.uniform(0, 360)).reduce(4)


def _surface(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """A colour that shades into another, mostly with a texture on it."""
    first = _colour(rng)
    second = tuple(min(255, max(0, level + rng.randint(-45, 45))) for level in first)
    shade = Image.linear_gradient("L").rotate(rng.uniform(0, 360), Image.Resampling.BILINEAR, fillcolor=128)
    surface = Image.composite(Image.new("RGB", size, second), Image.new("RGB", size, first), shade.resize(size))
    if rng.random() >= TEXTURED:
        return surface
    strength = rng.uniform(0.05, 0.6)
    grain = _stripes(rng, size) if rng.random() < 0.25 else _noise_piece(rng, size)
    middle = round(128 * (1 - strength))
    grey = grain.point([round(middle + strength * level) for level in range(256)])
    return ImageChops.overlay(surface, Image.merge("RGB", (grey, grey, grey)))


def _colour(rng: random.Random) -> tuple[int, ...]:
    """Colours of photographs are mostly greyish, and all lightnesses occur."""
    light = rng.uniform(0, 255)
    spread = rng.uniform(0, 40) if rng.random() < _GREYISH else rng.uniform(40, 180)
    return tuple(min(255, max(0, round(light + rng.uniform(-spread, spread)))) for _ in range(3))


def _stripes(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    width, height = size
    angle, period = rng.uniform(0, np.pi), rng.uniform(3, 24)
    rows, columns = np.mgrid[0:height, 0:width]
    wave = np.sin((np.cos(angle) * columns + np.sin(angle) * rows) * 2 * np.pi / period + rng.uniform(0, 6))
    sharp = np.sign(wave) if rng.random() < 0.5 else wave
    return Image.fromarray((127.5 + 127 * sharp).astype(np.uint8))


def _noise_piece(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    noise = _noise(rng.randrange(NOISES))
    left, top = (rng.randrange(2 * SIZE - side + 1) for side in size)
    return noise.crop((left, top, left + size[0], top + size[1]))


@lru_cache(maxsize=NOISES)
def _noise(number: int) -> Image.Image:
    """Grey noise, 2·`SIZE` square, whose power falls with a power of the frequency: from grain to clouds."""
    side, source = 2 * SIZE, np.random.default_rng(number)
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    frequency[0, 0] = 1.0
    spectrum = np.fft.rfft2(source.standard_normal((side, side))) / frequency ** source.uniform(0.3, 1.6)
    waves: NDArray[np.float64] = np.fft.irfft2(spectrum)
    levels = 127.5 + 55 * (waves - waves.mean()) / waves.std()
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def _taken(rng: random.Random, picture: Image.Image) -> Image.Image:
    """As a lens and a sensor would give it: now and then out of focus, dark, pale, or grainy."""
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6)))
    if rng.random() < 0.4:
        power, low, high = rng.uniform(0.6, 1.9), rng.uniform(0, 50), rng.uniform(190, 255)
        picture = picture.point([round(low + (high - low) * (level / 255) ** power) for level in range(256)] * 3)
    if rng.random() < 0.3:
        grain = np.random.default_rng(rng.randrange(2**32)).normal(0, rng.uniform(2, 9), (SIZE, SIZE, 3))
        picture = Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))
    return picture
