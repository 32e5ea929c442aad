"""How the user answers questions: mostly tersely, at times with another wish, or by leaving the choice."""

from __future__ import annotations

from dataclasses import replace

from training.datasets.language.answer_words import (
    colour_words,
    never_words,
    other_coloured,
    other_wish_words,
    which_words,
    worded,
)
from training.datasets.language.assistant import Reply, say, with_options
from training.datasets.language.choices import ORDER, can_choose, chosen
from training.datasets.language.listed_answers import listed_answer
from training.datasets.language.naming import name_new, name_side
from training.datasets.language.talk import Talk
from training.datasets.language.telling import section_of, tell
from training.datasets.language.vocabulary import word_list
from training.datasets.language.wish import Wish, wish_of
from training.datasets.world import PLACES, STYLES, TIMES, WEATHERS

__all__ = ["settle", "tell"]

MOST_QUESTIONS = 4
LEFT_TO_IT, ASKED_BACK, CALLED_OFF, OTHER_WISH, LISTED = 0.13, 0.02, 0.03, 0.07, 0.09
"""Shares of answers "you choose", "what is there?", "never mind", of quite another wish instead of an answer, and of
answers that lean on the list in the question ("the second", "not the cat")."""
FOREIGN = 0.04
"""Share of answers with a colour or thing that cannot be done."""
_VALUES = {"place": PLACES, "time": TIMES, "weather": WEATHERS, "style": STYLES}


def settle(talk: Talk, reply: Reply) -> None:
    """Answer the assistant's questions until there are none."""
    for _ in range(MOST_QUESTIONS):
        if not reply.asks:
            return
        reply = _answered(talk, reply)


def _answered(talk: Talk, question: Reply) -> Reply:
    chance = talk.rng.random()
    if chance < LEFT_TO_IT and can_choose(talk.picture, question):
        return talk.wish(talk.speaker.bare("answer.choose"), chosen(talk.picture, question))
    chance -= LEFT_TO_IT
    if chance < ASKED_BACK and question.asks not in ("any", "confirm", "about"):
        return talk.take(talk.speaker.bare("answer.options"), with_options(talk.picture, question))
    chance -= ASKED_BACK
    if chance < CALLED_OFF:
        return talk.take(never_words(talk, question), say("never"))
    chance -= CALLED_OFF
    if chance < OTHER_WISH:
        wish = wish_of(talk.any_change())
        return talk.wish(other_wish_words(talk, question, wish), wish)
    chance -= OTHER_WISH
    if chance < LISTED and (found := listed_answer(talk, question)):
        return talk.wish(*found)
    return _ANSWERS.get(question.asks, _setting)(talk, question)


def _any(talk: Talk, _: Reply) -> Reply:
    chance = talk.rng.random()
    if chance < 0.4:
        wish = wish_of(talk.any_change())
        return talk.wish(tell(talk, wish), wish)
    if chance < 0.75 and talk.picture.kinds:
        target = talk.rng.choice(talk.picture.kinds)
        return talk.wish(which_words(talk, target), Wish("change", target))
    if chance < 0.85 and talk.picture.kinds:
        wish = Wish(talk.rng.choice(("recolour", "resize", "replace")), talk.rng.choice(talk.picture.kinds))
        section = {"recolour": "recolour.no_colour", "resize": "resize.no_size", "replace": "replace.no_new"}[
            wish.action
        ]
        details = talk.speaker.details(talk.picture, wish)
        return talk.wish(talk.speaker.wrapped(f"{section}.do", f"{section}.say", **details), wish)
    aspect = talk.rng.choice(("place", "time", "weather", "style", "add"))
    section = "answer.add" if aspect == "add" else f"answer.{aspect}.none"
    return talk.wish(talk.speaker.bare(section), Wish(aspect))


def _about(talk: Talk, question: Reply) -> Reply:
    target = _wish(question).target or ""
    chance = talk.rng.random()
    if chance < 0.45:
        action = talk.rng.choice(("recolour", "recolour", "resize", "replace", "remove"))
        return talk.wish(talk.speaker.bare(f"answer.{action}"), Wish(action, target))
    if chance < 0.6:
        wish = Wish("recolour", target, colour=talk.colour())
        return talk.wish(colour_words(talk, wish.colour), wish)
    if chance < 0.65:
        return _new(talk, replace(question, asks="new", wish=Wish("replace", target)))
    if chance < 0.75:
        wish = Wish("resize", target, size=talk.rng.choice(("bigger", "smaller")))
        return talk.wish(talk.speaker.bare(f"answer.{wish.size}"), wish)
    wish = replace(wish_of(talk.any_change(("recolour", "replace", "resize", "remove"))), target=target)
    pronoun = talk.rng.choice(("it", "it", None))
    return talk.wish(tell(talk, wish, pronoun), wish)


def _which(talk: Talk, question: Reply) -> Reply:
    kinds = talk.picture.kinds
    if talk.picture.known and len(kinds) == 2 and talk.rng.random() < 0.06:
        return _all(talk, _wish(question))
    target = talk.rng.choice(kinds) if kinds else talk.absent_kind()
    wish = replace(_wish(question), target=target)
    return talk.wish(which_words(talk, target), wish)


def _all(talk: Talk, wish: Wish) -> Reply:
    first, second = talk.picture.kinds
    said = talk.speaker.bare("answer.both")
    return talk.wishes(said, replace(wish, target=first), replace(wish, target=second))


def _colour(talk: Talk, question: Reply) -> Reply:
    if talk.picture.closed and talk.rng.random() < FOREIGN:
        foreign = talk.rng.choice(word_list("unknown colours"))
        return talk.wish(talk.speaker.bare("answer.colour", c=foreign), replace(_wish(question), colour=foreign))
    wish = _wish(question)
    if talk.rng.random() < 0.08 and (other := other_coloured(talk, wish.target)):
        said = talk.speaker.bare("answer.like", y=f"the {other.kind}", o=other.colour)
        return talk.wish(said, replace(wish, colour=other.colour))
    wish = replace(wish, colour=talk.colour())
    return talk.wish(colour_words(talk, wish.colour), wish)


def _new(talk: Talk, question: Reply) -> Reply:
    wish = _wish(question)
    new = talk.rng.choice(question.offers) if question.offers else talk.absent_kind()
    if talk.picture.closed and talk.rng.random() < FOREIGN:
        new = talk.rng.choice(word_list("unknown things"))
    colour = wish.colour or (talk.colour() if talk.rng.random() < 0.4 else None)
    said_colour = None if wish.colour else colour
    side = wish.side
    if wish.action == "add" and side is None and colour and talk.picture.free_sides and talk.rng.random() < 0.3:
        side = talk.rng.choice(talk.picture.free_sides)
        said = f"{name_new(talk.rng, new, said_colour)} {name_side(talk.rng, side, talk.picture)}"
        return talk.wish(said, replace(wish, new=new, colour=colour, side=side))
    named = name_new(talk.rng, new, said_colour)
    bare = f"{said_colour or ''} {new}".strip()
    said = worded(talk, "answer.new", named, n=named, nk=bare)
    return talk.wish(said, replace(wish, new=new, colour=colour))


def _where(talk: Talk, question: Reply) -> Reply:
    side = talk.rng.choice(question.offers)
    named = name_side(talk.rng, side, talk.picture)
    other = talk.rng.choice([name for name in ORDER if name != side])
    said = worded(talk, "answer.where", named, w=named, s=side, v=other)
    return talk.wish(said, replace(_wish(question), side=side))


def _colour_where(talk: Talk, question: Reply) -> Reply:
    chance = talk.rng.random()
    if chance < 0.2:
        return _where(talk, question)
    if chance < 0.4:
        return _colour(talk, question)
    wish = replace(_wish(question), colour=talk.colour(), side=talk.rng.choice(question.offers))
    return talk.wish(talk.speaker.bare("answer.colour_where", **talk.speaker.details(talk.picture, wish)), wish)


def _size(talk: Talk, question: Reply) -> Reply:
    size = talk.rng.choice(("bigger", "smaller"))
    return talk.wish(worded(talk, f"answer.{size}", size), replace(_wish(question), size=size))


def _confirm(talk: Talk, question: Reply) -> Reply:
    if talk.rng.random() < 0.8:
        return talk.wish(worded(talk, "answer.yes", "yes"), _wish(question))
    return talk.take(worded(talk, "answer.no", "no"), say("no"))


def _setting(talk: Talk, question: Reply) -> Reply:
    aspect = question.asks
    value = talk.rng.choice(_VALUES[aspect])
    if aspect == "place":
        described = section_of("answer.place", value)
        section = described if talk.speaker.has(described) and talk.rng.random() < 0.3 else "answer.place"
        said = talk.speaker.bare(section, p=value)
    else:
        section = section_of(aspect, value)
        said = talk.speaker.bare(f"answer.{section}" if talk.rng.random() < 0.7 else section)
    return talk.wish(said, replace(_wish(question), value=value))


def _wish(question: Reply) -> Wish:
    return question.wish or Wish("any")


_ANSWERS = {
    "any": _any,
    "about": _about,
    "which": _which,
    "colour": _colour,
    "new": _new,
    "add": _new,
    "where": _where,
    "colour_where": _colour_where,
    "size": _size,
    "confirm": _confirm,
}
