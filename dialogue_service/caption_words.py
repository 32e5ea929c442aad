"""The words and forms of captions: what tells a thing, its colour, size and side, a place, a time, a style."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
DETERMINERS = frozenset((
    "a", "an", "the", "one", "another", "this", "that", "his", "her", "its", "their", "my", "our", "your", "some",
))  # fmt: skip
ENDS_A_NAME = frozenset((
    "and", "or", "with", "of", "in", "on", "at", "to", "from", "by", "near", "under", "over", "beside", "behind",
    "next", "is", "are", "was", "were", "has", "have", "that", "which", "while", "for", "as", "into", "onto",
))  # fmt: skip
STYLES = {
    "black and white": "a black and white picture of",
    "sepia": "a sepia picture of",
    "a pencil sketch": "a pencil sketch of",
    "a negative": "a negative of",
    "pixel art": "pixel art of",
}
_OPENING = re.compile(r"(?:an? (?:picture|photo|drawing|painting) of|my (?:picture|drawing) of|photo of|this is) ")
STYLE_WORDS = "a normal picture again|black and white|sepia|a pencil sketch|pixel art"

SIDES = ("left", "middle", "right")
TOKEN = re.compile(r"[\w'-]+|[^\w\s]")
WHERE = re.compile(r" ?\b(?:on|to|at) the (left|right)(?: side)?\b| ?\bin the (middle|centre|center)\b")
_SIDE_WORDS = r"(?:(?:on|to|at) the (?:left|right)(?: side)?|in the (?:middle|centre|center))"
_THING_WITH_SIDE = re.compile(rf"\b([\w-]+) {_SIDE_WORDS}\b")
_PLACE_WORDS = "|".join(PLACES)
PLACE = re.compile(rf"\b(?:in|on|at) (?:an?|the) (?:empty )?({_PLACE_WORDS})\b")
EMPTY = re.compile(rf"\ban empty (snowy field|{_PLACE_WORDS})\b")
_MOMENT = r"(?: at sunset| at night| by day)?"
_THING = rf"(?:an?|the|one) (?:(?:{'|'.join(sorted(COLOURS | SHADES | SMALL | BIG))}) )*[\w-]+ {_SIDE_WORDS}"
_THINGS = rf"{_THING}(?:(?:, | and |, and ){_THING})*"
_SETTING = rf"(?:in|on|at) (?:an?|the) (?:{_PLACE_WORDS}){_MOMENT}"
_SKY = r"(?:, raining|, snowing|, in clear weather)?"
_TELLS_ALL = re.compile(
    rf"(?:{_THINGS}, )?{_SETTING}{_SKY}(?:: {_THINGS})?{_SKY}"
    rf"|an empty (?:snowy field|{_PLACE_WORDS}){_MOMENT}{_SKY}"
)
"""The scene world's own captions, and what becomes of them: who writes so leaves nothing out."""
BEFORE_A_WHOLE_NAME = frozenset(("", ",", ":", "and", "with", "of", "to", "beside", "near"))
AFTER_A_WHOLE_NAME = re.compile(
    rf"$|[,:.]|(?:and|with|next|beside|near)\b|{_SIDE_WORDS}|(?:in|on|at) (?:an?|the) (?:{_PLACE_WORDS})\b"
)
TIME = re.compile(r",? ?\b(?:at|during) (sunset|night)\b|,? ?\bby (day)\b")
WEATHER = re.compile(r",? ?\b(raining|snowing)\b|,? ?\bin (clear) weather\b")
_TIDY = (
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s+([,.:;!?])"), r"\1"),
    (re.compile(r"(?:\b(?:and|with|next to|beside|near)\s*)+(?=[,.]|$)"), ""),
    (re.compile(r"(?:,\s*)+(?=,)"), ""),
    (re.compile(r"\band\s+and\b"), "and"),
    (re.compile(r"(^|:|\bof\b)(?:\b(?:and|with|next to)\b|,|\s)+"), r"\1 "),
    (re.compile(r",\s*and\b(?=\s+(?:in|on|at)\b)"), ","),
    (re.compile(r",\s*and\b"), " and"),
    (re.compile(r"\s+([,.:;!?])"), r"\1"),
    (re.compile(r"[,:;\s]+$"), ""),
    (re.compile(r"\s+"), " "),
)


def tells_all(caption: str) -> bool:
    """Whether a caption leaves nothing out: it has the form of the scene world's, things with sides and their place."""
    return _TELLS_ALL.fullmatch(split_style(caption.lower())[1]) is not None


def things_in(caption: str) -> list[str]:
    """The things that a caption names with the side on which they stand, in its order; the last word of each name."""
    return [found[1] for found in _THING_WITH_SIDE.finditer(caption)]


def side(found: re.Match[str]) -> str:
    """The side that a match of `WHERE` tells, in the canonical words."""
    return on_side(found[1] or "middle")


def on_side(name: str) -> str:
    """`on the left`, `in the middle`."""
    return "in the middle" if name == "middle" else f"on the {name}"


def at_place(place: str) -> str:
    """`on a beach`, `in the snow`, `in a city`."""
    return {"beach": "on a beach", "snow": "in the snow"}.get(place, f"in a {place}")


def empty_place(place: str) -> str:
    """`an empty city`."""
    return "an empty snowy field" if place == "snow" else f"an empty {place}"


def split_style(text: str) -> tuple[str, str]:
    """What a caption says of the picture's style, and the rest; an opening without a style is left out."""
    for prefix in STYLES.values():
        if text.startswith(prefix + " "):
            return prefix + " ", text[len(prefix) + 1 :]
    return "", _OPENING.sub("", text, count=1) if _OPENING.match(text) else text


def listed(names: Sequence[str], joint: str = "or") -> str:
    """Names as a list: `a, b or c`."""
    return f" {joint} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def is_plural(noun: str) -> bool:
    """Whether a noun looks like several things: `dogs`, not `bus`, `glass` or `iris`."""
    return noun.endswith("s") and not noun.endswith(("ss", "us", "is"))


def with_article(words: str) -> str:
    """`a red house`, `an umbrella`."""
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def joined(tokens: Sequence[str]) -> str:
    """Tokens as a text."""
    return re.sub(r"\s+([,.:;!?])", r"\1", " ".join(tokens))


def tidied(text: str) -> str:
    """A text without what taking words out of it left behind."""
    text = text.strip()
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text).strip()
    return text
