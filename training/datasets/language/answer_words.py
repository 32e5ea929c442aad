"""What a user says to name a thing, a colour or a choice when asked for it."""

from __future__ import annotations

from training.datasets.language.naming import name_colour, refer
from training.datasets.language.talk import Talk

PLAIN = 0.2
"""Share of answers that name what was asked for, and nothing else."""


def which_words(talk: Talk, target: str) -> str:
    """`the house`, `the first one`: the things are asked for in the order in which they stand in the question."""
    kinds = talk.picture.kinds
    asked = talk.turns[-1].reply.asks
    if talk.picture.known and asked == "which" and target in kinds and talk.rng.random() < 0.2:
        return talk.speaker.bare(f"answer.{_ordinal(talk, kinds.index(target), len(kinds))}")
    slots = {"x": refer(talk.rng, talk.picture, target)}
    others = [kind for kind in kinds if kind != target]
    if talk.picture.known and others:
        slots["y"] = f"the {talk.rng.choice(others)}"
    return worded(talk, "answer.which", slots["x"], **slots)


def _ordinal(talk: Talk, index: int, count: int) -> str:
    """How the thing at this place of so many is counted."""
    names = [("first", "second", "third")[index]] if index < 3 else []
    if index == count - 1:
        names.append("last")
    if count == 2:
        names.append(("former", "latter")[index])
    return talk.rng.choice(names or ["last"])


def worded(talk: Talk, section: str, plain: str, **slots: str) -> str:
    """An answer in a phrase of the section, or just the plain words."""
    return plain if talk.rng.random() < PLAIN else talk.speaker.bare(section, **slots)


def colour_words(talk: Talk, colour: str | None) -> str:
    """A colour as an answer, at times against another one."""
    named = name_colour(talk.rng, talk.picture, colour or "")
    other = talk.rng.choice([name for name in talk.picture.words.colours if name != colour])
    return worded(talk, "answer.colour", named, c=named, o=other)
