"""Noun phrases that tell a thing without its name: by side, colour, size, kind, order or what the other one is.

`{s}` is a side, `{w}` the side in words (`on the left`), `{c}` a colour, `{k}` the thing's name, `{o}` the other's.
"""

from __future__ import annotations

FAMILIES = {
    "animal": ("cat", "bird", "fish"),
    "critter": ("cat", "bird", "fish"),
    "beast": ("cat", "bird", "fish"),
    "living being": ("cat", "bird", "fish", "tree", "flower"),
    "living thing": ("cat", "bird", "fish", "tree", "flower"),
    "pet": ("cat", "fish"),
    "vehicle": ("car", "boat"),
    "plant": ("tree", "flower"),
    "round thing": ("ball", "balloon"),
    "round one": ("ball", "balloon"),
    "toy": ("ball", "balloon"),
    "plaything": ("ball", "balloon"),
    "sphere": ("ball",),
    "creature": ("cat", "bird", "fish"),
    "building": ("house",),
    "dwelling": ("house",),
    "piece of architecture": ("house",),
    "mammal": ("cat",),
    "furry one": ("cat",),
    "four-legged one": ("cat",),
    "purring one": ("cat",),
    "feathered one": ("bird",),
    "winged one": ("bird",),
    "singer": ("bird",),
    "swimmer with fins": ("fish",),
    "finned one": ("fish",),
    "sea creature": ("fish",),
    "means of transport": ("car", "boat"),
    "motor vehicle": ("car",),
    "road vehicle": ("car",),
    "thing on wheels": ("car",),
    "watercraft": ("boat",),
    "sailing thing": ("boat",),
    "growing thing": ("tree", "flower"),
    "plant with a trunk": ("tree",),
    "blooming one": ("flower",),
    "rain gear": ("umbrella",),
    "rain protection": ("umbrella",),
    "party decoration": ("balloon",),
    "inflatable thing": ("balloon",),
    "heavenly body": ("star",),
    "celestial body": ("star",),
    "twinkling thing": ("star",),
    "lifeless thing": ("house", "car", "boat", "ball", "star", "balloon", "umbrella"),
}
"""What a kind of thing is called, and all that the world has of it."""
OF_A_FAMILY = ("the {f}", "the {f}", "the {f}", "that {f}", "the only {f}", "the one {f} there is")

OF_A_COLOUR = (
    "the {c} one", "the {c} one", "the {c} thing", "that {c} thing", "that {c} one", "the {c} object", "the {c} bit",
    "the {c} item", "the {c} part", "whatever is {c}", "what is {c}", "what's {c}", "the one in {c}",
    "the thing in {c}", "the one that's {c}", "the thing that is {c}", "the bit that is {c}",
    "the one that is painted {c}", "the one which is {c}", "whatever you see there in {c}", "the thing i see in {c}",
    "the only {c} thing", "the only one that is {c}", "the only thing in {c}", "the thing with the {c} colour",
    "whichever is {c}", "the {c} fellow", "the one dressed in {c}", "the one wearing {c}",
)  # fmt: skip
DARK, PALE = ("black", "brown"), ("white", "yellow", "pink")
"""Colours of which everybody would say that one is darker than the other."""
DARKER = ("the darker one", "the darker of the two", "the dark one", "the one in the darker colour")
PALER = ("the lighter-coloured one", "the paler of the two", "the pale one", "the one in the lighter colour")

ON_A_SIDE = (
    "the {k} {w}", "the {k} {w}", "the thing {w}", "the one {w}", "the one {w}", "the {s} one", "the {s} one",
    "the thing on the {s}", "the {s} thing", "the object {w}", "the item {w}", "whatever stands {w}", "whatever is {w}",
    "what stands {w}", "what is {w}", "the one standing {w}", "the one that's {w}", "the thing which is {w}",
    "whatever you see {w}", "whatever you have {w}", "whatever it is that stands {w}", "the thing you see {w}",
    "the {k} over there {w}", "that thing {w}", "that {k} {w}", "the bit {w}", "the only thing {w}",
    "the {k} that's {w}",
)  # fmt: skip
LEFT_OR_RIGHT = (
    "the {s}-hand one", "the {s} hand one", "the {s}-hand {k}", "the thing over on the {s}", "what's on the {s}",
    "whatever is on the {s} hand side", "whatever is on the {s} side", "the object on the {s} hand side",
    "the object at the {s} edge", "the thing near the {s} edge", "the one by the {s} edge", "the one on my {s}",
    "whatever comes on the {s}", "the one at the {s} side", "whatever lives on the {s}", "what you see on the {s}",
    "the {k} on the {s} side", "the thing on the {s} half", "everything on the {s} side", "the {s} object",
)  # fmt: skip
CENTRAL = (
    "the thing at the centre", "the central thing", "the central one", "the centre one", "the object in the centre",
    "whatever is in the centre of the picture", "what's in the middle", "the middle one", "the {k} in the centre",
    "the thing halfway across", "whatever stands right in the middle", "the one slap bang in the middle",
    "the object in the middle", "whatever fills the middle",
)  # fmt: skip
OUTERMOST = (
    "the {s}most thing", "the {s}most one", "the one furthest to the {s}", "the thing furthest {s}",
    "whatever is furthest {s}", "whatever stands furthest to the {s}", "the {s}most object",
    "the first one from the {s}", "the thing nearest the {s} edge", "the one closest to the {s} edge",
    "the object at the {s} end", "the one at the {s} end", "the {s}most {k}", "the first thing from the {s}",
)  # fmt: skip
OF_TWO_SIDES = (
    "the one further {s}", "the thing further to the {s}", "the {s} one of the two", "the {s} of the two",
    "the one of the two that is further {s}", "the one of the two on the {s}", "whichever of the two is further {s}",
    "whichever is further to the {s}", "the thing to the {s} of the {o}", "the one {s} of the {o}",
    "what is to the {s} of the {o}", "whatever is {s} of the {o}", "the {o}'s neighbour on the {s}",
    "the thing on the {s} side of the {o}", "the one standing {s} of the {o}",
)  # fmt: skip
BETWEEN = (
    "the one in between", "the thing in between", "the thing between the {o} and the {q}", "whatever is in between",
    "the one between the {o} and the {q}", "what stands between the {o} and the {q}", "the middle one of the three",
)  # fmt: skip

BIG = (
    "big", "large", "bigger", "huge", "giant", "enormous", "great big", "massive", "tall", "larger", "gigantic",
    "oversized", "biggest",
)  # fmt: skip
SMALL = (
    "small", "little", "smaller", "tiny", "wee", "mini", "teeny", "itty-bitty", "titchy", "dinky", "miniature",
    "smallest", "teensy",
)  # fmt: skip
OF_A_SIZE = (
    "the {z} one", "the {z} one", "the {z} one", "that {z} one", "the {z} thing", "that {z} thing", "the {z} object",
    "the {z} item", "the {z} {k}", "the only {z} one",
)  # fmt: skip
SO_BIG = (
    "the big fellow", "the giant", "the one that is so big", "the thing that's so large", "whatever is so huge",
    "the one that takes up so much room", "the colossus", "the big guy", "the whopper", "that giant of a thing",
)  # fmt: skip
SO_SMALL = (
    "the little fellow", "the little guy", "the one that is so small", "the thing that's so tiny", "the titch",
    "whatever is so small there", "the one you can hardly see", "the dwarf", "the tiddler", "that crumb of a thing",
)  # fmt: skip
BIGGER_OF_TWO = (
    "the bigger of the two", "the larger one", "the bigger thing", "the bigger one", "the larger of the two",
    "the one of the two that is bigger", "whichever is bigger", "whichever of the two is larger", "the bigger object",
    "the one that takes up more room", "the larger thing", "the one that's bigger than the {o}",
    "the thing that is larger than the {o}",
)  # fmt: skip
SMALLER_OF_TWO = (
    "the smaller of the two", "the smaller one", "the tinier thing", "the smaller thing", "the tinier of the two",
    "the one of the two that is smaller", "whichever is smaller", "whichever of the two is tinier",
    "the smaller object", "the one that takes up less room", "the lesser of the two",
    "the one that's smaller than the {o}",    "the thing that is smaller than the {o}",
)  # fmt: skip

NEXT_TO = (
    "the thing next to the {o}", "the one that isn't the {o}", "the thing beside the {o}", "the one next to the {o}",
    "not the {o} but the other one", "the thing that is not the {o}", "the neighbour of the {o}", "the {o}'s neighbour",
    "what stands beside the {o}", "whatever is there besides the {o}", "whatever isn't the {o}", "the one by the {o}",
    "the thing that keeps the {o} company", "the companion of the {o}", "whatever else there is beside the {o}",
    "the one that shares the picture with the {o}", "the other one, not the {o}", "the other thing next to the {o}",
)  # fmt: skip
NUMBERED = (
    "the {n} thing", "the {n} one", "the {n} of the two", "the {n} of them", "the {n} of the pair", "the one named {n}",
    "the thing mentioned {n}", "the {n} one named", "the one that comes {n} in the description",
)  # fmt: skip
NOT_OF_THAT_COLOUR = (
    "the thing that isn't {c}", "the one that isn't {c}", "the one that is not {c}", "whatever isn't {c}",
    "what's not {c}", "the one of the two that isn't {c}", "whichever isn't {c}", "the one in any colour but {c}",
    "the thing of the two that is not {c}", "the one that's some other colour than {c}",
)  # fmt: skip
NOT_ON_THAT_SIDE = (
    "the one that isn't {w}", "the thing that is not {w}", "whatever isn't {w}", "the one of the two that isn't {w}",
    "whichever isn't {w}",
)  # fmt: skip
NOT_OF_THAT_FAMILY = (
    "the one that isn't {f}", "the thing that isn't {f}", "whatever is not {f}", "the one of the two that's not {f}",
)  # fmt: skip
PLAINLY_NOT = ("animal", "vehicle", "plant", "toy", "building", "living thing")
"""Families by which a thing may be told that does not belong to them."""
ONLY = (
    "the only thing there is", "the only thing in it", "the one thing in the picture", "whatever is in the picture",
    "the only object", "the lone {k}", "the only thing you can see", "the thing in the picture", "what there is in it",
    "the only {k} there is",
)  # fmt: skip
