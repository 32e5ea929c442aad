"""Which things the words of a turn point at: `left tree, red house`, looked up in the caption as it is now.

"The one on the left", "whatever is red", "the bigger of the two": after 26,000 steps of training a small model still
took one of the things at random there (docs/decisions/0014), though it reads well what stands side by side.
So every word of the turn that fits one thing alone goes to the model together with that thing ("not red" with the other
one of two), and where colours are compared, every thing that is named with its own. What is meant stays the model's
business: "paint the house red" points at a red star too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialogue_service.caption_words import BIG, DETERMINERS, ENDS_A_NAME, PLACES, SMALL, TOKEN, split_style
from dialogue_service.categories import CATEGORIES

MOST = 4
"""Things pointed at in one turn; each costs two or three positions."""
REMEMBERED = 1024

_SIDES = {
    "left": "left",
    "right": "right",
    "middle": "middle",
    "centre": "middle",
    "center": "middle",
    "central": "middle",
}
_FROM_LEFT = ("left", "middle", "right")
_ORDINALS = {"first": 0, "former": 0, "second": 1, "latter": 1, "third": 2, "fourth": 3, "fifth": 4, "sixth": 5}
_LARGE = BIG | {"bigger", "biggest", "larger", "largest", "taller", "tallest", "enormous", "massive", "gigantic"}
_LITTLE = SMALL | {"smaller", "smallest", "tinier", "tiniest", "littler", "wee", "mini", "teeny"}
_COMPARES = frozenset((
    "colour", "color", "colours", "colors", "coloured", "colored", "like", "match", "matches",
    "matching", "same", "shade", "shades", "swap", "swapped", "trade", "exchange", "as",
))  # fmt: skip
"""Words that set the colour of one thing against that of another."""
_DENIES = frozenset(("not", "isn't", "isnt", "aren't", "except", "but", "besides", "than", "without", "unlike"))
_DENIES_WITHIN = 6
"""How many words behind one it may deny."""
_NO_THING = frozenset((*PLACES, "night", "sunset", "day", "raining", "snowing", "weather", "field"))
_ENDS_A_RUN = DETERMINERS | ENDS_A_NAME | {"here", "there", "no"}
_LEADS_TO_A_SIDE = frozenset(("on", "in", "at", "to"))


@dataclass(frozen=True)
class _Thing:
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


def pointed_at(text: str, caption: str, question: str = "") -> str:
    """What the words of a turn point at, one or two words and the noun of a thing each; empty where that is nothing.

    Ordinals count what the assistant's question lists, if the turn answers one, else the things of the caption.
    """
    things = _things(caption.lower()) if caption else ()
    options, words = _options(question), TOKEN.findall(text.lower())
    compared = not _COMPARES.isdisjoint(words)
    counted = {word: _ORDINALS[word] for word in words if word in _ORDINALS}
    found = {word: options[index] for word, index in counted.items() if index < len(options)}
    if "last" in words and options:
        found["last"] = options[-1]
    denied = 0  # how many of the next words are still denied; the first that points at something ends it
    for word in words:
        denied = _DENIES_WITHIN if word in _DENIES and len(things) == 2 else denied - 1
        for pointer, thing in _fitting(word, things):
            if denied > 0:
                found.setdefault(f"not {pointer}", things[things[0] is thing].noun)
                denied = 0
            else:
                found.setdefault(pointer, thing.noun)
        if compared and (named := _only([thing for thing in things if thing.noun == word])) and named.colour:
            found.setdefault(word, named.colour)
    return ", ".join(f"{pointer} {noun}" for pointer, noun in list(found.items())[:MOST])


def _options(question: str) -> list[str]:
    """What a question offers behind its colon, "the house, the tree or the sky?", each without its article."""
    listed = question.lower().partition(":")[2].strip(" ?")
    offered = [option.strip() for option in re.split(r", or | or |, ", listed)]
    return [option.removeprefix("the ") for option in offered if option] if len(offered) > 1 else []


def _fitting(word: str, things: Sequence[_Thing]) -> Iterator[tuple[str, _Thing]]:
    """What a word says of the one thing that it fits."""
    stem = word.removesuffix("most").removesuffix("-hand").removesuffix("-")
    if stem in _SIDES:
        yield from _on_side(_SIDES[stem], things)
    if word in _ORDINALS and _ORDINALS[word] < len(things) > 1:
        yield word, things[_ORDINALS[word]]
    if word == "last" and len(things) > 1:
        yield word, things[-1]
    if (members := CATEGORIES.get(word)) and (member := _only([thing for thing in things if thing.noun in members])):
        yield word, member
    if word == "between" and len(things) > 2:
        yield from _on_side("middle", things)
    if word in _LARGE | _LITTLE:
        yield from _extreme("big" if word in _LARGE else "small", things)
    elif only := _only([thing for thing in things if word in thing.words]):
        yield word, only


def _on_side(side: str, things: Sequence[_Thing]) -> Iterator[tuple[str, _Thing]]:
    """The thing there; where nothing is, the one that is furthest to that side."""
    there = [thing for thing in things if thing.side == side]
    if only := _only(there):
        yield side, only
    elif not there and side != "middle" and len(things) > 1 and all(thing.side for thing in things):
        order = sorted(things, key=lambda thing: _FROM_LEFT.index(str(thing.side)), reverse=side == "right")
        yield f"{side}most", order[0]


def _extreme(size: str, things: Sequence[_Thing]) -> Iterator[tuple[str, _Thing]]:
    """The biggest or the smallest, if it is one alone."""
    sizes = [thing.size for thing in things]
    extreme = max(sizes, default=0) if size == "big" else min(sizes, default=0)
    if len(things) > 1 and sizes.count(extreme) == 1:
        yield size, things[sizes.index(extreme)]


def _only(things: Sequence[_Thing]) -> _Thing | None:
    return things[0] if len(things) == 1 else None


@lru_cache(maxsize=REMEMBERED)
def _things(caption: str) -> tuple[_Thing, ...]:
    """Everything that a caption names, in its order: runs of words between determiners, prepositions and verbs."""
    tokens, run, things = TOKEN.findall(split_style(caption)[1]), list[str](), list[_Thing]()
    for index, token in enumerate([*tokens, "."]):
        if token[0].isalnum() and token not in _ENDS_A_RUN:
            run.append(token)
            continue
        if run:
            things += _named(run, tokens[index:])
        run = []
    return tuple(things)


def _named(run: Sequence[str], rest: Sequence[str]) -> list[_Thing]:
    """The thing that a run of words names, with the side that follows it."""
    *words, noun = run
    side = _SIDES.get(noun)
    if side and words:  # "a cat left"
        *words, noun = words
    elif side or noun in _NO_THING:
        return []
    elif len(rest) > 2 and rest[0] in _LEADS_TO_A_SIDE and rest[1] == "the":
        side = _SIDES.get(rest[2])
    return [_Thing(noun, tuple(words), side)]
