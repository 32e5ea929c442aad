"""What is painted: a caption, an instruction, and the caption once the instruction is carried out."""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.datasets.changes import (
    FAMILIES,
    Add,
    Change,
    Recolour,
    Replace,
    SetPlace,
    SetStyle,
    SetTime,
    SetWeather,
    family_of,
)
from training.datasets.instructions import Split, phrase
from training.datasets.language.captions import Captioned, Captions
from training.datasets.world import COLOURS, KINDS, PLACES, SIDES, TIMES, WEATHERS, article

FAMILIES_TOLD = {"recolour": 30, "replace": 25, "style": 15, "add": 10, "time": 8, "weather": 7, "place": 5}
"""Families that a caption can tell, and how often. No caption tells a painter what to leave out."""
_TOLD: dict[str, dict[str, str]] = {
    "place": {"beach": "on a beach", "snow": "in deep snow"},
    "time": {"day": "in bright daylight", "sunset": "at sunset", "night": "at night"},
    "weather": {"clear": "under a clear blue sky", "rain": "in heavy rain", "snowfall": "in falling snow"},
    "style": {
        "black and white": "a black and white photograph of",
        "sepia": "a sepia photograph of",
        "pencil sketch": "a pencil sketch of",
        "pixel art": "pixel art of",
    },
}
_KEYS = (("caption", "instruction", "edited_caption"), ("input", "edit", "output"))
_SPLITS: tuple[Split, ...] = ("train", "validation", "test")
_SEVERAL = 6
"""Tries to find a change that the caption can tell."""


@dataclass(frozen=True)
class PromptPair:
    """Two captions one edit apart."""

    split: Split
    caption: str
    instruction: str
    edited_caption: str
    family: str = "told"


def from_captions(captions: Captions, count: int, seed: int) -> Iterator[PromptPair]:
    """`count` edits of real captions by rule; the captions' own splits, and wordings that belong to them."""
    shares = [len(captions.of(split)) for split in _SPLITS]
    for index in range(count):
        rng = random.Random(f"painted/{seed}/{index}")
        split = rng.choices(_SPLITS, weights=shares)[0]
        yield _edited(rng, split, captions)


def from_file(path: Path) -> list[PromptPair]:
    """Prompts of a JSON Lines file; raises ValueError naming the line that is none.

    Keys are `caption`, `instruction`, `edited_caption`, or `input`, `edit`, `output` as InstructPix2Pix published them.
    """
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            keys = next(keys for keys in _KEYS if keys[0] in record)
            before, instruction, after = (str(record[key]).strip() for key in keys)
            if not (before and instruction and after):
                raise ValueError("empty")
        except (ValueError, KeyError, TypeError, StopIteration) as error:
            raise ValueError(f"{path}, line {number}: not {' or '.join(', '.join(keys) for keys in _KEYS)}") from error
        pairs.append(PromptPair(_split_of(before), before, instruction, after))
    return pairs


def told(caption: str, change: Change) -> str | None:
    """The caption once the change is carried out; None where words cannot say it."""
    match change:
        case Recolour(kind, colour):
            return _renamed(caption, kind, f"{colour} {kind}")
        case Replace(kind, new_kind, colour):
            return (
                _renamed(caption, kind, f"{colour} {new_kind}") if colour else _renamed(caption, kind, new_kind, False)
            )
        case Add(kind, colour, side):
            where = "in the middle" if side == "middle" else f"on the {side}"
            return f"{caption}, with {article(f'{colour} {kind}')} {where}"
        case SetPlace(value):
            return f"{caption}, {_TOLD['place'].get(value, f'in a {value}')}"
        case SetTime(value):
            return f"{caption}, {_TOLD['time'][value]}"
        case SetWeather(value):
            return f"{caption}, {_TOLD['weather'][value]}"
        case SetStyle(value):
            return f"{_TOLD['style'][value]} {caption}" if value in _TOLD["style"] else None
        case _:
            return None


def _edited(rng: random.Random, split: Split, captions: Captions) -> PromptPair:
    """Draw captions and changes until one tells the other; raises ValueError where none ever does."""
    for _ in range(100):
        captioned = rng.choice(captions.of(split))
        for _ in range(_SEVERAL):
            change = _draw(rng, captioned)
            after = told(captioned.text, change)
            if after is not None and after != captioned.text:
                return PromptPair(split, captioned.text, phrase(change, rng, split), after, family_of(change))
    raise ValueError("the captions name nothing that could be changed")


def _draw(rng: random.Random, captioned: Captioned) -> Change:
    family = rng.choices(list(FAMILIES_TOLD), weights=list(FAMILIES_TOLD.values()))[0]
    thing, colour = rng.choice(captioned.things), rng.choice(COLOURS)
    new = rng.choice([kind for kind in KINDS if kind not in captioned.text])
    values: dict[str, Sequence[str]] = {
        "place": PLACES, "time": TIMES, "weather": WEATHERS, "style": tuple(_TOLD["style"]),
    }  # fmt: skip
    match family:
        case "recolour":
            return Recolour(thing.kind, rng.choice([other for other in COLOURS if other != thing.colour]))
        case "replace":
            return Replace(thing.kind, new, rng.choice((colour, None)))
        case "add":
            return Add(new, colour, rng.choice(SIDES))
        case _:
            change: Change = FAMILIES[family](rng.choice(values[family]))  # type: ignore[call-arg]
            return change


def _renamed(caption: str, kind: str, name: str, with_colour: bool = True) -> str | None:
    """The caption with another name for its thing, the article as the new word wants it."""
    colour = rf"(?:(?:{'|'.join(COLOURS)}) )?" if with_colour else ""
    found = re.search(rf"\b(?:(an?) )?{colour}{re.escape(kind)}\b", caption)
    if found is None:
        return None
    put = article(name) if found[1] else name
    return f"{caption[: found.start()]}{put}{caption[found.end() :]}"


def _split_of(caption: str) -> Split:
    part = zlib.crc32(caption.encode()) % 20
    return "test" if part == 7 else "validation" if part == 3 else "train"
