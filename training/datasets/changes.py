"""What can be changed in a scene: one class for each family of edits, and how each changes the record."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from training.datasets.world import (
    COLOURS,
    KINDS,
    LIGHTS,
    MOST_THINGS,
    PLACES,
    SIZES,
    STYLES,
    TIMES,
    WEATHERS,
    Scene,
    Thing,
)


class CannotApply(ValueError):
    """The instruction makes no sense for this scene; the message says why."""


@dataclass(frozen=True)
class Recolour:
    """Paint one thing in another colour."""

    kind: str
    colour: str


@dataclass(frozen=True)
class Replace:
    """Put another thing in the place of one; without a colour it keeps the old one's."""

    kind: str
    new_kind: str
    colour: str | None = None


@dataclass(frozen=True)
class Remove:
    """Take one thing away."""

    kind: str


@dataclass(frozen=True)
class Add:
    """Put a new thing on a free side."""

    kind: str
    colour: str
    side: str


@dataclass(frozen=True)
class Resize:
    """Make one thing bigger or smaller by one step of `SIZES`."""

    kind: str
    size: str


@dataclass(frozen=True)
class SetPlace:
    """Move the whole scene elsewhere."""

    place: str


@dataclass(frozen=True)
class SetTime:
    """Change the time of day."""

    time: str


@dataclass(frozen=True)
class SetWeather:
    """Change the weather."""

    weather: str


@dataclass(frozen=True)
class SetStyle:
    """Change how the whole picture is drawn; `normal` undoes any style."""

    style: str


@dataclass(frozen=True)
class Relight:
    """Make the whole picture brighter or darker by one step of `LIGHTS`."""

    light: str


Change = Recolour | Replace | Remove | Add | Resize | SetPlace | SetTime | SetWeather | SetStyle | Relight

FAMILIES: dict[str, type[Change]] = {
    "recolour": Recolour,
    "replace": Replace,
    "remove": Remove,
    "add": Add,
    "resize": Resize,
    "place": SetPlace,
    "time": SetTime,
    "weather": SetWeather,
    "style": SetStyle,
    "light": Relight,
}

RESIZES = ("bigger", "smaller")
RELIGHTS = ("brighter", "darker")

_FAMILY_WEIGHTS = {
    "recolour": 22, "replace": 14, "remove": 12, "add": 14, "resize": 10,
    "place": 8, "time": 7, "weather": 6, "style": 7, "light": 4,
}  # fmt: skip


def apply(scene: Scene, change: Change) -> Scene:
    """The scene after the change; raises CannotApply where it is impossible or changes nothing."""
    after = _apply(scene, change)
    if after == scene:
        raise CannotApply("that changes nothing: the picture is like that already")
    return after


def possible_changes(scene: Scene) -> list[Change]:
    """Every change that can be applied to the scene: each value of each attribute, each thing."""
    changes: list[Change] = []
    for thing in scene.things:
        changes += [Recolour(thing.kind, colour) for colour in COLOURS]
        changes += [Replace(thing.kind, kind, colour) for kind in KINDS for colour in COLOURS]
        changes += [Remove(thing.kind)]
        changes += [Resize(thing.kind, size) for size in RESIZES]
    changes += [Add(kind, colour, side) for side in scene.free_sides() for kind in KINDS for colour in COLOURS]
    changes += [SetPlace(place) for place in PLACES]
    changes += [SetTime(time) for time in TIMES]
    changes += [SetWeather(weather) for weather in WEATHERS]
    changes += [SetStyle(style) for style in STYLES]
    changes += [Relight(light) for light in RELIGHTS]
    return [change for change in changes if _applies(scene, change)]


def sample_change(rng: random.Random, scene: Scene, weights: dict[str, float] | None = None) -> Change:
    """Draw a change by the world's own frequencies of families (or given ones), then evenly within its family.

    A styled picture is mostly asked back to normal or into another style: where colours are hidden, why paint?
    """
    weights = dict(weights or _FAMILY_WEIGHTS)
    if scene.style != "normal":
        weights = {"style": 6, "place": 1, "time": 1, "remove": 1}
    while True:
        family = rng.choices(list(weights), weights=list(weights.values()))[0]
        change = _sample_in_family(rng, scene, family)
        if change is not None and _applies(scene, change):
            return change


def family_of(change: Change) -> str:
    """The name of the family a change belongs to."""
    return next(name for name, kind_of_change in FAMILIES.items() if isinstance(change, kind_of_change))


def _sample_in_family(rng: random.Random, scene: Scene, family: str) -> Change | None:
    kinds = [thing.kind for thing in scene.things]
    if family in ("recolour", "replace", "remove", "resize") and not kinds:
        return None
    if family == "recolour":
        return Recolour(rng.choice(kinds), rng.choice(COLOURS))
    if family == "replace":
        return Replace(rng.choice(kinds), rng.choice(KINDS), rng.choice(COLOURS))
    if family == "remove":
        return Remove(rng.choice(kinds))
    if family == "resize":
        return Resize(rng.choice(kinds), rng.choice(RESIZES))
    if family == "add":
        free = scene.free_sides()
        return Add(rng.choice(KINDS), rng.choice(COLOURS), rng.choice(free)) if free else None
    if family == "style":
        if scene.style != "normal" and rng.random() < 0.6:
            return SetStyle("normal")
        return SetStyle(rng.choice(STYLES))
    if family == "place":
        return SetPlace(rng.choice(PLACES))
    if family == "light":
        return Relight(rng.choice(RELIGHTS))
    return SetTime(rng.choice(TIMES)) if family == "time" else SetWeather(rng.choice(WEATHERS))


def _applies(scene: Scene, change: Change) -> bool:
    try:
        apply(scene, change)
    except CannotApply:
        return False
    return True


def _named(scene: Scene, kind: str) -> Thing:
    thing = scene.thing(kind)
    if thing is None:
        there = ", ".join(other.kind for other in scene.things) or "nothing"
        raise CannotApply(f"there is no {kind} in the picture; it holds: {there}")
    return thing


def _recolour(scene: Scene, change: Recolour) -> Scene:
    thing = _named(scene, change.kind)
    return scene.with_thing(thing, replace(thing, colour=change.colour))


def _replace(scene: Scene, change: Replace) -> Scene:
    thing = _named(scene, change.kind)
    if change.new_kind == change.kind:
        raise CannotApply(f"a {change.kind} cannot replace itself; say which colour it should have instead")
    if scene.thing(change.new_kind) is not None:
        raise CannotApply(f"there is already a {change.new_kind} in the picture")
    return scene.with_thing(thing, replace(thing, kind=change.new_kind, colour=change.colour or thing.colour))


def _remove(scene: Scene, change: Remove) -> Scene:
    return scene.with_thing(_named(scene, change.kind), None)


def _add(scene: Scene, change: Add) -> Scene:
    if scene.thing(change.kind) is not None:
        raise CannotApply(f"there is already a {change.kind} in the picture")
    if change.side not in scene.free_sides():
        where = "in the middle" if change.side == "middle" else f"on the {change.side}"
        raise CannotApply(f"there is no room {where}")
    if len(scene.things) >= MOST_THINGS:
        raise CannotApply("the picture is full")
    return replace(scene, things=(*scene.things, Thing(change.kind, change.colour, change.side)))


def _resize(scene: Scene, change: Resize) -> Scene:
    thing = _named(scene, change.kind)
    step = SIZES.index(thing.size) + (1 if change.size == "bigger" else -1)
    if not 0 <= step < len(SIZES):
        raise CannotApply(f"the {change.kind} cannot get any {change.size}")
    return scene.with_thing(thing, replace(thing, size=SIZES[step]))


def _relight(scene: Scene, change: Relight) -> Scene:
    step = LIGHTS.index(scene.light) + (1 if change.light == "brighter" else -1)
    if not 0 <= step < len(LIGHTS):
        raise CannotApply(f"the picture cannot get any {change.light}")
    return replace(scene, light=LIGHTS[step])


def _apply(scene: Scene, change: Change) -> Scene:
    match change:
        case Recolour():
            return _recolour(scene, change)
        case Replace():
            return _replace(scene, change)
        case Remove():
            return _remove(scene, change)
        case Add():
            return _add(scene, change)
        case Resize():
            return _resize(scene, change)
        case SetPlace(place):
            return replace(scene, place=place)
        case SetTime(time):
            return replace(scene, time=time)
        case SetWeather(weather):
            return replace(scene, weather=weather)
        case SetStyle(style):
            return replace(scene, style=style)
        case Relight():
            return _relight(scene, change)
