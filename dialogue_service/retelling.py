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

PLACES = ("meadow", "beach", "desert", "snow", "city", "forest")
COLOURS = frozenset((
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "grey", "gray",
    "silver", "gold", "golden", "turquoise", "teal", "violet", "crimson", "scarlet", "beige", "tan", "cream",
    "maroon", "navy", "cyan", "magenta", "lilac", "lavender", "olive", "lime", "mint", "peach", "coral", "indigo",
    "amber", "bronze", "copper", "ivory", "khaki", "rose", "ruby", "emerald", "azure", "burgundy", "charcoal",
    "mustard", "salmon", "plum",
))  # fmt: skip
SHADES = frozenset((
    "light", "dark", "bright", "pale", "deep", "soft", "strong", "vivid", "sky", "navy", "pastel", "neon",
))  # fmt: skip
SMALL = frozenset((
    "small", "little", "tiny",
))  # fmt: skip
BIG = frozenset((
    "big", "large", "huge", "giant",
))  # fmt: skip
_DETERMINERS = frozenset((
    "a", "an", "the", "one", "another", "this", "that", "his", "her", "its", "their", "my", "our", "your", "some",
))  # fmt: skip
_ENDS_A_NAME = frozenset((
    "and", "or", "with", "of", "in", "on", "at", "to", "from", "by", "near", "under", "over", "beside", "behind",
    "next", "is", "are", "was", "were", "has", "have", "that", "which", "while", "for", "as", "into", "onto",
))  # fmt: skip
_STYLES = {
    "black and white": "a black and white picture of",
    "sepia": "a sepia picture of",
    "a pencil sketch": "a pencil sketch of",
    "a negative": "a negative of",
    "pixel art": "pixel art of",
}
_OPENING = re.compile(r"(?:an? (?:picture|photo|drawing|painting) of|my (?:picture|drawing) of|photo of|this is) ")
_STYLE_WORDS = "a normal picture again|black and white|sepia|a pencil sketch|pixel art"
_MOST_ADJECTIVES = 3
LONGEST_RETOLD = 120
"""Characters of an instruction that the rules look at; none of the canonical ones is longer."""
_MOST_NOUN_WORDS = 4

_TOKEN = re.compile(r"[\w'-]+|[^\w\s]")
_WHERE = re.compile(r" ?\b(?:on|to|at) the (left|right)(?: side)?\b| ?\bin the (middle|centre|center)\b")
_THING_WITH_SIDE = re.compile(r"\b([\w-]+) (?:(?:on|to|at) the (?:left|right)|in the (?:middle|centre|center))\b")
_PLACE = re.compile(rf"\b(?:in|on|at) (?:an?|the) (?:empty )?({'|'.join(PLACES)})\b")
_EMPTY = re.compile(rf"\ban empty (snowy field|{'|'.join(PLACES)})\b")
_SIDE_WORDS = r"(?:(?:on|to|at) the (?:left|right)(?: side)?|in the (?:middle|centre|center))"
_THING = rf"(?:an?|the|one) (?:(?:{'|'.join(sorted(COLOURS | SHADES | SMALL | BIG))}) )*[\w-]+ {_SIDE_WORDS}"
_THINGS = rf"{_THING}(?:(?:, | and |, and ){_THING})*"
_SETTING = rf"(?:in|on|at) (?:an?|the) (?:{'|'.join(PLACES)})(?: at sunset| at night| by day)?"
_SKY = r"(?:, raining|, snowing|, in clear weather)?"
_TELLS_ALL = re.compile(
    rf"(?:{_THINGS}, )?{_SETTING}{_SKY}(?:: {_THINGS})?{_SKY}"
    rf"|an empty (?:snowy field|{'|'.join(PLACES)})(?: at sunset| at night| by day)?{_SKY}"
)
"""The scene world's own captions, and what becomes of them: who writes so leaves nothing out."""
_BEFORE_A_WHOLE_NAME = frozenset(("", ",", ":", "and", "with", "of", "to", "beside", "near"))
_AFTER_A_WHOLE_NAME = re.compile(
    rf"$|[,:.]|(?:and|with|next|beside|near)\b|{_SIDE_WORDS}|(?:in|on|at) (?:an?|the) (?:{'|'.join(PLACES)})\b"
)
_TIME = re.compile(r",? ?\b(?:at|during) (sunset|night)\b|,? ?\bby (day)\b")
_WEATHER = re.compile(r",? ?\b(raining|snowing)\b|,? ?\bin (clear) weather\b")
_TIDY = (
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s+([,.:;!?])"), r"\1"),
    (re.compile(r"(?:\b(?:and|with|next to|beside|near)\s*)+(?=[,.]|$)"), ""),
    (re.compile(r"(?:,\s*)+(?=,)"), ""),
    (re.compile(r"\band\s+and\b"), "and"),
    (re.compile(r"(^|:|\bof\b)(?:\b(?:and|with|next to)\b|,|\s)+"), r"\1 "),
    (re.compile(r",\s*and\b(?=\s+(?:in|on|at)\b)"), ","),
    (re.compile(r"\s+([,.:;!?])"), r"\1"),
    (re.compile(r"[,:;\s]+$"), ""),
    (re.compile(r"\s+"), " "),
)


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
    telling, done = _Telling(caption.lower()), []
    for instruction in instructions:
        undo = telling.carry_out(instruction)
        done.append(Done(instruction, telling.placed, undo))
    return Retold(telling.text, tuple(done))


def tells_all(caption: str) -> bool:
    """Whether a caption leaves nothing out: it has the form of the scene world's, things with sides and their place."""
    return _TELLS_ALL.fullmatch(_split_style(caption.lower())[1]) is not None


def things_in(caption: str) -> list[str]:
    """The things that a caption names with the side on which they stand, in its order; the last word of each name."""
    return [found[1] for found in _THING_WITH_SIDE.finditer(caption)]


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
            named = _with_article(" ".join(words)) if self.determiner else " ".join(words)
        else:
            named = " ".join([str(self.determiner), *words])
        return _joined([*self.tokens[: self.start], named, *self.tokens[self.end :]])

    def where(self) -> str | None:
        """`on the left`, `in the middle`, … if that follows the name."""
        found = _WHERE.match(" ".join(self.tokens[self.end :]))
        return _side(found) if found else None

    @property
    def whole(self) -> bool:
        """Whether nothing but the thing itself goes with its name: not "a bowl" of "a bowl of oranges on a table"."""
        before = self.tokens[self.start - 1] if self.start else ""
        return before in _BEFORE_A_WHOLE_NAME and bool(_AFTER_A_WHOLE_NAME.match(_joined(self.tokens[self.end :])))


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
            return f"replace the {noun} with {_with_article(old)}"
        self.named.update(new[:-1])
        colour = name.colour(self.named)
        self.text = name.said(name.size(), " ".join(new))
        return f"replace the {noun} with {_with_article(' '.join([*colour, name.noun]))}"

    def remove(self, found: re.Match[str]) -> str | None:
        name = self._find(found[1].split())
        if name is None or not name.whole:
            self.placed = False
            return None
        colour, where = name.colour(self.named), name.where()
        after = _joined(name.tokens[name.end :])
        if where is not None:
            after = _WHERE.sub("", after, count=1)
        style, rest = _split_style(_tidied(f"{_joined(name.tokens[: name.start])} {after}"))
        if (place := _PLACE.match(rest)) and ":" not in rest and not _WHERE.search(rest):
            rest = _empty(place[1]) + rest[place.end() :]
        self.text = style + rest
        return f"add {_with_article(' '.join([*colour, name.noun]))} {where}" if colour and where else None

    def add(self, found: re.Match[str]) -> str | None:
        words = found[1].split()
        self.named.update(words[:-1])
        if self.text:
            style, rest = _split_style(self.text)
            if empty := _EMPTY.match(rest):
                rest = _at("snow" if empty[1] == "snowy field" else empty[1]) + rest[empty.end() :]
            joint = ", " if re.match(r"(?:in|on|at) ", rest) else " and "
            self.text = f"{style}{_with_article(found[1])} {found[2]}{joint}{rest}"
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
        if old := _EMPTY.search(self.text):
            self.text = self.text[: old.start()] + _empty(found[1]) + self.text[old.end() :]
            return f"move it to the {'snow' if old[1] == 'snowy field' else old[1]}"
        if old := _PLACE.search(self.text):
            self.text = self.text[: old.start()] + _at(found[1]) + self.text[old.end() :]
            return f"move it to the {old[1]}"
        if self.text:
            self.text += f", {_at(found[1])}"
        return None

    def time(self, found: re.Match[str]) -> str | None:
        usual = "" if tells_all(self.text) else " by day"
        old = _TIME.search(self.text)
        was = (old[1] or old[2]) if old else None if usual else "day"
        if self.text:
            new = {"day": usual, "sunset": " at sunset", "night": " at night"}[found[1]]
            rest = _TIME.sub("", self.text)
            place = _EMPTY.search(rest) or _PLACE.search(rest)
            end = place.end() if place else len(rest)
            self.text = rest[:end] + new + rest[end:]
        return f"make it {was}" if was else None

    def weather(self, found: re.Match[str]) -> str | None:
        usual = "" if tells_all(self.text) else ", in clear weather"
        old = _WEATHER.search(self.text)
        was = (old[1] or old[2]) if old else None if usual else "clear"
        if self.text:
            new = {"make it rain": ", raining", "make it snowy": ", snowing"}.get(found[0], usual)
            self.text = _WEATHER.sub("", self.text) + new
        undoing = {"raining": "make it rain", "snowing": "make it snowy", "clear": "make the weather clear"}
        return undoing[was] if was else None

    def style(self, found: re.Match[str]) -> str | None:
        new = "a negative" if found[0] == "invert the colours" else found[1]
        old, rest = _split_style(self.text)
        if self.text:
            self.text = f"{_STYLES[new]} {rest}" if new in _STYLES else rest
        was = next((name for name, prefix in _STYLES.items() if old.strip() == prefix), None)
        if was is None:
            return "make it a normal picture again"
        return "invert the colours" if was == "a negative" else f"make it {was}"

    def _find(self, noun: Sequence[str]) -> _Name | None:
        """The first place where the caption names a thing; sets `placed` to whether there is one."""
        name = _find(self.text, noun)
        self.placed = name is not None
        return name


Rule = Callable[[_Telling, "re.Match[str]"], str | None]
_RULES: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile(r"make it (day|sunset|night)"), _Telling.time),
    (re.compile(r"make it rain|make it snowy|make the weather clear"), _Telling.weather),
    (re.compile(rf"make it ({_STYLE_WORDS})|invert the colours"), _Telling.style),
    (re.compile(rf"move it to the ({'|'.join(PLACES)})"), _Telling.move),
    (re.compile(r"make the (.+) (bigger|smaller)"), _Telling.resize),
    (re.compile(r"paint the (.+ .+)"), _Telling.paint),
    (re.compile(r"replace the (.+?) with an? (.+)"), _Telling.replace),
    (re.compile(r"add an? (.+) (on the left|on the right|in the middle)"), _Telling.add),
    (re.compile(r"remove the (.+)"), _Telling.remove),
)


def _find(text: str, noun: Sequence[str]) -> _Name | None:
    """The first place where a caption names a thing."""
    tokens = _TOKEN.findall("".join(_split_style(text)).lower())
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
        if tokens[index] in _DETERMINERS:
            return index, tokens[index]
        if tokens[index] in _ENDS_A_NAME or not tokens[index][0].isalnum():
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
    return (begin - 1, tokens[begin - 1]) if begin and tokens[begin - 1] in _DETERMINERS else (begin, None)


def _side(found: re.Match[str]) -> str:
    return f"on the {found[1]}" if found[1] else "in the middle"


def _at(place: str) -> str:
    return {"beach": "on a beach", "snow": "in the snow"}.get(place, f"in a {place}")


def _empty(place: str) -> str:
    return "an empty snowy field" if place == "snow" else f"an empty {place}"


def _split_style(text: str) -> tuple[str, str]:
    for prefix in _STYLES.values():
        if text.startswith(prefix + " "):
            return prefix + " ", text[len(prefix) + 1 :]
    return "", _OPENING.sub("", text, count=1) if _OPENING.match(text) else text


def _with_article(words: str) -> str:
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def _joined(tokens: Sequence[str]) -> str:
    return re.sub(r"\s+([,.:;!?])", r"\1", " ".join(tokens))


def _tidied(text: str) -> str:
    text = text.strip()
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text).strip()
    return text
