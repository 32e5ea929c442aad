"""The caption of a picture as it is now, retold after the instructions carried out on it.

A small model that must work out the present from an old caption and six instructions spends its layers on bookkeeping
that a few rules do exactly. The rules know the canonical instructions and no list of things: a thing is wherever the
caption names it, so that a stranger's caption is retold as well as the scene world's. What they cannot place is left to
the model as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialogue_service.caption_words import (
    AFTER_A_WHOLE_NAME,
    BEFORE_A_WHOLE_NAME,
    BIG,
    COLOURS,
    DETERMINERS,
    EMPTY,
    ENDS_A_NAME,
    PLACE,
    PLACES,
    SHADES,
    SMALL,
    STYLE_WORDS,
    STYLES,
    TIME,
    TOKEN,
    WEATHER,
    WHERE,
    at_place,
    empty_place,
    joined,
    side,
    split_style,
    tells_all,
    tidied,
    with_article,
)

REMEMBERED = 1024
"""Retold captions that are kept: one reply asks for the same one several times, and so does the next turn."""
_MOST_ADJECTIVES = 3
LONGEST_RETOLD = 120
"""Characters of an instruction that the rules look at; none of the canonical ones is longer."""
_MOST_NOUN_WORDS = 4


@dataclass(frozen=True)
class Done:
    """An instruction carried out: whether the caption tells of it now, and the instruction that takes it back."""

    instruction: str
    told: bool
    undo: str | None = None


@dataclass(frozen=True)
class Retold:
    """A caption as it stands after instructions, and what became of each of them, oldest first."""

    caption: str
    done: tuple[Done, ...]


def retell(caption: str, instructions: Sequence[str]) -> Retold:
    """The caption after the instructions, oldest first; without a caption only how to take them back is found."""
    return _retold(caption.lower(), tuple(instructions))


@lru_cache(maxsize=REMEMBERED)
def _retold(caption: str, instructions: tuple[str, ...]) -> Retold:
    telling, done = _Telling(caption), []
    for instruction in instructions:
        undo = telling.carry_out(instruction)
        done.append(Done(instruction, telling.placed, undo))
    return Retold(telling.text, tuple(done))


def takes_back(caption: str, instructions: Sequence[str], instruction: str) -> bool:
    """Whether an instruction would only restore the picture as it was before the last of the instructions."""
    done = retell(caption, instructions).done
    return bool(done) and done[-1].undo == instruction


@dataclass(frozen=True)
class _Name:
    """Where a caption names a thing: tokens [start, end), its determiner and adjectives, and the name itself."""

    tokens: list[str]
    start: int
    end: int
    determiner: str | None
    adjectives: list[str]
    noun: str

    @property
    def mixed(self) -> bool:
        """Whether it has several colours, as in "a black and white cat"."""
        return "and" in self.adjectives or "," in self.adjectives

    def colour(self, named: set[str]) -> list[str]:
        """The adjectives that tell its colour, shades with them; all of several colours."""
        if self.mixed:
            return [word for word in self.adjectives if word in COLOURS | SHADES | {"and", ","}]
        known = [word in COLOURS or word in named for word in self.adjectives]
        return [
            word
            for index, word in enumerate(self.adjectives)
            if known[index] or (word in SHADES and index + 1 < len(known) and known[index + 1])
        ]

    def size(self) -> list[str]:
        return [word for word in self.adjectives if word in SMALL or word in BIG]

    def said(self, adjectives: Sequence[str], noun: str | None = None) -> str:
        """The whole caption with this thing named otherwise."""
        words = [*adjectives, noun or self.noun]
        if self.determiner in ("a", "an", None):
            named = with_article(" ".join(words)) if self.determiner else " ".join(words)
        else:
            named = " ".join([str(self.determiner), *words])
        return joined([*self.tokens[: self.start], named, *self.tokens[self.end :]])

    def where(self) -> str | None:
        """`on the left`, `in the middle`, … if that follows the name."""
        found = WHERE.match(" ".join(self.tokens[self.end :]))
        return side(found) if found else None

    @property
    def whole(self) -> bool:
        """Whether nothing but the thing itself goes with its name: not "a bowl" of "a bowl of oranges on a table"."""
        before = self.tokens[self.start - 1] if self.start else ""
        return before in BEFORE_A_WHOLE_NAME and bool(AFTER_A_WHOLE_NAME.match(joined(self.tokens[self.end :])))


class _Telling:
    """A caption as it is retold; each method carries out one instruction and returns the one that takes it back.

    `text` is the caption so far, or empty; a method that cannot place its instruction leaves it and sets `placed` to
    False. `named` are words that instructions used as colours.
    """

    def __init__(self, text: str) -> None:
        self.text, self.placed, self.named = text, False, set[str]()

    def carry_out(self, instruction: str) -> str | None:
        """Retell the caption after an instruction; returns the one that takes it back, where that can be told."""
        said = " ".join(instruction.lower().split())
        for pattern, rule in _RULES if len(said) <= LONGEST_RETOLD else ():
            if found := pattern.fullmatch(said):
                self.placed = bool(self.text)
                return rule(self, found)
        self.placed = False
        return None

    def paint(self, found: re.Match[str]) -> str | None:
        words = found[1].split()
        for length in range(min(len(words) - 1, _MOST_NOUN_WORDS), 0, -1):
            name = self._find(words[:length])
            if name is None:
                continue
            colour, old, size = words[length:], name.colour(self.named), name.size()
            self.named.update(colour)
            rest = [word for word in name.adjectives if word not in old and word not in size]
            self.text = name.said([*size, *colour, *rest])
            return f"paint the {name.noun} {' '.join(old)}" if old and not name.mixed else None
        self.placed = False
        return None

    def replace(self, found: re.Match[str]) -> str | None:
        old, new = found[1], found[2].split()
        noun = " ".join(new[1:]) if len(new) > 1 and new[0] in COLOURS else new[-1]
        name = self._find(old.split())
        if name is None:
            return f"replace the {noun} with {with_article(old)}"
        self.named.update(new[:-1])
        colour = name.colour(self.named)
        self.text = name.said(name.size(), " ".join(new))
        return f"replace the {noun} with {with_article(' '.join([*colour, name.noun]))}"

    def remove(self, found: re.Match[str]) -> str | None:
        name = self._find(found[1].split())
        if name is None or not name.whole:
            self.placed = False
            return None
        colour, where = name.colour(self.named), name.where()
        after = joined(name.tokens[name.end :])
        if where is not None:
            after = WHERE.sub("", after, count=1)
        style, rest = split_style(tidied(f"{joined(name.tokens[: name.start])} {after}"))
        if (place := PLACE.match(rest)) and ":" not in rest and not WHERE.search(rest):
            rest = empty_place(place[1]) + rest[place.end() :]
        self.text = style + rest
        return f"add {with_article(' '.join([*colour, name.noun]))} {where}" if colour and where else None

    def add(self, found: re.Match[str]) -> str | None:
        words = found[1].split()
        self.named.update(words[:-1])
        if self.text:
            style, rest = split_style(self.text)
            if empty := EMPTY.match(rest):
                rest = at_place("snow" if empty[1] == "snowy field" else empty[1]) + rest[empty.end() :]
            joint = ", " if re.match(r"(?:in|on|at) ", rest) else " and "
            self.text = f"{style}{with_article(found[1])} {found[2]}{joint}{rest}"
        return f"remove the {' '.join(words[1:] or words)}"

    def resize(self, found: re.Match[str]) -> str | None:
        bigger = found[2] == "bigger"
        wanted, against = (BIG, SMALL) if bigger else (SMALL, BIG)
        name = self._find(found[1].split())
        if name is not None:
            rest = [adjective for adjective in name.adjectives if adjective not in wanted | against]
            shown = [] if set(name.adjectives) & against else ["big" if bigger else "small"]
            self.text = name.said([*shown, *rest])
        return f"make the {found[1]} {'smaller' if bigger else 'bigger'}"

    def move(self, found: re.Match[str]) -> str | None:
        if old := EMPTY.search(self.text):
            self.text = self.text[: old.start()] + empty_place(found[1]) + self.text[old.end() :]
            return f"move it to the {'snow' if old[1] == 'snowy field' else old[1]}"
        if old := PLACE.search(self.text):
            if old[1] == found[1]:
                return f"move it to the {old[1]}"
            self.text = self.text[: old.start()] + at_place(found[1]) + self.text[old.end() :]
            return f"move it to the {old[1]}"
        if self.text:
            self.text += f", {at_place(found[1])}"
        return None

    def time(self, found: re.Match[str]) -> str | None:
        usual = "" if tells_all(self.text) else " by day"
        old = TIME.search(self.text)
        was = (old[1] or old[2]) if old else None if usual else "day"
        if self.text:
            new = {"day": usual, "sunset": " at sunset", "night": " at night"}[found[1]]
            rest = TIME.sub("", self.text)
            place = EMPTY.search(rest) or PLACE.search(rest)
            end = place.end() if place else len(rest)
            self.text = rest[:end] + new + rest[end:]
        return f"make it {was}" if was else None

    def weather(self, found: re.Match[str]) -> str | None:
        usual = "" if tells_all(self.text) else ", in clear weather"
        old = WEATHER.search(self.text)
        was = (old[1] or old[2]) if old else None if usual else "clear"
        if self.text:
            new = {"make it rain": ", raining", "make it snowy": ", snowing"}.get(found[0], usual)
            self.text = WEATHER.sub("", self.text) + new
        undoing = {"raining": "make it rain", "snowing": "make it snowy", "clear": "make the weather clear"}
        return undoing[was] if was else None

    def style(self, found: re.Match[str]) -> str | None:
        new = "a negative" if found[0] == "invert the colours" else found[1]
        old, rest = split_style(self.text)
        if self.text:
            self.text = f"{STYLES[new]} {rest}" if new in STYLES else rest
        was = next((name for name, prefix in STYLES.items() if old.strip() == prefix), None)
        if was is None:
            return "make it a normal picture again"
        return "invert the colours" if was == "a negative" else f"make it {was}"

    def light(self, found: re.Match[str]) -> str | None:
        self.placed = False  # no caption tells how light its picture is
        return f"make it {'darker' if found[1] == 'brighter' else 'brighter'}"

    def _find(self, noun: Sequence[str]) -> _Name | None:
        """The first place where the caption names a thing; sets `placed` to whether there is one."""
        name = _find(self.text, noun)
        self.placed = name is not None
        return name


Rule = Callable[[_Telling, "re.Match[str]"], str | None]
_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile(r"make it (day|sunset|night)"), _Telling.time),
    (re.compile(r"make it rain|make it snowy|make the weather clear"), _Telling.weather),
    (re.compile(rf"make it ({STYLE_WORDS})|invert the colours"), _Telling.style),
    (re.compile(r"make it (brighter|darker)"), _Telling.light),
    (re.compile(rf"move it to the ({'|'.join(PLACES)})"), _Telling.move),
    (re.compile(r"make the (.+) (bigger|smaller)"), _Telling.resize),
    (re.compile(r"paint the (.+ .+)"), _Telling.paint),
    (re.compile(r"replace the (.+?) with an? (.+)"), _Telling.replace),
    (re.compile(r"add an? (.+) (on the left|on the right|in the middle)"), _Telling.add),
    (re.compile(r"remove the (.+)"), _Telling.remove),
)


def _find(text: str, noun: Sequence[str]) -> _Name | None:
    """The first place where a caption names a thing."""
    tokens = TOKEN.findall("".join(split_style(text)))
    for index in range(len(tokens) - len(noun) + 1):
        if tokens[index : index + len(noun)] == list(noun):
            start, determiner = _beginning(tokens, index)
            if determiner is None:
                start, determiner = _of_several_colours(tokens, start, index)
            first = start + (determiner is not None)
            return _Name(tokens, start, index + len(noun), determiner, tokens[first:index], " ".join(noun))
    return None


def _beginning(tokens: Sequence[str], noun: int) -> tuple[int, str | None]:
    """Where the name of the noun at this index begins, and the determiner it begins with."""
    for index in range(noun - 1, max(-1, noun - _MOST_ADJECTIVES - 2), -1):
        if tokens[index] in DETERMINERS:
            return index, tokens[index]
        if tokens[index] in ENDS_A_NAME or not tokens[index][0].isalnum():
            break
    start = noun
    while start > 0 and tokens[start - 1] in COLOURS | SHADES | SMALL | BIG:
        start -= 1
    return start, None


def _of_several_colours(tokens: Sequence[str], start: int, noun: int) -> tuple[int, str | None]:
    """Where "a black and white cat" begins, whose colours a joint parts; as it was for any other name."""
    begin = start
    while start < noun and begin > 1 and tokens[begin - 1] in ("and", ",") and tokens[begin - 2] in COLOURS:
        begin -= 2
        while begin > 0 and tokens[begin - 1] in SHADES:
            begin -= 1
    if begin == start:
        return start, None
    return (begin - 1, tokens[begin - 1]) if begin and tokens[begin - 1] in DETERMINERS else (begin, None)
