"""The things that a caption names, each with the words before it and its side; captions of photographs alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialogue_service.caption_words import BIG, DETERMINERS, ENDS_A_NAME, PLACES, SMALL, TOKEN, split_style

REMEMBERED = 1024
"""Captions whose things are kept."""
SIDE_WORDS = {
    "left": "left",
    "right": "right",
    "middle": "middle",
    "centre": "middle",
    "center": "middle",
    "central": "middle",
}
"""Words for a side."""

_NO_THING = frozenset((*PLACES, "night", "sunset", "day", "raining", "snowing", "weather", "field"))
_ENDS_A_RUN = DETERMINERS | ENDS_A_NAME | {"here", "there", "no"}
_LEADS_TO_A_SIDE = frozenset(("on", "in", "at", "to"))


@dataclass(frozen=True)
class Thing:
    """Something that a caption names: its noun, the words before it, and its side where that is told."""

    noun: str
    words: tuple[str, ...]
    side: str | None = None

    @property
    def size(self) -> int:
        """1 for big, -1 for small, else 0."""
        return bool(BIG & {*self.words}) - bool(SMALL & {*self.words})

    @property
    def colour(self) -> str:
        """The words before its noun that tell no size; empty if there are none."""
        return " ".join(word for word in self.words if word not in BIG | SMALL)


@lru_cache(maxsize=REMEMBERED)
def things_named(caption: str) -> tuple[Thing, ...]:
    """Everything that a lower-case caption names, in its order: runs between determiners, prepositions and verbs."""
    tokens, run, things = TOKEN.findall(split_style(caption)[1]), list[str](), list[Thing]()
    for index, token in enumerate([*tokens, "."]):
        if token[0].isalnum() and token not in _ENDS_A_RUN:
            run.append(token)
            continue
        if run:
            things += _named(run, tokens[index:])
        run = []
    return tuple(things)


def _named(run: Sequence[str], rest: Sequence[str]) -> list[Thing]:
    """The thing that a run of words names, with the side that follows it."""
    *words, noun = run
    side = SIDE_WORDS.get(noun)
    if side and words:  # "a cat left"
        *words, noun = words
    elif side or noun in _NO_THING:
        return []
    elif len(rest) > 2 and rest[0] in _LEADS_TO_A_SIDE and rest[1] == "the":
        side = SIDE_WORDS.get(rest[2])
    return [Thing(noun, tuple(words), side)]
