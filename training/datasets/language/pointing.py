"""Drills in which thing is meant: short turns whose thing is told by its colour, size, place or order alone.

Measured on the mini: after 26,000 steps of whole dialogues it took one of the things at random wherever the name was
not said ("paint the thing on the left green": 52 % right of two or three things, by colour 62 %), since so few turns
depend on it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from training.datasets.changes import Change, Recolour, Remove, Replace, Resize
from training.datasets.instructions import phrase
from training.datasets.language.naming import described
from training.datasets.language.picture import Picture, Words, draw_picture
from training.datasets.language.wordings import thing_named
from training.datasets.world import SIZES, Thing

_SAID: dict[str, tuple[str, ...]] = {
    "paint": (
        "paint {x} {c}", "make {x} {c}", "{x} should be {c}", "i want {x} in {c}", "turn {x} {c}", "{x}: {c}",
        "colour {x} {c}", "{c} for {x}",
    ),
    "remove": (
        "remove {x}", "get rid of {x}", "{x} should go", "delete {x}", "take {x} away", "i don't want {x}",
        "leave out {x}",
    ),
    "replace": (
        "replace {x} with {n}", "swap {x} for {n}", "put {n} where {x} is", "{n} instead of {x}", "turn {x} into {n}",
    ),
    "bigger": ("make {x} bigger", "{x} should be bigger", "enlarge {x}", "grow {x}", "{x} is too small"),
    "smaller": ("make {x} smaller", "{x} should be smaller", "shrink {x}", "{x} is too big"),
    "like": (
        "paint {x} like {y}", "give {x} the colour of {y}", "{x} in the colour of {y}", "{x} should match {y}",
        "make {x} the same colour as {y}", "{x} should have the colour of {y}", "the colour of {y} for {x}",
        "take the colour of {y} for {x}",
    ),
    "swap": (
        "swap the colours of {x} and {y}", "{x} and {y} should swap colours", "let {x} and {y} trade colours",
        "give {x} the colour of {y} and the other way round", "exchange the colours of {x} and {y}",
    ),
    "keep": (
        "keep only {x}", "remove everything but {x}", "only {x} should stay", "just {x}, nothing else",
        "all except {x} should go", "i only want {x} in it", "leave nothing but {x}",
    ),
}  # fmt: skip


def pointing_dialogue(rng: random.Random, words: Words) -> dict[str, Any]:
    """One turn about a picture of several things, of which one is described rather than named."""
    while True:
        picture = draw_picture(rng, "train", words)
        drawn = _drawn(rng, picture) if picture.known and len(picture.kinds) > 1 else None
        if drawn is None:
            continue
        said, changes = drawn
        instruction = "; ".join(phrase(change) for change in changes)
        turn = {"user": said, "reply_kind": "edit", "reply": "", "instruction": instruction}
        return {
            "split": "train",
            "source": "pointing",
            "caption": picture.caption,
            "instructions_before": [],
            "turns": [turn],
        }


def _drawn(rng: random.Random, picture: Picture) -> tuple[str, list[Change]] | None:
    """What is said, and what it means; None where this picture has nothing for it."""
    thing, other = rng.sample(picture.scene.things, 2)
    called = described(rng, picture, thing)
    means = rng.choice(_MEANINGS)(rng, picture, thing, other)
    if means is None or (called is None and means[0] not in _RELATING):
        return None
    task, changes = means
    slots = {"x": called or f"the {thing.kind}", "y": f"the {other.kind}"}
    if task in _RELATING and rng.random() < 0.5:
        slots["x"] = f"the {thing.kind}"
    for change in changes:
        if isinstance(change, Recolour):
            slots["c"] = change.colour
        if isinstance(change, Replace):
            slots["n"] = thing_named(change.new_kind, change.colour)
    return " ".join(rng.choice(_SAID[task]).format(**slots).split()), changes


Meaning = tuple[str, list[Change]] | None
_RELATING = ("like", "swap")


def _paint(rng: random.Random, picture: Picture, thing: Thing, _: Thing) -> Meaning:
    return "paint", [Recolour(thing.kind, rng.choice([c for c in picture.words.colours if c != thing.colour]))]


def _remove(_rng: random.Random, _picture: Picture, thing: Thing, _: Thing) -> Meaning:
    return "remove", [Remove(thing.kind)]


def _replace(rng: random.Random, picture: Picture, thing: Thing, _: Thing) -> Meaning:
    new = rng.choice([kind for kind in picture.words.kinds if kind not in picture.kinds])
    return "replace", [Replace(thing.kind, new, rng.choice((None, *picture.words.colours)))]


def _resize(rng: random.Random, _: Picture, thing: Thing, _other: Thing) -> Meaning:
    size = rng.choice(("bigger", "smaller"))
    fits = thing.size != (SIZES[-1] if size == "bigger" else SIZES[0])
    return (size, [Resize(thing.kind, size)]) if fits else None


def _like(_rng: random.Random, _picture: Picture, thing: Thing, other: Thing) -> Meaning:
    differ = thing.colour and other.colour and thing.colour != other.colour
    return ("like", [Recolour(thing.kind, other.colour)]) if differ else None


def _swap(_rng: random.Random, _picture: Picture, thing: Thing, other: Thing) -> Meaning:
    differ = thing.colour and other.colour and thing.colour != other.colour
    return ("swap", [Recolour(thing.kind, other.colour), Recolour(other.kind, thing.colour)]) if differ else None


def _keep(_rng: random.Random, picture: Picture, _: Thing, other: Thing) -> Meaning:
    return ("keep", [Remove(other.kind)]) if len(picture.kinds) == 2 else None


_MEANINGS: tuple[Callable[[random.Random, Picture, Thing, Thing], Meaning], ...] = (
    _paint, _paint, _paint, _remove, _remove, _replace, _resize, _like, _like, _swap, _keep,
)  # fmt: skip
