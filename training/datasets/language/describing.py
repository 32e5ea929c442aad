"""Ways to say which thing is meant without its name: by size, kind, a part of it, its place, what the other is not."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence

from training.datasets.language.lexicon import FEATURES
from training.datasets.language.picture import Picture
from training.datasets.language.referring import (
    BETWEEN,
    BIG,
    BIGGER_OF_TWO,
    DARK,
    DARKER,
    FAMILIES,
    NEXT_TO,
    NOT_OF_THAT_COLOUR,
    NOT_OF_THAT_FAMILY,
    NUMBERED,
    OF_A_FAMILY,
    OF_A_SIZE,
    OF_TWO_SIDES,
    ONLY,
    OUTERMOST,
    PALE,
    PALER,
    PLAINLY_NOT,
    SMALL,
    SMALLER_OF_TWO,
    SO_BIG,
    SO_SMALL,
)
from training.datasets.world import SIZES, Thing, article

_FROM_LEFT = ("left", "middle", "right")

_WHATEVER = (("with ", " has "), ("that ", " "))
"""How a feature of the table begins, and what stands for that behind `whatever`."""
_ONE = ("the one", "the one", "the thing", "the only one", "that thing", "the object", "the one thing")
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
    return f"{rng.choice(_ONE)} {feature}"


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


def by_size(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the tiny one`, where nothing else is of that size."""
    alone = sum(other.size == thing.size for other in picture.scene.things) == 1
    if thing.size == "normal" or not alone or len(picture.kinds) < 2:
        return None
    words, forms = (BIG, SO_BIG) if thing.size == "big" else (SMALL, SO_SMALL)
    return rng.choice(OF_A_SIZE if rng.random() < 0.7 else forms).format(z=rng.choice(words), k=thing.kind)


def by_family(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the animal`, where there is only one."""
    fitting = fitting_alone(FAMILIES, picture, thing)
    return rng.choice(OF_A_FAMILY).format(f=rng.choice(fitting)) if fitting else None


def by_other(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the one next to the house`, of two things."""
    other = other_of_two(picture, thing)
    return rng.choice(NEXT_TO).format(o=other.kind) if other else None


def by_being_alone(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the only thing in it`, if it is."""
    return rng.choice(ONLY).format(k=thing.kind) if picture.full and len(picture.kinds) == 1 else None


def other_of_two(picture: Picture, thing: Thing) -> Thing | None:
    """The other thing, if there are just two."""
    others = [each for each in picture.scene.things if each.kind != thing.kind]
    return others[0] if len(others) == 1 else None


def by_contrast(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the one that isn't red`, `the first thing`, `the bigger of the two`: by what the other of two things is."""
    other = other_of_two(picture, thing)
    if other is None:
        return None
    ways = [_in_order(picture, thing), _unlike(thing, other), _in_size(picture, thing, other)]
    if picture.closed:
        ways += [_in_shade(thing, other), _of_no_family(thing, other)]
    fitting = [forms for forms in ways if forms]
    return rng.choice(rng.choice(fitting)).format(o=other.kind) if fitting else None


def _in_order(picture: Picture, thing: Thing) -> Sequence[str]:
    """Ordinals, as long as the two things are those of the caption."""
    told = (picture.caption or "").replace(",", " ").replace(":", " ").split()
    if not all(kind in told for kind in picture.kinds) or told.index(picture.kinds[0]) > told.index(picture.kinds[1]):
        return ()
    number = "first" if thing.kind == picture.kinds[0] else "second"
    return [form.format(n=number) for form in NUMBERED]


def _unlike(thing: Thing, other: Thing) -> Sequence[str]:
    if not thing.colour or not other.colour or thing.colour == other.colour:
        return ()
    return [form.format(c=other.colour) for form in NOT_OF_THAT_COLOUR]


def _in_size(picture: Picture, thing: Thing, other: Thing) -> Sequence[str]:
    if not picture.full or thing.size == other.size:
        return ()
    return BIGGER_OF_TWO if SIZES.index(thing.size) > SIZES.index(other.size) else SMALLER_OF_TWO


def _in_shade(thing: Thing, other: Thing) -> Sequence[str]:
    if thing.colour in DARK and other.colour in PALE:
        return DARKER
    return PALER if thing.colour in PALE and other.colour in DARK else ()


def _of_no_family(thing: Thing, other: Thing) -> Sequence[str]:
    families = [name for name in PLAINLY_NOT if other.kind in FAMILIES[name] and thing.kind not in FAMILIES[name]]
    return [form.format(f=article(family)) for family in families for form in NOT_OF_THAT_FAMILY]


def by_place(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the leftmost thing`, `the one further right`, `the one in between`, where all sides are known."""
    order = [each for side in _FROM_LEFT for each in picture.scene.things if each.side == side]
    if len(order) < 2 or len({each.side for each in order}) != len(picture.kinds):
        return None
    if thing not in (order[0], order[-1]):
        return rng.choice(BETWEEN).format(o=order[0].kind, q=order[-1].kind)
    forms = (*OUTERMOST, *OF_TWO_SIDES) if len(order) == 2 else OUTERMOST
    side, other = ("left", order[-1]) if thing == order[0] else ("right", order[0])
    return rng.choice(forms).format(s=side, k=thing.kind, o=other.kind)
