"""Rarer ways to say which thing is meant: by a part of it, by what the other is not, by its place in a row."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

from training.datasets.language.lexicon import FEATURES
from training.datasets.language.picture import Picture
from training.datasets.world import SIZES, Thing


def by_feature(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the one with wings`, where nothing else in the picture has any."""
    fitting = fitting_alone(FEATURES, picture, thing)
    return f"the {rng.choice(('one', 'one', 'thing'))} {rng.choice(fitting)}" if fitting else None


def fitting_alone(table: Mapping[str, Collection[str]], picture: Picture, thing: Thing) -> list[str]:
    """The entries of a table of kinds that fit this thing and no other one in a picture of the world's own things."""
    if not picture.closed:
        return []
    return [
        entry
        for entry, members in table.items()
        if thing.kind in members and sum(kind in members for kind in picture.kinds) == 1
    ]


def by_contrast(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the one that isn't red`, `the first thing`, `the bigger of the two`: by what the other of two things is."""
    if len(picture.kinds) != 2:
        return None
    other = next(each for each in picture.scene.things if each.kind != thing.kind)
    forms = [*_in_order(picture, thing), *_unlike(thing, other)]
    if picture.full and thing.size != other.size:
        bigger = SIZES.index(thing.size) > SIZES.index(other.size)
        forms += (
            ("the bigger of the two", "the larger one", "the bigger thing")
            if bigger
            else ("the smaller of the two", "the smaller one", "the tinier thing")
        )
    return rng.choice(forms) if forms else None


def _in_order(picture: Picture, thing: Thing) -> tuple[str, ...]:
    """Ordinals, as long as the two things are those of the caption."""
    told = (picture.caption or "").replace(",", " ").replace(":", " ").split()
    if not all(kind in told for kind in picture.kinds) or told.index(picture.kinds[0]) > told.index(picture.kinds[1]):
        return ()
    number = "first" if thing.kind == picture.kinds[0] else "second"
    return (f"the {number} thing", f"the {number} one", f"the {number} of the two")


def _unlike(thing: Thing, other: Thing) -> tuple[str, ...]:
    if not thing.colour or not other.colour or thing.colour == other.colour:
        return ()
    return (
        f"the thing that isn't {other.colour}",
        f"the one that isn't {other.colour}",
        f"the one that is not {other.colour}",
    )


def by_place(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the leftmost thing`, `the one further right`, where all sides are known."""
    order = [side for side in ("left", "middle", "right") if any(each.side == side for each in picture.scene.things)]
    if len(picture.kinds) < 2 or len(order) != len(picture.kinds) or thing.side not in (order[0], order[-1]):
        return None
    side = "left" if thing.side == order[0] else "right"
    forms = ("the {s}most thing", "the {s}most one", "the one furthest to the {s}")
    further: tuple[str, ...] = ("the one further {s}", "the thing further to the {s}") if len(order) == 2 else ()
    return rng.choice((*forms, *further)).format(s=side, k=thing.kind)
