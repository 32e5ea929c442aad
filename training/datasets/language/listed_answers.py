"""Answers that only the list in the question gives their meaning: `the second`, `not the cat`."""

from __future__ import annotations

from dataclasses import replace

from training.datasets.language.assistant import Reply
from training.datasets.language.choices import ORDER
from training.datasets.language.naming import name_side, refer
from training.datasets.language.talk import Talk
from training.datasets.language.wish import SETTINGS, Wish
from training.datasets.language.wordings import hinted
from training.datasets.world import PLACES, STYLES, TIMES, WEATHERS

_VALUES = {"place": PLACES, "time": TIMES, "weather": WEATHERS, "style": (*STYLES[1:], STYLES[0])}
"""Places, times, weathers and styles in the order in which the questions name them."""
_COUNTED = ("first", "second", "third", "fourth", "fifth")
NEGATIVE = ("not", "n't", "other")
"""A name with one of these cannot be excluded: "not the one that isn't red" would say the contrary."""


def listed_answer(talk: Talk, question: Reply) -> tuple[str, Wish] | None:
    """What is said to pick one from the question's list, and the wish with it; None where nothing was listed."""
    listed = _listed(talk, question)
    if len(listed) < 2:
        return None
    index = talk.rng.randrange(len(listed))
    if len(listed) == 2 and question.asks in ("which", "size", "where") and talk.rng.random() < 0.4:
        return _not_the_other(talk, question.asks, listed[1 - index]), listed[index]
    said = ordinal_words(talk, index, len(listed))
    return (said, listed[index]) if said else None


def ordinal_words(talk: Talk, index: int, count: int) -> str | None:
    """How what stands at this place of so many is counted, if people would still count so far."""
    names = list(_COUNTED[index : index + 1])
    if index == count - 1:
        names.append("last")
    if count > 3 and index == count - 2:
        names.append("last_but_one")
    if count == 2:
        names += [("former", "latter")[index]] * 2
    return talk.speaker.bare(f"answer.{talk.rng.choice(names)}") if names else None


def excluding(talk: Talk, kind: str) -> str:
    """`not the cat`, of two things."""
    named = refer(talk.rng, talk.picture, kind)
    clear = not any(word in named for word in NEGATIVE) and named.startswith("the ")
    return talk.speaker.bare("answer.excluded", y=named if clear else f"the {kind}")


def _not_the_other(talk: Talk, asked: str, other: Wish) -> str:
    if asked == "which":
        return excluding(talk, other.target or "")
    named = other.size or other.side or ""
    if other.side and talk.rng.random() < 0.6:
        named = name_side(talk.rng, other.side)
    return talk.speaker.bare("answer.excluded.short", y=named)


def _listed(talk: Talk, question: Reply) -> list[Wish]:
    """A wish for each entry of the question's list, in order."""
    wish, picture = question.wish or Wish("any"), talk.picture
    match question.asks:
        case "any" if picture.known:
            return [*(Wish("change", kind) for kind in picture.kinds), *(Wish(aspect) for aspect in SETTINGS)]
        case "about":
            return [Wish(action, wish.target) for action in ("recolour", "resize", "replace", "remove")]
        case "which" if picture.known:
            return [replace(wish, target=kind) for kind in picture.kinds]
        case "new" | "add":
            return [replace(wish, new=new) for new in question.offers or hinted(picture)]
        case "where" | "colour_where":
            return [replace(wish, side=side) for side in ORDER if side in question.offers]
        case "size":
            return [replace(wish, size=size) for size in ("bigger", "smaller")]
        case aspect if aspect in _VALUES:
            return [replace(wish, value=value) for value in _VALUES[aspect]]
        case _:
            return []
