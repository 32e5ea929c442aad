"""Wishes at the limits of what there is: things that are not there, words of no world, what is so already."""

from __future__ import annotations

from dataclasses import replace

from training.datasets.language.answering import settle, tell
from training.datasets.language.episodes import sections_of
from training.datasets.language.naming import COLOUR_SYNONYMS, SYNONYMS
from training.datasets.language.talk import Talk
from training.datasets.language.vocabulary import word_list
from training.datasets.language.wish import ON_THINGS, Wish, wish_of
from training.datasets.world import COLOURS, KINDS


def absent(talk: Talk) -> None:
    """A wish for a thing that is not there."""
    if not talk.picture.known:
        return
    missing = talk.absent_kind()
    if talk.picture.closed and talk.rng.random() < 0.6:
        missing = _foreign_thing(talk) if talk.rng.random() < 0.7 else talk.rng.choice(word_list("no things"))
    drawn = wish_of(talk.any_change())
    wish = (
        replace(drawn, target=missing) if drawn.action in ON_THINGS else Wish("recolour", missing, colour=talk.colour())
    )
    if wish.action == "replace":
        wish = replace(wish, new=talk.rng.choice([kind for kind in talk.picture.words.kinds if kind != missing]))
    # Without the bare name: "a red boat please" would ask for a new one.
    slots = {"x": f"the {missing}", **talk.speaker.details(talk.picture, replace(wish, target=None))}
    said = talk.speaker.wrapped(*sections_of(wish), **slots)
    settle(talk, talk.wish(said, wish))


def unknown(talk: Talk) -> None:
    """A wish for a colour, thing or setting of no world; on a picture of other words it is copied as it is."""
    rng, kinds = talk.rng, talk.picture.kinds
    if not kinds or rng.random() < 0.4:
        _unknown_setting(talk)
        return
    target = rng.choice(kinds)
    wish = rng.choice(
        (
            Wish("recolour", target, colour=_foreign_colour(talk)),
            Wish("replace", target, new=_foreign_thing(talk)),
            Wish("add", new=_foreign_thing(talk)),
        )
    )
    sections = ("add.only.do", "add.only.say") if wish.action == "add" else sections_of(wish)
    settle(talk, talk.wish(talk.speaker.wrapped(*sections, **talk.speaker.details(talk.picture, wish)), wish))


def _unknown_setting(talk: Talk) -> None:
    aspect = talk.rng.choice(("place", "place", "time", "weather", "style"))
    if aspect == "place":
        wish = Wish("place", value=talk.rng.choice(word_list("unknown places")))
        settle(talk, talk.wish(talk.speaker.wrapped("place.do", "place.say", p=wish.value or ""), wish))
    elif talk.picture.closed:
        wish = Wish(aspect, value=talk.rng.choice(word_list(f"unknown {aspect}s")))
        said = talk.speaker.wrapped(f"{aspect}.unknown.do", f"{aspect}.unknown.say", p=wish.value or "")
        settle(talk, talk.wish(said, wish))


def already_so(talk: Talk) -> None:
    """A wish for what is there already."""
    if not talk.picture.full:
        return
    scene = talk.picture.scene
    wishes = [Wish("recolour", thing.kind, colour=thing.colour) for thing in scene.things]
    wishes += [Wish("place", value=scene.place), Wish("time", value=scene.time), Wish("add", new=talk.absent_kind())]
    wish = talk.rng.choice(wishes)
    if wish.action == "add":
        if not scene.things:
            return
        wish = replace(wish, new=talk.rng.choice(scene.things).kind, colour=None)
        section = "add.again" if talk.rng.random() < 0.6 else "add.only"
        details = {"k": wish.new or "", **talk.speaker.details(talk.picture, wish)}
        said = talk.speaker.wrapped(f"{section}.do", f"{section}.say", **details)
    else:
        said = tell(talk, wish)
    talk.wish(said, wish)


def _foreign_thing(talk: Talk) -> str:
    listed = word_list("unknown things") if talk.rng.random() < 0.5 else word_list("things")
    known = {*KINDS, *talk.picture.kinds, *(other for others in SYNONYMS.values() for other in others)}
    return talk.rng.choice([word for word in listed if word not in known])


def _foreign_colour(talk: Talk) -> str:
    listed = word_list("unknown colours") if talk.rng.random() < 0.5 else word_list("colours")
    known = {*COLOURS, *(other for others in COLOUR_SYNONYMS.values() for other in others)}
    return talk.rng.choice([word for word in listed if word not in known])
