"""Rarer ways to say which thing is meant: by a part of it, by what the other is not, by its place in a row."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping

from training.datasets.language.lexicon import FEATURES
from training.datasets.language.picture import Picture
from training.datasets.world import SIZES, Thing

_WHATEVER = (("with ", " has "), ("that ", " "))
"""How a feature of the table begins, and what stands for that behind `whatever`."""
_HAVING = (
    "it has {f}", "has {f}", "it's got {f}", "got {f}", "well it has {f}", "the thing has {f}", "one of them has {f}",
    "guess: it has {f}", "mine has {f}", "it comes with {f}", "whichever has {f}", "anything that has {f}",
    "hint: {f}", "think {f}", "look for {f}", "something having {f}", "the {f} one", "spot the {f}",
)  # fmt: skip
_DOING = (
    "it {f}", "{f}", "what {f}", "whatever {f}", "something that {f}", "it's the one that {f}", "well, it {f}",
    "which of them {f}? that one", "the thing which {f}", "hint: it {f}", "whichever {f}", "anything that {f}",
    "the sort of thing that {f}", "one of them {f}", "it's something that {f}", "you know, it {f}",
)  # fmt: skip
_USED = (
    "what {f}", "something {f}", "the thing {f}", "it's what {f}", "whatever {f}", "that thing {f}", "a thing {f}",
    "what you call it, the one {f}", "the one {f}", "i mean what {f}", "the object {f}", "you know, the thing {f}",
)  # fmt: skip
"""Answers by what a thing has, what it does and what people do with it."""


def by_feature(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the one with wings`, where nothing else in the picture has any."""
    fitting = fitting_alone(FEATURES, picture, thing)
    if not fitting:
        return None
    feature = rng.choice(fitting)
    begun = [start for prefix, start in _WHATEVER if feature.startswith(prefix)]
    if begun and rng.random() < 0.3:
        return f"{rng.choice(('whatever', 'what', 'the thing that'))}{begun[0]}{feature.split(' ', 1)[1]}"
    return f"the {rng.choice(('one', 'one', 'thing'))} {feature}"


def feature_said(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """An answer that tells nothing but a feature: `has petals`, `it flies`, `you drive it`."""
    fitting = fitting_alone(FEATURES, picture, thing)
    if not fitting:
        return None
    feature = rng.choice(fitting)
    rest = feature.split(" ", 1)[1]
    if feature.startswith("with "):
        return rng.choice(_HAVING).format(f=rest)
    if feature.startswith("that "):
        return rng.choice(_DOING).format(f=rest)
    return rng.choice(_USED).format(f=feature)


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
