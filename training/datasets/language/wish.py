"""A wish: as much of a change as the user has said so far."""

from __future__ import annotations

from dataclasses import dataclass, replace

from training.datasets.changes import (
    Add,
    Change,
    Recolour,
    Relight,
    Remove,
    Replace,
    Resize,
    SetPlace,
    SetStyle,
    SetTime,
    SetWeather,
)
from training.datasets.language.picture import UNTOLD, Picture

ON_THINGS = ("recolour", "replace", "remove", "resize")
"""Actions on one thing that is there."""
SETTINGS = ("place", "time", "weather", "style")
"""Actions that set something of the whole picture to one of several values."""


@dataclass(frozen=True)
class Wish:
    """What is wanted, where None is not said yet.

    `action` is `any`, `change` (a thing, somehow), `recolour`, `replace`, `remove`, `add`, `resize`, `place`, `time`,
    `weather`, `style` or `light`; `target` the thing meant; `new` the thing to put in; `value` a place, time, weather
    or style, or `brighter` or `darker`.
    """

    action: str
    target: str | None = None
    new: str | None = None
    colour: str | None = None
    side: str | None = None
    size: str | None = None
    value: str | None = None


def wish_of(change: Change) -> Wish:
    """The wish that says a change completely."""
    match change:
        case Recolour(kind, colour):
            return Wish("recolour", kind, colour=colour)
        case Replace(kind, new, colour):
            return Wish("replace", kind, new=new, colour=colour)
        case Remove(kind):
            return Wish("remove", kind)
        case Add(kind, colour, side):
            return Wish("add", new=kind, colour=colour, side=side)
        case Resize(kind, size):
            return Wish("resize", kind, size=size)
        case SetPlace(place):
            return Wish("place", value=place)
        case SetTime(time):
            return Wish("time", value=time)
        case SetWeather(weather):
            return Wish("weather", value=weather)
        case SetStyle(style):
            return Wish("style", value=style)
        case Relight(light):
            return Wish("light", value=light)


def change_of(wish: Wish) -> Change | None:
    """The change that a wish says completely; None for any other."""
    match wish:
        case Wish("recolour", str(kind), colour=str(colour)):
            return Recolour(kind, colour)
        case Wish("replace", str(kind), new=str(new)):
            return Replace(kind, new, wish.colour)
        case Wish("remove", str(kind)):
            return Remove(kind)
        case Wish("resize", str(kind), size=str(size)):
            return Resize(kind, size)
        case _:
            return None


def undoing(change: Change, before: Picture) -> Wish:
    """The wish that takes a change back, as far as the assistant knows how it was before."""
    match change:
        case Recolour(kind, _):
            return Wish("recolour", kind, colour=_told(before, kind, "colour"))
        case Replace(kind, new, _):
            return Wish("replace", new, new=kind, colour=_told(before, kind, "colour"))
        case Remove(kind):
            side = _told(before, kind, "side")
            return Wish("add", new=kind, colour=_told(before, kind, "colour"), side=side)
        case Add(kind, _, _):
            return Wish("remove", kind)
        case Resize(kind, size):
            return Wish("resize", kind, size="smaller" if size == "bigger" else "bigger")
        case SetPlace(_):
            return Wish("place", value=_setting(before, "place"))
        case SetTime(_):
            return Wish("time", value=_setting(before, "time"))
        case SetWeather(_):
            return Wish("weather", value=_setting(before, "weather"))
        case SetStyle(_):
            return Wish("style", value=before.scene.style if before.known else "normal")
        case Relight(light):
            return Wish("light", value="darker" if light == "brighter" else "brighter")


def repeated(change: Change, target: str) -> Wish | None:
    """The same change to another thing, or None where that makes no sense."""
    if isinstance(change, Recolour | Resize | Remove):
        return replace(wish_of(change), target=target)
    return None


def subject(change: Change) -> str | None:
    """The thing that "it" means after a change."""
    match change:
        case Recolour(kind, _) | Add(kind, _, _) | Resize(kind, _) | Replace(_, kind, _):
            return kind
        case _:
            return None


def _told(picture: Picture, kind: str, attribute: str) -> str | None:
    thing = picture.thing(kind)
    value: str = getattr(thing, attribute) if thing else UNTOLD
    return value or None


def _setting(picture: Picture, attribute: str) -> str | None:
    value: str = getattr(picture.scene, attribute) if picture.known else UNTOLD
    return value or None
