"""The many ways in which people name a thing, a colour, a side."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from training.datasets.language.describing import (
    by_being_alone,
    by_contrast,
    by_family,
    by_feature,
    by_other,
    by_place,
    by_size,
    other_of_two,
)
from training.datasets.language.lexicon import COLOUR_SYNONYMS, LIKE_NAMES, LIKENESSES, SYNONYMS
from training.datasets.language.picture import UNTOLD, Picture
from training.datasets.language.referring import (
    CENTRAL,
    FAMILIES,
    LEFT_OR_RIGHT,
    NOT_ON_THAT_SIDE,
    OF_A_COLOUR,
    ON_A_SIDE,
)
from training.datasets.language.wordings import thing_named
from training.datasets.world import Thing

__all__ = [
    "COLOUR_SYNONYMS",
    "DESCRIPTIONS",
    "FAMILIES",
    "SYNONYMS",
    "described",
    "name_colour",
    "name_new",
    "name_side",
    "refer",
]

NAMED = 0.4
"""Share of things that are called by their name though a description would fit."""
SHADES = (
    "bright", "dark", "light", "deep", "pale", "strong", "soft", "vivid", "rich", "warm", "bold", "plain", "pure",
    "really bright", "very dark", "really dark", "very light", "nice bright", "lovely deep", "intense",
)  # fmt: skip
ALIKE = (
    "the colour of {l}", "the colour of {l}", "the colour of {l}", "the same colour as {l}", "the same shade as {l}",
    "the {c} of {l}", "{c} like {l}", "{c} like {l}",
)  # fmt: skip
"""Comparisons that read right behind "paint it" as well as behind "in", "to" and "for"."""
_MIDDLE = (
    "in the centre", "in the center", "right in the middle", "in the middle of the picture", "at the centre",
    "slap bang in the middle", "bang in the middle", "dead centre", "smack in the middle",
)  # fmt: skip


def refer(rng: random.Random, picture: Picture, kind: str) -> str:
    """A noun phrase that the assistant can resolve: less often `the house` than a description that fits it alone."""
    thing = picture.thing(kind)
    if thing is None or rng.random() < NAMED:
        return _by_name(rng, kind)
    return next(_descriptions(rng, picture, thing), None) or _by_name(rng, kind)


def described(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """A description that fits this thing alone and does not say its name, where there is one."""
    return next((found for found in _descriptions(rng, picture, thing) if thing.kind not in found), None)


def name_new(rng: random.Random, kind: str, colour: str | None) -> str:
    """A thing that is not there yet: `a green umbrella`."""
    chance = rng.random()
    if colour and chance < 0.06:
        return f"{thing_named(kind, None)} in {colour}"
    if chance < 0.1:
        return f"{colour or ''} {kind}".strip()
    if chance < 0.13:
        return f"one {colour or ''} {kind}".replace("  ", " ")
    if chance < 0.17:
        return f"a {rng.choice(('nice', 'cute', 'pretty', 'little', 'lovely'))} {colour or ''} {kind}".replace(
            "  ", " "
        )
    if chance < 0.19:
        return "a " + f"{colour or ''} {kind}".strip()
    return thing_named(kind, colour)


def name_colour(rng: random.Random, picture: Picture, colour: str) -> str:
    """A colour, seldom by another word for it, a shade of it or what is known to have it."""
    chance = rng.random()
    if not picture.closed or colour not in COLOUR_SYNONYMS or chance < 0.81:
        return colour
    if chance < 0.885:
        return rng.choice(COLOUR_SYNONYMS[colour])
    if chance < 0.925:
        return f"{rng.choice(SHADES)} {colour}"
    if chance < 0.96:
        return rng.choice(ALIKE).format(c=colour, l=rng.choice(LIKENESSES[colour]))
    if chance < 0.985:
        return f"{rng.choice(LIKE_NAMES[colour])}{rng.choice('- ')}coloured"
    return f"as {colour} as {rng.choice(LIKENESSES[colour])}"


def name_side(rng: random.Random, side: str, picture: Picture | None = None) -> str:
    """Where to put a thing, seldom by what stands there already."""
    usual = "in the middle" if side == "middle" else f"on the {side}"
    chance = rng.random()
    if chance < 0.62:
        return usual
    if chance < 0.7:
        return _beside(rng, side, picture) or usual
    if side == "middle":
        return rng.choice(_MIDDLE)
    forms = (
        "to the {s}",
        "on the {s} side",
        "on the {s} hand side",
        "at the {s}",
        "over on the {s}",
        "to the {s} side",
        "{s}",
        "off to the {s}",
        "at the {s} edge",
        "in the {s} part",
        "on the far {s}",
    )
    return rng.choice(forms).format(s=side)


def _beside(rng: random.Random, side: str, picture: Picture | None) -> str | None:
    """`between the house and the tree`, `to the left of the house`, where that can only mean this side."""
    if picture is None or not picture.known:
        return None
    stands = {thing.side: thing.kind for thing in picture.scene.things}
    if side == "middle" and {"left", "right"} <= stands.keys():
        pair = [f"the {stands['left']}", f"the {stands['right']}"]
        rng.shuffle(pair)
        near = ("between them", "between the two", "in between", "between the two of them", "between those two")
        return rng.choice(near) if rng.random() < 0.4 else "between " + " and ".join(pair)
    if side != "middle" and "middle" in stands:
        forms = ("to the {s} of the {k}", "{s} of the {k}", "on the {k}'s {s}", "just {s} of the {k}")
        return rng.choice(forms).format(s=side, k=stands["middle"])
    return None


def _descriptions(rng: random.Random, picture: Picture, thing: Thing) -> Iterator[str]:
    """What tells this thing alone, one way after the other, in any order."""
    for describe in rng.sample(_DESCRIPTIONS, len(_DESCRIPTIONS)):
        if found := describe(rng, picture, thing):
            yield found


def _by_name(rng: random.Random, kind: str) -> str:
    if rng.random() < 0.8:
        return f"the {kind}"
    return rng.choice((f"that {kind}", f"my {kind}", f"this {kind}", f"our {kind}", kind, f"the {kind} there"))


def _by_colour(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the red cat`, and without its name where nothing else is red."""
    if not thing.colour:
        return None
    alone = sum(other.colour == thing.colour for other in picture.scene.things) == 1
    if not alone or rng.random() < 0.15:
        return f"the {thing.colour} {thing.kind}"
    colour = thing.colour
    if picture.closed and colour in COLOUR_SYNONYMS and rng.random() < 0.12:
        colour = rng.choice(COLOUR_SYNONYMS[colour])
    return rng.choice(OF_A_COLOUR).format(c=colour)


def _by_side(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    if thing.side == UNTOLD or sum(other.side == thing.side for other in picture.scene.things) > 1:
        return None
    forms = ON_A_SIDE if rng.random() < 0.6 else CENTRAL if thing.side == "middle" else LEFT_OR_RIGHT
    return rng.choice(forms).format(k=thing.kind, s=thing.side, w=_side_of(rng, thing))


def _by_other_side(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """`the one that isn't on the left`, of two things."""
    other = other_of_two(picture, thing)
    if other is None or UNTOLD in (thing.side, other.side) or thing.side == other.side:
        return None
    return rng.choice(NOT_ON_THAT_SIDE).format(w=_side_of(rng, other))


def _side_of(rng: random.Random, thing: Thing) -> str:
    """Where a thing stands, but never just `left`: whatever is left would be what remains."""
    words = name_side(rng, thing.side)
    return f"on the {words}" if words in ("left", "right") else words


def _by_synonym(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    return f"the {rng.choice(SYNONYMS[thing.kind])}" if picture.closed and thing.kind in SYNONYMS else None


Describe = Callable[[random.Random, Picture, Thing], str | None]
DESCRIPTIONS: dict[str, Describe] = {
    "colour": _by_colour,
    "side": _by_side,
    "size": by_size,
    "place in the row": by_place,
    "contrast": by_contrast,
    "the other one": by_other,
    "kind of thing": by_family,
    "feature": by_feature,
    "another word": _by_synonym,
}
"""The ways to tell a thing without its name, each of which may find nothing that fits it alone."""
_DESCRIPTIONS = (
    *DESCRIPTIONS.values(),
    *(_by_colour, _by_side, by_size, by_family, by_contrast, by_place, _by_other_side, by_being_alone),
)
