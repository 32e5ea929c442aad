"""Wishes beside a remark that names another thing or colour, which must not be mistaken for what is wished."""

from __future__ import annotations

from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import Wish, wish_of
from training.datasets.world import article


def reasoned(talk: Talk) -> None:
    """`my dress is red, so paint the car blue`."""
    wish = wish_of(talk.any_change())
    words = talk.picture.words
    colour = talk.rng.choice([name for name in words.colours if name != wish.colour])
    kind = talk.rng.choice([name for name in words.kinds if name not in (wish.target, wish.new)])
    with talk.speaker.plainly():
        said = tell(talk, wish)
    talk.wish(talk.speaker.bare("reason.any", a=said, o=colour, t=article(kind), k=kind), wish)


def tired_of(talk: Talk) -> None:
    """`the yellow hurts, a calm blue would be better`: its present colour tells which thing is meant."""
    things = talk.picture.scene.things
    worn = [thing.colour for thing in things]
    alone = [thing for thing in things if thing.colour and worn.count(thing.colour) == 1]
    if not talk.picture.known or not alone or not all(worn):
        return
    thing = talk.rng.choice(alone)
    colour = talk.rng.choice([name for name in talk.picture.words.colours if name != thing.colour])
    said = talk.speaker.bare("reason.colour", x=f"the {thing.kind}", k=thing.kind, o=thing.colour, c=colour)
    talk.wish(said, Wish("recolour", thing.kind, colour=colour))
