"""The many ways in which people name a thing, a colour, a side."""

from __future__ import annotations

import random

from training.datasets.language.describing import by_contrast, by_feature, by_place, fitting_alone
from training.datasets.language.lexicon import COLOUR_SYNONYMS, LIKE_NAMES, LIKENESSES, SYNONYMS
from training.datasets.language.picture import UNTOLD, Picture
from training.datasets.language.wordings import thing_named
from training.datasets.world import Thing

__all__ = ["COLOUR_SYNONYMS", "FAMILIES", "SYNONYMS", "described", "name_colour", "name_new", "name_side", "refer"]

FAMILIES = {
    "animal": ("cat", "bird", "fish"),
    "critter": ("cat", "bird", "fish"),
    "beast": ("cat", "bird", "fish"),
    "living being": ("cat", "bird", "fish", "tree", "flower"),
    "pet": ("cat", "fish"),
    "vehicle": ("car", "boat"),
    "plant": ("tree", "flower"),
    "round thing": ("ball", "balloon"),
    "round one": ("ball", "balloon"),
    "toy": ("ball", "balloon"),
    "creature": ("cat", "bird", "fish"),
    "building": ("house",),
    "mammal": ("cat",),
    "furry one": ("cat",),
    "feathered one": ("bird",),
    "means of transport": ("car", "boat"),
    "growing thing": ("tree", "flower"),
    "rain gear": ("umbrella",),
}
SHADES = (
    "bright", "dark", "light", "deep", "pale", "strong", "soft", "vivid", "rich", "warm", "bold", "plain", "pure",
    "really bright", "very dark", "really dark", "very light", "nice bright", "lovely deep", "intense",
)  # fmt: skip
ALIKE = (
    "the colour of {l}", "the colour of {l}", "the colour of {l}", "the same colour as {l}", "the same shade as {l}",
    "the {c} of {l}", "{c} like {l}", "{c} like {l}",
)  # fmt: skip
"""Comparisons that read right behind "paint it" as well as behind "in", "to" and "for"."""
_ALONE_IN_COLOUR = ("whatever is {c}", "what is {c}", "the {c} object", "the one in {c}", "the thing that is {c}")
NEEDS_SIDES = (
    "the {k} {w}",
    "the thing {w}",
    "the one {w}",
    "the {s} one",
    "the thing on the {s}",
    "the {s} thing",
    "the object {w}",
    "whatever stands {w}",
    "whatever is {w}",
    "what stands {w}",
    "the one standing {w}",
    "the thing over {w}",
    "the {s}-hand one",
    "the {k} over there {w}",
)

_BIG = ("big", "large", "bigger", "huge", "giant", "enormous", "great big", "massive")
_SMALL = ("small", "little", "smaller", "tiny", "wee", "mini", "teeny", "itty-bitty")

_MIDDLE = (
    "in the centre", "in the center", "right in the middle", "in the middle of the picture", "at the centre",
    "slap bang in the middle", "bang in the middle", "dead centre", "smack in the middle",
)  # fmt: skip


def refer(rng: random.Random, picture: Picture, kind: str) -> str:
    """A noun phrase that the assistant can resolve: mostly `the house`, else by colour, side, size or family."""
    thing = picture.thing(kind)
    chance = rng.random()
    if chance < 0.35 or thing is None:
        return (
            f"the {kind}"
            if chance < 0.9
            else rng.choice((f"that {kind}", f"my {kind}", f"this {kind}", f"our {kind}", kind))
        )
    if chance < 0.38:
        return kind
    if chance < 0.43:
        return rng.choice(
            (f"that {kind}", f"my {kind}", f"this {kind}", kind, f"the little {kind}", f"the {kind} there")
        )
    return rng.choice(_DESCRIPTIONS)(rng, picture, thing) or f"the {kind}"


def described(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    """A description that fits this thing alone and does not say its name, where there is one."""
    for describe in rng.sample(_DESCRIPTIONS, len(_DESCRIPTIONS)):
        found = describe(rng, picture, thing)
        if found is not None and thing.kind not in found:
            return found
    return None


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


def _by_other(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    if len(picture.kinds) != 2:
        return None
    other = next(kind for kind in picture.kinds if kind != thing.kind)
    forms = (
        "the thing next to the {o}",
        "the one that isn't the {o}",
        "the thing beside the {o}",
        "the one next to the {o}",
    )
    return rng.choice((*forms, "not the {o} but the other one", "the thing that is not the {o}")).format(o=other)


def _by_colour(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    if not thing.colour:
        return None
    alone = sum(other.colour == thing.colour for other in picture.scene.things) == 1
    forms = (
        ("the {c} {k}", "the {c} {k}", "the {c} one", "the {c} thing", "that {c} thing", *_ALONE_IN_COLOUR)
        if alone
        else ("the {c} {k}",)
    )
    return rng.choice(forms).format(c=thing.colour, k=thing.kind)


def _by_side(rng: random.Random, _: Picture, thing: Thing) -> str | None:
    if thing.side == UNTOLD:
        return None
    return rng.choice(NEEDS_SIDES).format(k=thing.kind, s=thing.side, w=name_side(rng, thing.side))


def _by_size(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    alone = sum(other.size == thing.size for other in picture.scene.things) == 1
    if thing.size == "normal" or not alone or len(picture.kinds) < 2:
        return None
    word = rng.choice(_BIG if thing.size == "big" else _SMALL)
    return f"{rng.choice(('the', 'the', 'that'))} {word} {rng.choice(('one', 'one', 'thing', thing.kind))}"


def _by_family(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    fitting = fitting_alone(FAMILIES, picture, thing)
    return f"the {rng.choice(fitting)}" if fitting else None


def _by_synonym(rng: random.Random, picture: Picture, thing: Thing) -> str | None:
    return f"the {rng.choice(SYNONYMS[thing.kind])}" if picture.closed and thing.kind in SYNONYMS else None


_DESCRIPTIONS = (
    *(_by_colour, _by_side, _by_side, _by_size, _by_family, _by_synonym, _by_synonym, _by_other),
    *(by_feature, by_contrast, by_place),
)
