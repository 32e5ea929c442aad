"""Open wishes: something is missing, so that the assistant asks. Each function adds a few turns to a conversation."""

from __future__ import annotations

from dataclasses import replace

from training.datasets.language.answering import settle
from training.datasets.language.assistant import which_member
from training.datasets.language.episodes import pronoun
from training.datasets.language.lexicon import FEATURES
from training.datasets.language.naming import FAMILIES, refer
from training.datasets.language.talk import Talk
from training.datasets.language.wish import SETTINGS, Wish
from training.datasets.world import article

_OF_IT = ("recolour.no_target", "bigger.no_target", "smaller.no_target")
"""Sections that speak of "it", which is the thing just spoken of, if there is one."""

DESCRIBED = 0.4
"""Share of families that are told by what they have or do."""


def open_colour(talk: Talk) -> None:
    """A thing should have another colour."""
    _open(talk, "recolour", "recolour.no_colour")


def open_new(talk: Talk) -> None:
    """A thing should be replaced by something."""
    _open(talk, "replace", "replace.no_new")


def open_size(talk: Talk) -> None:
    """A thing should have another size."""
    _open(talk, "resize", "resize.no_size")


def open_change(talk: Talk) -> None:
    """A thing should change somehow."""
    if talk.picture.kinds:  # never "it": "make it nicer" might mean the picture
        wish = Wish("change", talk.rng.choice(talk.picture.kinds))
        details = talk.speaker.details(talk.picture, wish)
        settle(talk, talk.wish(talk.speaker.wrapped("vague.thing.do", "vague.thing.say", **details), wish))


def open_target(talk: Talk) -> None:
    """What to do is clear, to which thing is not: "something blue", or "it" where nothing was spoken of."""
    rng = talk.rng
    colour, new = talk.colour(), talk.absent_kind()
    wish, section = rng.choice(
        (
            (Wish("recolour", colour=colour), "recolour.no_target"),
            (Wish("recolour", colour=colour), "recolour.some"),
            (Wish("recolour"), "recolour.none"),
            (Wish("replace", new=new, colour=rng.choice((colour, None))), "replace.no_target"),
            (Wish("replace"), "replace.none"),
            (Wish("remove"), "remove.no_target"),
            (Wish("resize", size="bigger"), rng.choice(("bigger.no_target", "bigger.some"))),
            (Wish("resize", size="smaller"), rng.choice(("smaller.no_target", "smaller.some"))),
            (Wish("resize"), "resize.none"),
        )
    )
    if talk.focus is not None and section in _OF_IT:
        wish = replace(wish, target=talk.focus)
    elif talk.focus is not None and not section.endswith(".some"):
        return  # "replace it" might mean the thing just spoken of, or another
    said = talk.speaker.wrapped(*_both(talk, section), **talk.speaker.details(talk.picture, replace(wish, target=None)))
    settle(talk, talk.wish(said, wish))


def add_openly(talk: Talk) -> None:
    """Something should be added: what, in which colour or where is open."""
    rng = talk.rng
    part = rng.choice(("nothing", "thing", "thing", "coloured", "coloured", "there", "side"))
    if part == "nothing":
        said, wish = talk.speaker.wrapped("add.none.do", "add.none.say"), Wish("add")
    elif part == "side":
        wish = Wish("add", side=rng.choice(talk.picture.free_sides or ("left",)))
        said = talk.speaker.wrapped("add.side.do", "add.side.say", **talk.speaker.details(talk.picture, wish))
    else:
        wish = Wish("add", new=talk.absent_kind(), colour=talk.colour() if part == "coloured" else None)
        if part == "there":
            wish = replace(wish, side=rng.choice(("left", "right", "middle")))
        section = "add.there" if part == "there" else "add.only"
        said = talk.speaker.wrapped(f"{section}.do", f"{section}.say", **talk.speaker.details(talk.picture, wish))
    settle(talk, talk.wish(said, wish))


def add_beside(talk: Talk) -> None:
    """Something should be added next to a thing: what or on which side is open."""
    rng = talk.rng
    if not talk.picture.kinds:
        return
    beside = refer(rng, talk.picture, rng.choice(talk.picture.kinds))
    if rng.random() < 0.4:
        said, wish = talk.speaker.wrapped("add.company.do", "add.company.say", y=beside), Wish("add")
    else:
        wish = Wish("add", new=talk.absent_kind(), colour=talk.colour() if rng.random() < 0.7 else None)
        details = talk.speaker.details(talk.picture, wish)
        said = talk.speaker.wrapped("add.near.do", "add.near.say", y=beside, **details)
    settle(talk, talk.wish(said, wish))


def add_member(talk: Talk) -> None:
    """An animal, a vehicle, a plant or something that flies should be added, but which?"""
    family = talk.rng.choice(("animal", "vehicle", "plant", "toy", "pet", "creature"))
    named, members = article(family), FAMILIES[family]
    if talk.rng.random() < DESCRIBED:
        feature = talk.rng.choice(tuple(FEATURES))
        named, members = f"{talk.rng.choice(('something', 'something', 'a thing'))} {feature}", FEATURES[feature]
    if talk.picture.closed and set(members) - set(talk.picture.kinds):
        said = talk.speaker.wrapped("add.family.do", "add.family.say", f=named)
        settle(talk, talk.take(said, which_member(talk.picture, members)))


def open_setting(talk: Talk) -> None:
    """Another place, time, weather or style, but which?"""
    aspect = talk.rng.choice(SETTINGS)
    said = talk.speaker.wrapped(f"{aspect}.none.do", f"{aspect}.none.say")
    settle(talk, talk.wish(said, Wish(aspect)))


def vague(talk: Talk) -> None:
    """Nothing is clear."""
    settle(talk, talk.wish(talk.speaker.wrapped("vague.do", "vague.say"), Wish("any")))


def _open(talk: Talk, action: str, section: str) -> None:
    if not talk.picture.kinds:
        return
    target = talk.rng.choice(talk.picture.kinds)
    wish = Wish(action, target)
    it = pronoun(talk, target)
    said = talk.speaker.wrapped(*_both(talk, section), **talk.speaker.details(talk.picture, wish, it))
    settle(talk, talk.wish(said, wish))


def _both(talk: Talk, section: str) -> list[str]:
    return [name for name in (f"{section}.do", f"{section}.say") if talk.speaker.has(name)]
