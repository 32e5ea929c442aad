"""Explicit instructions: what each one changes in a scene, and the ways of saying it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, fields, replace
from typing import Literal

from training.datasets.world import (
    COLOURS,
    KINDS,
    MOST_THINGS,
    PLACES,
    SIDES,
    SIZES,
    STYLES,
    TIMES,
    WEATHERS,
    Scene,
    Thing,
    article,
)

Split = Literal["train", "validation", "test"]


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


Change = Recolour | Replace | Remove | Add | Resize | SetPlace | SetTime | SetWeather | SetStyle

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
}
RESIZES = ("bigger", "smaller")

# The first wording of each list is the canonical one; the last is kept for testing alone.
_WORDINGS: dict[type[Change], list[str]] = {
    Recolour: [
        "paint the {kind} {colour}", "make the {kind} {colour}", "change the {kind} to {colour}",
        "colour the {kind} {colour}", "change the colour of the {kind} to {colour}", "turn the {kind} {colour}",
        "recolour the {kind} to {colour}", "give the {kind} a {colour} colour",
    ],
    Replace: [
        "replace the {kind} with {a_new}", "swap the {kind} for {a_new}", "turn the {kind} into {a_new}",
        "change the {kind} into {a_new}", "exchange the {kind} for {a_new}", "put {a_new} in place of the {kind}",
    ],
    Remove: [
        "remove the {kind}", "take away the {kind}", "delete the {kind}", "get rid of the {kind}", "erase the {kind}",
        "take the {kind} out",
    ],
    Add: [
        "add {a_thing} {where}", "put {a_thing} {where}", "place {a_thing} {where}", "draw {a_thing} {where}",
        "{where} add {a_thing}",
    ],
    Resize: [
        "make the {kind} {size}", "turn the {kind} {size}", "let the {kind} be {size}", "the {kind} should be {size}",
    ],
    SetPlace: [
        "move it to the {place}", "change the background to the {place}", "put it in the {place}",
        "set it in the {place}", "take it to the {place}",
    ],
}  # fmt: skip
_FIXED: dict[Change, list[str]] = {
    SetTime("day"): ["make it day", "make it daytime", "change the time to day", "turn it into day", "set it by day"],
    SetTime("sunset"): ["make it sunset", "change the time to sunset", "turn it into sunset", "set it at sunset"],
    SetTime("night"): [
        "make it night",
        "make it night time",
        "change the time to night",
        "turn it into night",
        "set it at night",
    ],
    SetWeather("rain"): ["make it rain", "add rain", "make it rainy", "let it rain", "change the weather to rain"],
    SetWeather("snowfall"): [
        "make it snowy",
        "let it snow",
        "make it snow",
        "add snowfall",
        "change the weather to snow",
    ],
    SetWeather("clear"): [
        "make the weather clear",
        "clear the weather",
        "clear up the sky",
        "stop the rain and the snow",
    ],
    SetStyle("black and white"): ["make it black and white", "turn it black and white", "take the colours out of it"],
    SetStyle("pencil sketch"): ["make it a pencil sketch", "turn it into a pencil sketch", "sketch it in pencil"],
    SetStyle("sepia"): ["make it sepia", "turn it sepia", "give it a sepia tone"],
    SetStyle("negative"): ["invert the colours", "make it a negative", "turn it into a negative"],
    SetStyle("pixel art"): ["make it pixel art", "turn it into pixel art", "draw it as pixel art"],
    SetStyle("normal"): [
        "make it a normal picture again",
        "turn it back into a normal picture",
        "bring the normal look back",
    ],
}
_FAMILY_WEIGHTS = {
    "recolour": 22, "replace": 14, "remove": 12, "add": 14, "resize": 10,
    "place": 8, "time": 7, "weather": 6, "style": 7,
}  # fmt: skip


def phrase(change: Change, rng: random.Random | None = None, split: Split = "train") -> str:
    """Say a change: its canonical wording, or with `rng` any wording that belongs to the split."""
    wordings = _FIXED.get(change) or _WORDINGS[type(change)]
    if rng is None:
        return wordings[0].format(**_slots(change))
    wording = rng.choice(wordings[:-1]) if split == "train" else wordings[-1]
    return wording.format(**_slots(change))


def parse(text: str) -> Change | None:
    """Read an explicit instruction, in any of the wordings; None where it is not one."""
    said = " ".join(text.lower().replace("color", "colour").strip(" .!").split())
    for change, wordings in _FIXED.items():
        if said in wordings:
            return change
    for pattern, kind_of_change in _patterns():
        if found := pattern.fullmatch(said):
            return _from_slots(kind_of_change, found.groupdict())
    return None


def apply(scene: Scene, change: Change) -> Scene:
    """The scene after the change; raises CannotApply where it is impossible or changes nothing."""
    after = _apply(scene, change)
    if after == scene:
        raise CannotApply(f"'{phrase(change)}' changes nothing: the picture is like that already")
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


def _slots(change: Change) -> dict[str, str]:
    slots = {field.name: getattr(change, field.name) for field in fields(change)}
    if isinstance(change, Replace):
        slots["a_new"] = article(f"{change.colour} {change.new_kind}" if change.colour else change.new_kind)
    if isinstance(change, Add):
        slots["a_thing"] = article(f"{change.colour} {change.kind}")
        slots["where"] = "in the middle" if change.side == "middle" else f"on the {change.side}"
    return slots


def _any(values: tuple[str, ...]) -> str:
    return "|".join(values)


_SLOT_PATTERNS = {
    "kind": f"(?P<kind>{_any(KINDS)})",
    "colour": f"(?P<colour>{_any(COLOURS)})",
    "size": f"(?P<size>{_any(RESIZES)})",
    "place": f"(?P<place>{_any(PLACES)})",
    "a_new": f"an? (?:(?P<colour>{_any(COLOURS)}) )?(?P<new_kind>{_any(KINDS)})",
    "a_thing": f"an? (?P<colour>{_any(COLOURS)}) (?P<kind>{_any(KINDS)})",
    "where": f"(?:on|in) the (?P<side>{_any(SIDES)})",
}
_compiled: list[tuple[re.Pattern[str], type[Change]]] = []


def _patterns() -> list[tuple[re.Pattern[str], type[Change]]]:
    if not _compiled:
        for kind_of_change, wordings in _WORDINGS.items():
            _compiled.extend((re.compile(wording.format(**_SLOT_PATTERNS)), kind_of_change) for wording in wordings)
    return _compiled


def _from_slots(kind_of_change: type[Change], slots: dict[str, str]) -> Change:
    return kind_of_change(**slots)
