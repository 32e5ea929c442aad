"""What lies behind and before the things: places, the hour's light, the weather. Flat, few and large shapes."""

from __future__ import annotations

import math
from functools import lru_cache

from PIL import Image, ImageDraw

from training.datasets.things import Colour, darker, lighter

SCALE = 4
"""Supersampling: pictures are drawn this many times larger and then reduced."""
SIDE = 128 * SCALE

_SKIES: dict[str, tuple[Colour, Colour]] = {
    "day": ((104, 178, 244), (206, 234, 252)),
    "sunset": ((96, 70, 140), (255, 158, 92)),
    "night": ((14, 18, 48), (44, 56, 104)),
}
_CLOUDY: dict[str, tuple[Colour, Colour]] = {
    "day": ((126, 142, 160), (188, 198, 208)),
    "sunset": ((94, 82, 112), (206, 150, 130)),
    "night": ((20, 22, 38), (50, 56, 78)),
}
_GROUNDS: dict[str, Colour] = {
    "meadow": (112, 190, 88),
    "beach": (240, 216, 156),
    "desert": (232, 178, 104),
    "snow": (234, 242, 250),
    "city": (128, 130, 138),
    "forest": (84, 134, 66),
}
LIGHT = {"day": 1.0, "sunset": 0.9, "night": 0.72}
"""How bright things look at each time of day."""
_GROUND_LIGHT = {"day": 1.0, "sunset": 0.78, "night": 0.42}


@lru_cache(maxsize=256)
def backdrop(place: str, time: str, weather: str, horizon: float) -> Image.Image:
    """Sky and ground without things, `SIDE` × `SIDE` RGB; shared, so copy before drawing on it."""
    top, bottom = (_SKIES if weather == "clear" else _CLOUDY)[time]
    picture = Image.new("RGB", (SIDE, SIDE))
    draw = ImageDraw.Draw(picture)
    line = round(horizon * SIDE)
    _gradient(draw, 0, line, top, bottom)
    _heavens(draw, time, weather)
    light = _GROUND_LIGHT[time]
    _PLACES[place](draw, line, light)
    return picture


def fall(draw: ImageDraw.ImageDraw, weather: str, time: str) -> None:
    """Rain or snow over everything; large and few, always in the same spots."""
    if weather == "rain":
        colour = (196, 220, 246) if time != "night" else (150, 176, 214)
        for x, y in _spots(22, 0.38):
            draw.line((x, y, x - 22, y + 62), fill=colour, width=7)
    elif weather == "snowfall":
        colour = (255, 255, 255) if time != "night" else (224, 228, 240)
        for x, y in _spots(24, 0.21):
            draw.ellipse((x - 13, y - 13, x + 13, y + 13), fill=colour)


def _spots(count: int, shift: float) -> list[tuple[int, int]]:
    golden = (math.sqrt(5) - 1) / 2
    return [(round((i * golden + shift) % 1 * SIDE), round((i + 0.5) / count * SIDE)) for i in range(count)]


def _gradient(draw: ImageDraw.ImageDraw, start: int, end: int, top: Colour, bottom: Colour) -> None:
    for y in range(start, end, 4):
        part = (y - start) / max(1, end - start)
        red, green, blue = (round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True))
        draw.rectangle((0, y, SIDE, y + 4), fill=(red, green, blue))


def _heavens(draw: ImageDraw.ImageDraw, time: str, weather: str) -> None:
    if weather != "clear":
        cloud = {"day": (98, 108, 124), "sunset": (78, 66, 92), "night": (34, 38, 56)}[time]
        for x, y, r in ((40, 10, 74), (150, -10, 90), (280, 6, 84), (400, -6, 92), (500, 14, 70)):
            draw.ellipse((x - r, y - r // 2, x + r, y + r // 2), fill=cloud)
        return
    if time == "night":
        draw.ellipse((226, 22, 286, 82), fill=(246, 242, 214))
        draw.ellipse((210, 14, 266, 70), fill=(20, 25, 57))
        for x, y in ((50, 60), (130, 26), (350, 40), (440, 84), (480, 22)):
            draw.ellipse((x - 7, y - 7, x + 7, y + 7), fill=(250, 246, 220))
        return
    sun, x, y, r = ((255, 226, 92), 256, 52, 36) if time == "day" else ((255, 206, 110), 256, 176, 52)
    draw.ellipse((x - r, y - r, x + r, y + r), fill=sun)
    cloud = (250, 252, 255) if time == "day" else (236, 150, 140)
    for x, y in ((90, 50), (420, 74)):
        draw.ellipse((x - 52, y - 18, x + 20, y + 22), fill=cloud)
        draw.ellipse((x - 22, y - 32, x + 52, y + 22), fill=cloud)


def _land(draw: ImageDraw.ImageDraw, line: int, paint: Colour) -> None:
    draw.rectangle((0, line, SIDE, SIDE), fill=paint)
    draw.rectangle((0, line + (SIDE - line) // 2, SIDE, SIDE), fill=lighter(paint, 0.08))


def _meadow(draw: ImageDraw.ImageDraw, line: int, light: float) -> None:
    draw.ellipse((-160, line - 60, 320, line + 200), fill=darker((86, 162, 78), light))
    draw.ellipse((200, line - 40, 680, line + 200), fill=darker((98, 174, 82), light))
    _land(draw, line + 8, darker(_GROUNDS["meadow"], light))


def _beach(draw: ImageDraw.ImageDraw, line: int, light: float) -> None:
    draw.rectangle((0, line - 44, SIDE, line + 30), fill=darker((46, 134, 196), light))
    draw.rectangle((0, line + 22, SIDE, line + 36), fill=darker((238, 248, 250), light))
    _land(draw, line + 34, darker(_GROUNDS["beach"], light))


def _desert(draw: ImageDraw.ImageDraw, line: int, light: float) -> None:
    sand = darker((214, 152, 84), light)
    draw.polygon([(0, line + 20), (120, line - 60), (260, line + 20)], fill=sand)
    draw.polygon([(280, line + 20), (420, line - 44), (560, line + 20)], fill=sand)
    _land(draw, line, darker(_GROUNDS["desert"], light))


def _snow(draw: ImageDraw.ImageDraw, line: int, light: float) -> None:
    for x, height in ((70, 120), (256, 92), (440, 128)):
        draw.polygon(
            [(x - 110, line + 8), (x, line - height), (x + 110, line + 8)], fill=darker((132, 154, 186), light)
        )
        cap = [(x - 40, line - height + 46), (x, line - height), (x + 40, line - height + 46)]
        draw.polygon(cap, fill=darker((244, 250, 255), max(light, 0.6)))
    _land(draw, line, darker(_GROUNDS["snow"], max(light, 0.55)))


def _city(draw: ImageDraw.ImageDraw, line: int, light: float) -> None:
    window = (255, 226, 130) if light < 0.6 else darker((206, 220, 236), light)
    for i, height in enumerate((150, 96, 178, 120, 190, 108, 160)):
        left = i * 74 - 4
        draw.rectangle(
            (left, line - height, left + 66, line + 8), fill=darker(((104, 108, 132), (126, 116, 130))[i % 2], light)
        )
        for y in range(line - height + 18, line - 24, 44):
            draw.rectangle((left + 12, y, left + 54, y + 16), fill=window)
    _land(draw, line, darker(_GROUNDS["city"], light))


def _forest(draw: ImageDraw.ImageDraw, line: int, light: float) -> None:
    for i in range(7):
        x, height = i * 80 + 16, (150, 122, 164, 130)[i % 4]
        for step in range(2):
            y, half = line - height + step * height // 2, 40 + step * 16
            points = [(x - half, y + height // 2 + 20), (x, y), (x + half, y + height // 2 + 20)]
            draw.polygon(points, fill=darker(((34, 96, 62), (44, 108, 66))[i % 2], light))
    _land(draw, line, darker(_GROUNDS["forest"], light))


_PLACES = {"meadow": _meadow, "beach": _beach, "desert": _desert, "snow": _snow, "city": _city, "forest": _forest}
