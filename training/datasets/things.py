"""How each thing of the scene world is drawn: a few large shapes in a unit box, so that it reads at a glance."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

PAINTS: dict[str, Colour] = {
    "red": (222, 46, 44),
    "orange": (250, 142, 28),
    "yellow": (252, 218, 52),
    "green": (52, 170, 78),
    "blue": (44, 104, 226),
    "purple": (140, 72, 196),
    "pink": (250, 146, 192),
    "brown": (134, 86, 48),
    "black": (46, 46, 52),
    "white": (246, 246, 246),
}
SIZE_PX = {"small": 21, "normal": 32, "big": 46}
"""Side of a thing's box, in pixels of a picture 128 wide."""
EDGE_PX = 4
"""Width of outlines on the supersampled canvas."""
HIGH_UP = ("star", "bird", "balloon")
"""Kinds that hang in the sky; the others stand on the ground."""

_WHITE: Colour = (250, 250, 250)
_DARK: Colour = (38, 38, 44)


@dataclass(frozen=True)
class Brush:
    """Draws in a unit box (0..1, y downwards) that lies anywhere on the canvas."""

    draw: ImageDraw.ImageDraw
    left: float
    top: float
    side: float
    paint: Colour
    light: float = 1.0

    def ellipse(self, x0: float, y0: float, x1: float, y1: float, fill: Colour | None = None) -> None:
        """Fill an ellipse by its box; in the thing's own paint if no fill is given."""
        inside, edge = self._look(fill)
        self.draw.ellipse((*self._at((x0, y0)), *self._at((x1, y1))), inside, edge, EDGE_PX)

    def box(
        self, x0: float, y0: float, x1: float, y1: float, fill: Colour | None = None, round_by: float = 0.0
    ) -> None:
        """Fill a rectangle, with rounded corners where asked."""
        corners = (*self._at((x0, y0)), *self._at((x1, y1)))
        inside, edge = self._look(fill)
        self.draw.rounded_rectangle(corners, round_by * self.side, inside, edge, EDGE_PX)

    def shape(self, points: Sequence[Point], fill: Colour | None = None) -> None:
        """Fill a polygon."""
        inside, edge = self._look(fill)
        self.draw.polygon([self._at(point) for point in points], inside, edge, EDGE_PX)

    def slice(
        self, x0: float, y0: float, x1: float, y1: float, start: float, end: float, fill: Colour | None = None
    ) -> None:
        """Fill the part of an ellipse between two angles (degrees, clockwise from three o'clock), cut by its chord."""
        inside, edge = self._look(fill)
        self.draw.chord((*self._at((x0, y0)), *self._at((x1, y1))), start, end, inside, edge, EDGE_PX)

    def line(self, points: Sequence[Point], fill: Colour = _DARK, width: float = 0.05) -> None:
        """Draw a line through the points, `width` in parts of the box."""
        self.draw.line(
            [self._at(point) for point in points], fill=self._lit(fill), width=max(1, round(width * self.side))
        )

    def eye(self, x: float, y: float, size: float = 0.11) -> None:
        """A white eye with a dark pupil, centred at x, y."""
        self.draw.ellipse((*self._at((x - size, y - size)), *self._at((x + size, y + size))), fill=self._lit(_WHITE))
        pupil = size * 0.55
        self.draw.ellipse((*self._at((x - pupil, y - pupil)), *self._at((x + pupil, y + pupil))), fill=self._lit(_DARK))

    def shade(self, factor: float = 0.7) -> Colour:
        """The thing's paint, darker (below 1) or lighter (above)."""
        return darker(self.paint, factor) if factor <= 1 else lighter(self.paint, factor - 1)

    def _at(self, point: Point) -> Point:
        return self.left + point[0] * self.side, self.top + point[1] * self.side

    def _look(self, fill: Colour | None) -> tuple[Colour, Colour]:
        """The colours of the inside and of the outline, which even black has to stand out by."""
        paint = self.paint if fill is None else fill
        edge = (112, 112, 120) if sum(paint) < 200 else darker(paint, 0.62)
        return self._lit(paint), self._lit(edge)

    def _lit(self, colour: Colour) -> Colour:
        return darker(colour, self.light)


def darker(colour: Colour, factor: float) -> Colour:
    """The colour times a factor of at most 1."""
    red, green, blue = colour
    return int(red * factor), int(green * factor), int(blue * factor)


def lighter(colour: Colour, part: float) -> Colour:
    """The colour moved towards white by a part of the way (0..1)."""
    red, green, blue = colour
    return int(red + (255 - red) * part), int(green + (255 - green) * part), int(blue + (255 - blue) * part)


def _house(b: Brush) -> None:
    b.box(0.68, 0.10, 0.82, 0.45, (150, 88, 70))
    b.box(0.12, 0.45, 0.88, 1.0)
    b.shape([(0.0, 0.50), (0.5, 0.06), (1.0, 0.50)], b.shade(0.62))
    b.box(0.42, 0.66, 0.62, 1.0, (110, 74, 50))
    b.box(0.19, 0.60, 0.36, 0.78, (255, 240, 170))
    b.box(0.68, 0.60, 0.83, 0.78, (255, 240, 170))


def _tree(b: Brush) -> None:
    b.box(0.42, 0.60, 0.58, 1.0, (118, 80, 52))
    b.ellipse(0.06, 0.26, 0.60, 0.76, b.shade(0.85))
    b.ellipse(0.40, 0.26, 0.94, 0.76, b.shade(0.85))
    b.ellipse(0.20, 0.0, 0.80, 0.58)


def _car(b: Brush) -> None:
    b.shape([(0.20, 0.62), (0.32, 0.36), (0.70, 0.36), (0.84, 0.62)], b.shade(0.85))
    b.shape([(0.29, 0.60), (0.36, 0.43), (0.49, 0.43), (0.49, 0.60)], (190, 226, 245))
    b.shape([(0.54, 0.60), (0.54, 0.43), (0.67, 0.43), (0.75, 0.60)], (190, 226, 245))
    b.box(0.0, 0.58, 1.0, 0.86, round_by=0.12)
    for x in (0.14, 0.64):
        b.ellipse(x, 0.74, x + 0.26, 1.0, _DARK)
        b.ellipse(x + 0.08, 0.82, x + 0.18, 0.92, (200, 200, 205))


def _boat(b: Brush) -> None:
    b.line([(0.48, 0.04), (0.48, 0.72)], (110, 74, 50), 0.06)
    b.shape([(0.53, 0.04), (0.53, 0.62), (0.95, 0.62)], _WHITE)
    b.shape([(0.43, 0.16), (0.43, 0.62), (0.12, 0.62)], (232, 232, 226))
    b.shape([(0.0, 0.68), (1.0, 0.68), (0.80, 1.0), (0.20, 1.0)])


def _ball(b: Brush) -> None:
    b.ellipse(0.08, 0.16, 0.92, 1.0)
    b.slice(0.08, 0.16, 0.92, 1.0, 20, 160, b.shade(0.72))
    b.ellipse(0.26, 0.28, 0.46, 0.46, lighter(b.paint, 0.65))


def _star(b: Brush) -> None:
    points = [
        (0.5 + radius * math.sin(math.pi * i / 5), 0.54 - radius * math.cos(math.pi * i / 5))
        for i, radius in ((i, 0.52 if i % 2 == 0 else 0.24) for i in range(10))
    ]
    b.shape(points)
    b.eye(0.41, 0.48, 0.06)
    b.eye(0.59, 0.48, 0.06)


def _flower(b: Brush) -> None:
    b.line([(0.5, 0.40), (0.5, 1.0)], (48, 140, 62), 0.08)
    b.ellipse(0.52, 0.70, 0.84, 0.88, (60, 160, 74))
    for i in range(6):
        x, y = 0.5 + 0.24 * math.cos(math.pi * i / 3), 0.34 + 0.24 * math.sin(math.pi * i / 3)
        b.ellipse(x - 0.16, y - 0.16, x + 0.16, y + 0.16)
    centre = (250, 200, 60) if b.paint != PAINTS["yellow"] and b.paint != PAINTS["orange"] else (150, 90, 50)
    b.ellipse(0.37, 0.21, 0.63, 0.47, centre)


def _cat(b: Brush) -> None:
    b.line([(0.74, 0.92), (0.94, 0.74), (0.90, 0.46)], b.shade(0.8), 0.11)
    b.ellipse(0.20, 0.46, 0.80, 1.0)
    b.shape([(0.18, 0.02), (0.20, 0.34), (0.46, 0.20)])
    b.shape([(0.82, 0.02), (0.80, 0.34), (0.54, 0.20)])
    b.ellipse(0.16, 0.12, 0.84, 0.64)
    b.eye(0.37, 0.35, 0.09)
    b.eye(0.63, 0.35, 0.09)
    b.shape([(0.44, 0.46), (0.56, 0.46), (0.50, 0.54)], (240, 130, 140))


def _bird(b: Brush) -> None:
    b.shape([(0.0, 0.34), (0.30, 0.50), (0.06, 0.66)], b.shade(0.7))
    b.ellipse(0.14, 0.32, 0.78, 0.84)
    b.ellipse(0.52, 0.14, 0.90, 0.52)
    b.shape([(0.88, 0.26), (1.0, 0.34), (0.88, 0.42)], (250, 170, 40))
    b.shape([(0.28, 0.50), (0.62, 0.50), (0.34, 0.86)], b.shade(0.7))
    b.eye(0.72, 0.30, 0.075)


def _balloon(b: Brush) -> None:
    b.line([(0.5, 0.74), (0.44, 0.86), (0.54, 1.0)], (90, 90, 96), 0.04)
    b.shape([(0.42, 0.78), (0.58, 0.78), (0.5, 0.66)], b.shade(0.7))
    b.ellipse(0.16, 0.0, 0.84, 0.74)
    b.ellipse(0.29, 0.12, 0.45, 0.32, lighter(b.paint, 0.6))


def _fish(b: Brush) -> None:
    b.shape([(0.02, 0.34), (0.34, 0.60), (0.02, 0.88)], b.shade(0.75))
    b.shape([(0.42, 0.40), (0.62, 0.20), (0.70, 0.44)], b.shade(0.75))
    b.ellipse(0.22, 0.34, 1.0, 0.90)
    b.slice(0.22, 0.34, 1.0, 0.90, 25, 155, lighter(b.paint, 0.45))
    b.eye(0.82, 0.54, 0.08)


def _umbrella(b: Brush) -> None:
    b.line([(0.5, 0.10), (0.5, 0.90)], (110, 74, 50), 0.06)
    b.line([(0.5, 0.90), (0.56, 0.97), (0.66, 0.95), (0.67, 0.84)], (110, 74, 50), 0.06)
    b.slice(0.0, 0.06, 1.0, 1.02, 180, 360)
    b.slice(0.30, 0.06, 0.70, 1.02, 180, 360, lighter(b.paint, 0.4))


DRAWINGS: dict[str, Callable[[Brush], None]] = {
    "house": _house,
    "tree": _tree,
    "car": _car,
    "boat": _boat,
    "ball": _ball,
    "star": _star,
    "flower": _flower,
    "cat": _cat,
    "bird": _bird,
    "balloon": _balloon,
    "fish": _fish,
    "umbrella": _umbrella,
}
