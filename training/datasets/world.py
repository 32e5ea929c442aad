"""The scene world: what a small picture can hold, as a record, and how people would caption it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

PLACES = ("meadow", "beach", "desert", "snow", "city", "forest")
TIMES = ("day", "sunset", "night")
WEATHERS = ("clear", "rain", "snowfall")
KINDS = ("house", "tree", "car", "boat", "ball", "star", "flower", "cat", "bird", "balloon", "fish", "umbrella")
COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white")
SIDES = ("left", "right", "middle")
SIZES = ("small", "normal", "big")
LIGHTS = ("dim", "normal", "bright")
"""How light the picture itself is, whatever the time of day it shows."""
STYLES = ("normal", "black and white", "sepia", "pencil sketch", "negative", "pixel art")

HORIZONS = (0.52, 0.56, 0.60)
"""Height of the horizon as a fraction of the picture, from the top."""

ANIMALS = ("cat", "bird", "fish")
VEHICLES = ("car", "boat")
MOST_THINGS = len(SIDES)
JITTER = 3
"""Most pixels (of 128) a thing stands away from the middle of its side."""


@dataclass(frozen=True)
class Thing:
    """One object of a scene; its kind names it, because a kind occurs at most once in a scene."""

    kind: str
    colour: str
    side: str
    size: str = "normal"
    offset: int = 0


@dataclass(frozen=True)
class Scene:
    """Everything a picture shows; drawing the same record twice gives the same picture."""

    place: str = "meadow"
    time: str = "day"
    weather: str = "clear"
    things: tuple[Thing, ...] = ()
    style: str = "normal"
    light: str = "normal"
    horizon: float = 0.56

    def thing(self, kind: str) -> Thing | None:
        """The thing of this kind, or None."""
        return next((thing for thing in self.things if thing.kind == kind), None)

    def free_sides(self) -> tuple[str, ...]:
        """The sides on which nothing stands."""
        taken = {thing.side for thing in self.things}
        return tuple(side for side in SIDES if side not in taken)

    def with_thing(self, old: Thing, new: Thing | None) -> Scene:
        """The same scene with one thing exchanged, or taken away."""
        things = [new if thing == old else thing for thing in self.things]
        return replace(self, things=tuple(thing for thing in things if thing is not None))

    def to_json(self) -> dict[str, Any]:
        """Plain types for a JSON file."""
        return asdict(self)

    @staticmethod
    def from_json(record: dict[str, Any]) -> Scene:
        """Read what `to_json` wrote; raises ValueError naming what does not belong to this world."""
        try:
            scene = Scene(**{**record, "things": tuple(Thing(**thing) for thing in record.get("things", ()))})
        except TypeError as error:
            raise ValueError(f"not a scene record: {error}") from error
        _check(scene)
        return scene


def sample_scene(rng: random.Random) -> Scene:
    """Draw a scene at random: one or two things (seldom three), mostly by clear day, mostly unstyled."""
    count = rng.choices((1, 2, 3), weights=(35, 60, 5))[0]
    sides = rng.sample(SIDES, count)
    things = tuple(
        Thing(kind, rng.choice(COLOURS), side, _sample_size(rng), rng.randint(-JITTER, JITTER))
        for kind, side in zip(rng.sample(KINDS, count), sides, strict=True)
    )
    return Scene(
        place=rng.choice(PLACES),
        time=rng.choices(TIMES, weights=(5, 2, 2))[0],
        weather=rng.choices(WEATHERS, weights=(6, 1, 1))[0],
        things=things,
        style=rng.choice(STYLES[1:]) if rng.random() < 0.1 else "normal",
        horizon=rng.choice(HORIZONS),
    )


def caption(scene: Scene, rng: random.Random | None = None) -> str:
    """Describe a scene in one line: the canonical wording, or a natural variant where `rng` is given."""
    things = list(scene.things)
    if rng is not None:
        rng.shuffle(things)
    described = _join([_describe(thing, rng) for thing in things])
    where = _where(scene, rng)
    if not described:
        empty = "snowy field" if scene.place == "snow" else scene.place
        line = f"an empty {empty}{_moment(scene)}"
    elif rng is not None and scene.style == "normal" and rng.random() < 0.25:
        line = f"{where}: {described}"
    else:
        line = f"{described}, {where}"
    line = _styled(line, scene.style)
    if rng is not None and described and scene.style == "normal" and rng.random() < 0.1:
        line = rng.choice(("a picture of ", "a drawing of ")) + line
    return line


def article(word: str) -> str:
    """`a` or `an`, as the word wants it."""
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _sample_size(rng: random.Random) -> str:
    return rng.choices(SIZES, weights=(20, 60, 20))[0]


def _describe(thing: Thing, rng: random.Random | None) -> str:
    size = "" if thing.size == "normal" else f"{thing.size} "
    named = article(f"{size}{thing.colour} {thing.kind}")
    where = "in the middle" if thing.side == "middle" else f"on the {thing.side}"
    if rng is not None and thing.side == "middle" and rng.random() < 0.3:
        where = "in the centre"
    return f"{named} {where}"


def _join(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def _where(scene: Scene, rng: random.Random | None) -> str:
    place = {"beach": "on a beach", "snow": "in the snow"}.get(scene.place, f"in a {scene.place}")
    if rng is not None and rng.random() < 0.2:
        place = place.replace(" a ", " the ")
    return place + _moment(scene)


def _moment(scene: Scene) -> str:
    time = {"day": "", "sunset": " at sunset", "night": " at night"}[scene.time]
    return time + {"clear": "", "rain": ", raining", "snowfall": ", snowing"}[scene.weather]


def _styled(line: str, style: str) -> str:
    prefixes = {
        "normal": "",
        "black and white": "a black and white picture of ",
        "sepia": "a sepia picture of ",
        "pencil sketch": "a pencil sketch of ",
        "negative": "a negative of ",
        "pixel art": "pixel art of ",
    }
    return prefixes[style] + line


def _check(scene: Scene) -> None:
    allowed = {"place": PLACES, "time": TIMES, "weather": WEATHERS, "style": STYLES, "light": LIGHTS}
    for name, values in allowed.items():
        if getattr(scene, name) not in values:
            raise ValueError(f"{name} {getattr(scene, name)!r} is not one of {', '.join(values)}")
    for thing in scene.things:
        for name, values in {"kind": KINDS, "colour": COLOURS, "side": SIDES, "size": SIZES}.items():
            if getattr(thing, name) not in values:
                raise ValueError(f"{name} {getattr(thing, name)!r} is not one of {', '.join(values)}")
    if len({thing.kind for thing in scene.things}) < len(scene.things):
        raise ValueError("each kind of thing may occur once in a scene")
    if len({thing.side for thing in scene.things}) < len(scene.things):
        raise ValueError("each side holds one thing")
    if not 0.3 <= scene.horizon <= 0.8:
        raise ValueError("horizon must lie between 0.3 and 0.8")
