"""Wishes that name one thing to be left alone, and another one or the whole picture to be changed."""

from __future__ import annotations

from training.datasets.language.listed_answers import NEGATIVE
from training.datasets.language.naming import name_colour, refer
from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import Wish, wish_of


def protect(talk: Talk) -> None:
    """`don't touch the ball, only the cat: white`."""
    wish = wish_of(talk.any_change())
    kept = [kind for kind in talk.picture.kinds if kind != wish.target]
    if not kept:
        return
    slots = {"y": _clearly_named(talk, talk.rng.choice(kept))}
    section = _section(wish)
    if section and talk.rng.random() < 0.6:
        slots |= {"x": _clearly_named(talk, wish.target or "")}
        if wish.colour:
            slots["c"] = name_colour(talk.rng, talk.picture, wish.colour)
        talk.wish(talk.speaker.bare(section, **slots), wish)
        return
    with talk.speaker.plainly():
        slots["a"] = tell(talk, wish)
    talk.wish(talk.speaker.bare("protect.any", **slots), wish)


def protect_all_but(talk: Talk) -> None:
    """`everything but the car should be red`, of two things."""
    if not talk.picture.known or len(talk.picture.kinds) != 2:
        return
    kept, target = talk.rng.sample(talk.picture.kinds, 2)
    thing = talk.picture.thing(target)
    colour = talk.rng.choice([name for name in talk.picture.words.colours if not thing or name != thing.colour])
    slots = {"y": _clearly_named(talk, kept), "c": name_colour(talk.rng, talk.picture, colour)}
    talk.wish(talk.speaker.bare("protect.all_but", **slots), Wish("recolour", target, colour=colour))


def _section(wish: Wish) -> str | None:
    """The phrases that name both things, where there are some for such a wish."""
    if wish.action in ("recolour", "remove"):
        return f"protect.{wish.action}"
    return f"protect.{wish.size}" if wish.action == "resize" else None


def _clearly_named(talk: Talk, kind: str) -> str:
    """Mostly by its plain name: two descriptions in one sentence would confuse people too."""
    named = refer(talk.rng, talk.picture, kind) if talk.rng.random() < 0.25 else f"the {kind}"
    return f"the {kind}" if any(word in named for word in NEGATIVE) else named
