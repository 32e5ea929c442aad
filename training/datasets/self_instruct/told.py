"""Whether the user's words tell everything that an instruction says, and name nothing that has no place there."""

from __future__ import annotations

import re
from collections.abc import Iterable

from training.datasets.changes import (
    Add,
    Change,
    Recolour,
    Relight,
    Remove,
    Replace,
    Resize,
    SetPlace,
    SetStyle,
    SetTime,
    SetWeather,
)
from training.datasets.world import COLOURS, KINDS, TIMES

# Beginnings of words that tell a value; a thing or a colour is told by its own name alone.
_CUES = {
    "day": "day bright morning noon", "sunset": "sunset dusk evening sundown golden_hour",
    "night": "night dark moon midnight",
    "clear": "clear sun dry stop no_more", "rain": "rain pour drizzl storm shower", "snowfall": "snow flakes",
    "meadow": "meadow field grass", "beach": "beach sea shore sand ocean coast", "desert": "desert dune",
    "snow": "snow winter arctic", "city": "city town street", "forest": "forest wood",
    "black and white": "black_and_white monochrome", "sepia": "sepia", "pencil sketch": "pencil sketch",
    "negative": "negative invert", "pixel art": "pixel", "normal": "normal back original undo",
    "brighter": "bright light expos", "darker": "dark dim too_bright less_bright",
    "bigger": "big larg grow huge enlarg giant", "smaller": "small shrink tiny reduce",
    "left": "left", "right": "right", "middle": "middle cent between",
    "remove": "remov delet away rid gone eras without disappear vanish lose out off go_ drop hide ditch",
    "replace": "replac swap instead turn_ into exchang rather becom in_place substitut trade where_the else",
}  # fmt: skip
_TELLS = {
    value: re.compile("|".join(rf"\b{cue.replace('_', ' ').strip()}{chr(92)}b" if cue.endswith("_") else
                               rf"\b{cue.replace('_', ' ')}" for cue in cues.split()))
    for value, cues in _CUES.items()
}  # fmt: skip
_GROUPS = (("bigger", "smaller"), ("left", "right"), TIMES)
"""Of these values one is told only where no other of its group is."""
_REFERS = re.compile(r"\b(it|its|that|this|one|him|her|them|other)\b")


def untold(change: Change, said: str, kinds: Iterable[str], clear_reference: bool) -> set[str]:
    """What the instruction says and the words do not: names of slots, such as `colour`.

    `kinds` are the things of the picture; with `clear_reference`, "it" may stand for one of them.
    """
    said = said.lower()
    missing = {slot for slot, value in _slots(change) if not _tells(said, value)}
    if "kind" in missing and clear_reference and _REFERS.search(said):
        missing.remove("kind")
    if isinstance(change, Replace) and "colour" in missing and change.kind in kinds:
        missing.remove("colour")  # without a colour of its own, the new thing takes the old one's
    return missing


def strangers(said: str, context: str) -> set[str]:
    """Things and colours of the world that the words name though nothing in the context does."""
    return {word for word in (*KINDS, *COLOURS) if names(said, word) and not names(context, word)}


def names(said: str, word: str) -> bool:
    """Whether a thing or a colour is named, in the singular or the plural."""
    return re.search(rf"\b{re.escape(word)}(e?s)?\b", said.lower()) is not None


def _tells(said: str, value: str) -> bool:
    if value not in _TELLS:
        return names(said, value)
    others = [other for group in _GROUPS if value in group for other in group if other != value]
    return bool(_TELLS[value].search(said)) and not any(_TELLS[other].search(said) for other in others)


def _slots(change: Change) -> list[tuple[str, str]]:
    match change:
        case Recolour(kind, colour):
            return [("kind", kind), ("colour", colour)]
        case Replace(kind, new, colour):
            told = [("colour", colour)] if colour else []
            return [("action", "replace"), ("kind", kind), ("new", new), *told]
        case Remove(kind):
            return [("action", "remove"), ("kind", kind)]
        case Add(kind, colour, side):
            return [("new", kind), ("colour", colour), ("side", side)]
        case Resize(kind, size):
            return [("kind", kind), ("size", size)]
        case SetPlace(value) | SetTime(value) | SetWeather(value) | SetStyle(value) | Relight(value):
            return [("value", value)]
