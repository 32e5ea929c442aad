"""The assistant's own words: one wording for each thing it asks or says, so that a small model can learn them all."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue_service.caption_words import listed
from training.datasets.language.picture import Picture
from training.datasets.language.wish import Wish
from training.datasets.world import COLOURS, KINDS, article

_ABILITIES = "i can recolour, replace, remove, add or resize things, and change the place, time, weather or style."
SMALL_TALK = {
    "hello": "hello! tell me what to change in the picture.",
    "thanks": "you're welcome!",
    "praise": "i'm glad you like it!",
    "bye": "goodbye, and enjoy your picture!",
    "who": "i'm dialogpaint: i change pictures the way you tell me.",
    "help": _ABILITIES,
    "colours": f"i know {listed(COLOURS, 'and')}.",
    "things": f"i can draw these: {', '.join(KINDS)}.",
    "off_topic": "i only know about changing pictures: tell me what to change.",
    "cannot": f"i can't do that, but {_ABILITIES}",
    "unclear": "i didn't understand that: tell me what to change in the picture.",
    "never": "all right, i leave it as it is.",
    "no": "all right. tell me what to change instead.",
    "reset": "i can take back one change at a time: say undo.",
    "nothing_to_undo": "there is nothing to undo yet.",
    "untold": "i don't know that: nobody told me.",
}
ASPECTS = "the place, the time, the weather or the style"
HINTS = ("cat", "tree", "car", "star", "ball", "flower")
WHICH_PLACE = "where to: the meadow, the beach, the desert, the snow, the city or the forest?"
WHICH_TIME = "which time of day: day, sunset or night?"
WHICH_WEATHER = "which weather: clear, rain or snow?"
WHICH_STYLE = "which style: black and white, sepia, pencil sketch, negative, pixel art or normal?"


def the_things(picture: Picture, joint: str = "or") -> str:
    """The things of a picture as a list."""
    return listed([f"the {kind}" for kind in picture.kinds], joint)


def what_to_change(picture: Picture) -> str:
    """Asked when nothing is clear."""
    things = "".join(f"the {kind}, " for kind in picture.kinds) if picture.known else "a thing, "
    return f"what shall i change: {things}{ASPECTS}?"


def what_about(kind: str) -> str:
    """Asked when only the thing is clear."""
    return f"what about the {kind}: another colour, another size, something else in its place, or remove it?"


def which_one(picture: Picture, wish: Wish) -> str:
    """Asked when the thing is open."""
    if not picture.known:
        return f"what in the picture shall i {verb(wish)}?"
    return f"which one shall i {verb(wish)}: {the_things(picture)}?"


def verb(wish: Wish) -> str:
    """What is to be done, with its thing where that is clear."""
    it = f"the {wish.target}" if wish.target else ""
    with_new = f"with {thing_named(wish.new, wish.colour)}" if wish.new else ""
    return " ".join(
        {
            "change": f"change {it}",
            "recolour": f"paint {it} {wish.colour or ''}",
            "replace": f"replace {it} {with_new}",
            "remove": f"remove {it}",
            "resize": f"make {it} {wish.size}" if wish.size else f"resize {it}",
        }[wish.action].split()
    )


def thing_named(kind: str, colour: str | None) -> str:
    """`a green umbrella`, or `an umbrella`."""
    return article(f"{colour} {kind}" if colour else kind)


def which_colour(kind: str) -> str:
    """Asked when the colour is open."""
    return f"which colour should the {kind} be?"


def no_such_colour(kind: str, colour: str) -> str:
    """Asked when the world lacks a colour."""
    return f"i have no {colour}. {which_colour_of_all(kind)}"


def which_colour_of_all(kind: str) -> str:
    """Asked when the user wants to know what colours there are."""
    return f"which colour should the {kind} be: {listed(COLOURS)}?"


def what_instead(picture: Picture, kind: str) -> str:
    """Asked when what to put in a thing's place is open."""
    return f"what shall i put in place of the {kind}, {hints(picture)}?"


def what_to_add(picture: Picture) -> str:
    """Asked when the thing to add is open."""
    return f"what shall i add, {hints(picture)}?"


def hints(picture: Picture) -> str:
    """Three things that can be drawn and are not there yet."""
    return "for example " + listed([article(hint) for hint in hinted(picture)])


def hinted(picture: Picture) -> tuple[str, ...]:
    """Their names."""
    there = picture.kinds if picture.known else ()
    return tuple(hint for hint in HINTS if hint not in there)[:3]


def where(sides: Sequence[str]) -> str:
    """The sides that are free, as a list."""
    return listed([side for side in ("left", "middle", "right") if side in sides])


def already(value: str) -> str:
    """Said when a place, time, weather or style is as wished."""
    is_so = {
        "day": "it is day",
        "sunset": "it is sunset",
        "night": "it is night",
        "clear": "the weather is clear",
        "rain": "it is raining",
        "snowfall": "it is snowing",
        "normal": "it is a normal picture",
        "black and white": "it is black and white",
        "sepia": "it is sepia",
        "pencil sketch": "it is a pencil sketch",
        "negative": "it is a negative",
        "pixel art": "it is pixel art",
    }
    return is_so.get(value, f"it is in the {value}") + " already."
