"""What the assistant picks when the user leaves the choice to it."""

from __future__ import annotations

from dataclasses import replace

from training.datasets.language.assistant import Reply
from training.datasets.language.picture import Picture
from training.datasets.language.wish import Wish
from training.datasets.language.wordings import HINTS

_FAVOURITES = {
    "place": ("beach", "forest"),
    "time": ("sunset", "night"),
    "weather": ("snowfall", "clear"),
    "style": ("pencil sketch", "normal"),
}
ORDER = ("left", "middle", "right")


def can_choose(picture: Picture, question: Reply) -> bool:
    """Whether "you choose" can be answered: not which thing, where nobody told what there is."""
    return question.asks not in ("", "confirm") and (picture.known or question.asks != "which")


def chosen(picture: Picture, question: Reply) -> Wish:
    """The wish with what was asked for filled in: always the same sensible pick for the same state."""
    wish = question.wish or Wish("any")
    match question.asks:
        case "any":
            return _anything(picture)
        case "which":
            return replace(wish, target=picture.kinds[0])
        case "about":
            return Wish("recolour", wish.target, colour=favourite_colour(picture, wish.target))
        case "colour":
            return replace(wish, colour=favourite_colour(picture, wish.target if wish.action == "recolour" else None))
        case "new":
            return replace(wish, new=_first_hint(picture))
        case "add":
            side = wish.side or next(side for side in ORDER if side in picture.free_sides)
            return replace(
                wish, new=next(iter(question.offers), _first_hint(picture)), colour=wish.colour or "orange", side=side
            )
        case "where" | "colour_where":
            side = next(side for side in ORDER if side in question.offers)
            return replace(wish, colour=wish.colour or "orange", side=side)
        case "size":
            thing = picture.thing(wish.target or "")
            return replace(wish, size="smaller" if thing and thing.size == "big" else "bigger")
        case aspect:
            return replace(wish, value=_favourite(picture, aspect))


def favourite_colour(picture: Picture, kind: str | None) -> str:
    """Orange, or blue for what is orange."""
    thing = picture.thing(kind) if kind else None
    return "blue" if thing and thing.colour == "orange" else "orange"


def _anything(picture: Picture) -> Wish:
    if not picture.known or picture.scene.time != "sunset":
        return Wish("time", value="sunset")
    if not picture.kinds:
        return Wish("weather", value=_favourite(picture, "weather"))
    return Wish("recolour", picture.kinds[0], colour=favourite_colour(picture, picture.kinds[0]))


def _favourite(picture: Picture, aspect: str) -> str:
    first, second = _FAVOURITES[aspect]
    return second if picture.known and getattr(picture.scene, aspect) == first else first


def _first_hint(picture: Picture) -> str:
    there = picture.kinds if picture.known else ()
    return next(hint for hint in HINTS if hint not in there)
