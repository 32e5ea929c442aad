"""Explicit instructions: the ways of saying a change, and reading it back."""

from __future__ import annotations

import random
import re
from dataclasses import fields
from typing import Literal

from training.datasets.changes import (
    RESIZES,
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
from training.datasets.world import COLOURS, KINDS, PLACES, SIDES, article

Split = Literal["train", "validation", "test"]

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
    Relight("brighter"): ["make it brighter", "brighten it", "make the picture brighter", "brighten the picture"],
    Relight("darker"): ["make it darker", "darken it", "make the picture darker", "darken the picture"],
    SetStyle("normal"): [
        "make it a normal picture again",
        "turn it back into a normal picture",
        "bring the normal look back",
    ],
}


def phrase(change: Change, rng: random.Random | None = None, split: Split = "train") -> str:
    """Say a change: its canonical wording, or with `rng` any wording that belongs to the split."""
    known = _FIXED.get(change) or _WORDINGS[type(change)]
    if rng is None:
        return known[0].format(**_slots(change))
    wording = rng.choice(known[:-1]) if split == "train" else known[-1]
    return wording.format(**_slots(change))


def wordings(change: Change) -> tuple[str, ...]:
    """Every wording of a change of the whole picture, the canonical one first; raises KeyError for any other."""
    return tuple(_FIXED[change])


def recolourings() -> tuple[str, ...]:
    """Patterns of every wording that gives a thing of whatever name one of the world's colours."""
    colour = f"(?:{_any(COLOURS)})"
    return tuple(wording.format(kind="[a-z -]+", colour=colour) for wording in _WORDINGS[Recolour])


def sceneries() -> tuple[str, ...]:
    """Patterns of every wording that changes time, weather or place, what is around things."""
    places = tuple(wording.format(place=f"(?:{_any(PLACES)})") for wording in _WORDINGS[SetPlace])
    fixed = [change for change in _FIXED if isinstance(change, SetTime | SetWeather)]
    return (*places, *(wording for change in fixed for wording in _FIXED[change]))


def parse(text: str) -> Change | None:
    """Read an explicit instruction, in any of the wordings; None where it is not one."""
    said = " ".join(text.lower().replace("color", "colour").strip(" .!").split())
    for change, known in _FIXED.items():
        if said in known:
            return change
    for pattern, kind_of_change in _patterns():
        if found := pattern.fullmatch(said):
            return _from_slots(kind_of_change, found.groupdict())
    return None


def words() -> list[str]:
    """Every word that instructions are made of, in any wording, sorted."""
    everything = [wording for some in (*_WORDINGS.values(), *_FIXED.values()) for wording in some]
    values = (*COLOURS, *KINDS, *PLACES, *SIDES, *RESIZES, "a", "an", "in", "on", "the")
    said = " ".join([*(re.sub(r"\{\w+\}", " ", wording) for wording in everything), *values])
    return sorted(set(said.split()))


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
        for kind_of_change, known in _WORDINGS.items():
            _compiled.extend((re.compile(wording.format(**_SLOT_PATTERNS)), kind_of_change) for wording in known)
    return _compiled


def _from_slots(kind_of_change: type[Change], slots: dict[str, str]) -> Change:
    return kind_of_change(**slots)
