"""What a user says to name a thing, a colour or a choice when asked for it, or instead of doing so."""

from __future__ import annotations

from training.datasets.language.assistant import Reply
from training.datasets.language.describing import feature_said
from training.datasets.language.lexicon import LIKE_NAMES, LIKENESSES
from training.datasets.language.listed_answers import excluding, ordinal_words
from training.datasets.language.naming import name_colour, refer
from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import Wish
from training.datasets.world import Thing

PLAIN = 0.2
"""Share of answers that name what was asked for, and nothing else."""
ORDERED, EXCLUDED, FEATURED = 0.15, 0.08, 0.07
"""Shares of answers to "which one" by its place in the question, by the one that is not meant, by what it has."""
ALIKE = 0.1
"""Share of colours that are told by something that has them, and by nothing else."""


def which_words(talk: Talk, target: str) -> str:
    """`the house`, `the first one`: the things are asked for in the order in which they stand in the question."""
    kinds = talk.picture.kinds
    others = [kind for kind in kinds if kind != target]
    if talk.picture.known and target in kinds and talk.turns[-1].reply.asks == "which":
        chance = talk.rng.random()
        if chance < ORDERED:
            return ordinal_words(talk, kinds.index(target), len(kinds)) or f"the {target}"
        if chance < ORDERED + EXCLUDED and len(others) == 1:
            return excluding(talk, others[0])
        thing = talk.picture.thing(target)
        if chance > 1 - FEATURED and thing and (said := feature_said(talk.rng, talk.picture, thing)):
            return said
    slots = {"x": refer(talk.rng, talk.picture, target)}
    if talk.picture.known and others:
        slots["y"] = f"the {talk.rng.choice(others)}"
    return worded(talk, "answer.which", slots["x"], **slots)


def worded(talk: Talk, section: str, plain: str, **slots: str) -> str:
    """An answer in a phrase of the section, or just the plain words."""
    return plain if talk.rng.random() < PLAIN else talk.speaker.bare(section, **slots)


def colour_words(talk: Talk, colour: str | None) -> str:
    """A colour as an answer, at times against another one, or by what has it."""
    if talk.picture.closed and colour in LIKENESSES and talk.rng.random() < ALIKE:
        slots = {"l": talk.rng.choice(LIKENESSES[colour]), "h": talk.rng.choice(LIKE_NAMES[colour])}
        return talk.speaker.bare("answer.likeness", **slots)
    named = name_colour(talk.rng, talk.picture, colour or "")
    other = talk.rng.choice([name for name in talk.picture.words.colours if name != colour])
    return worded(talk, "answer.colour", named, c=named, o=other)


def other_coloured(talk: Talk, kind: str | None) -> Thing | None:
    """Another thing, whose colour the assistant knows: the only other one, or any."""
    things = [thing for thing in talk.picture.scene.things if thing.kind != kind and thing.colour]
    return talk.rng.choice(things) if talk.picture.known and things else None


def never_words(talk: Talk, question: Reply) -> str:
    """The matter is dropped."""
    if question.asks in ("any", "confirm"):
        return talk.speaker.bare("answer.never")
    chance = talk.rng.random()
    return talk.speaker.bare("answer.no" if chance < 0.2 else "answer.neither" if chance < 0.45 else "answer.never")


def other_wish_words(talk: Talk, question: Reply, wish: Wish) -> str:
    """Quite another wish instead of an answer, mostly with a word that the first one is dropped."""
    chance = talk.rng.random()
    if chance < 0.3:
        return tell(talk, wish)
    with talk.speaker.plainly():
        said = tell(talk, wish)
    asked = question.wish.target if question.wish else None
    if asked and asked != wish.target and chance < 0.55:
        return talk.speaker.bare("answer.leave_rather", x=f"the {asked}", a=said)
    return talk.speaker.bare("answer.rather", a=said)
