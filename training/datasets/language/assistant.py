"""The true answer to any wish: edit at once when it is clear, else ask for exactly what is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from dialogue_service.caption_words import listed, on_side
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
from training.datasets.language import wordings
from training.datasets.language.picture import UNTOLD, Picture
from training.datasets.language.wish import Wish, change_of
from training.datasets.world import COLOURS, KINDS, PLACES, SIZES, STYLES, TIMES, WEATHERS, article

ReplyKind = Literal["edit", "clarification", "chat"]


@dataclass(frozen=True)
class Reply:
    """What the assistant answers; a question tells what it `asks` for and the `wish` as understood so far.

    Of two wishes told at once, `change` is the first and `then` the second. `meant` are changes that a rule of the
    service makes this very reply of (`dialogue_service/sense.py`): then the model is taught to say those.
    """

    kind: ReplyKind
    text: str
    change: Change | None = None
    then: Change | None = None
    asks: str = ""
    wish: Wish | None = None
    offers: tuple[str, ...] = ()
    meant: tuple[Change, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is carried out."""
        return tuple(change for change in (self.change, self.then) if change)


def answer(picture: Picture, wish: Wish) -> Reply:
    """Answer a wish about a picture."""
    if wish.action == "any":
        return _ask("any", wordings.what_to_change(picture), wish)
    if wish.action == "add":
        return _add(picture, wish)
    if wish.action == "light":
        return _edit(Relight(_sure(wish.value)))
    if wish.action in _SETTINGS:
        return _set(picture, wish)
    found = _with_target(picture, wish)
    return found if isinstance(found, Reply) else _ACTIONS[wish.action](picture, found)


def which_member(picture: Picture, members: tuple[str, ...]) -> Reply:
    """The question which of a family of things to add ("an animal")."""
    if not picture.free_sides:
        return answer(picture, Wish("add"))
    missing = tuple(kind for kind in members if kind not in picture.kinds)
    if len(missing) == 1:
        return answer(picture, Wish("add", new=missing[0]))
    return _ask("add", f"which one: {listed([article(kind) for kind in missing])}?", Wish("add"), missing)


def with_options(picture: Picture, question: Reply) -> Reply:
    """The same question again, with the choices that there are."""
    wish = question.wish or Wish("any")
    kind = wish.target if wish.action == "recolour" else wish.new
    if question.asks != "colour" or not kind or not picture.closed:
        return question
    return replace(question, text=wordings.which_colour_of_all(kind))


def say(topic: str) -> Reply:
    """Small talk."""
    return Reply("chat", wordings.SMALL_TALK[topic])


def chat(text: str) -> Reply:
    """Words that lead to no edit."""
    return Reply("chat", text)


def _edit(change: Change, meant: Change | None = None) -> Reply:
    return Reply("edit", "", change, meant=(meant,) if meant else ())


def _against(change: Change, text: str) -> Reply:
    """Words against a change that would make no difference."""
    return Reply("chat", text, meant=(change,))


def _ask(asks: str, text: str, wish: Wish, offers: tuple[str, ...] = ()) -> Reply:
    return Reply("clarification", text, asks=asks, wish=wish, offers=offers)


def _with_target(picture: Picture, wish: Wish) -> Wish | Reply:
    """The wish with the thing it means, or the question which one."""
    if not picture.known:
        return wish if wish.target else _ask("which", wordings.which_one(picture, wish), wish)
    if wish.target in picture.kinds:
        return wish
    missing = f"there is no {wish.target}. " if wish.target else ""
    named, wish = change_of(wish), replace(wish, target=None)
    found = _instead(picture, wish, missing)
    return replace(found, meant=(named,)) if isinstance(found, Reply) and named else found


def _instead(picture: Picture, wish: Wish, missing: str) -> Wish | Reply:
    """The wish for the only thing there is, or the question which one; `missing` says that the one named is not."""
    if not picture.kinds:
        return _ask("add", (missing or "there is nothing there. ") + wordings.what_to_add(picture), Wish("add"))
    if len(picture.kinds) > 1:
        return _ask("which", missing + wordings.which_one(picture, wish), wish)
    wish = replace(wish, target=picture.kinds[0])
    return _ask("confirm", f"{missing}shall i {wordings.verb(wish)}?", wish) if missing else wish


def _change(_: Picture, wish: Wish) -> Reply:
    return _ask("about", wordings.what_about(_sure(wish.target)), wish)


def _recolour(picture: Picture, wish: Wish) -> Reply:
    kind = _sure(wish.target)
    if wish.colour is None:
        return _ask("colour", wordings.which_colour(kind), wish)
    if picture.closed and wish.colour not in COLOURS:
        return _ask("colour", wordings.no_such_colour(kind, wish.colour), replace(wish, colour=None))
    thing = picture.thing(kind)
    if thing and thing.colour == wish.colour:
        return _against(Recolour(kind, wish.colour), f"the {kind} is {wish.colour} already.")
    return _edit(Recolour(kind, wish.colour))


def _replace(picture: Picture, wish: Wish) -> Reply:
    kind, new = _sure(wish.target), wish.new
    if new is None:
        return _ask("new", wordings.what_instead(picture, kind), wish)
    if picture.closed and new not in KINDS:
        question = f"i can't draw {article(new)}. {wordings.what_instead(picture, kind)}"
        return _ask("new", question, replace(wish, new=None))
    if new == kind and wish.colour:
        return _recolour(picture, Wish("recolour", kind, colour=wish.colour))
    as_told = Replace(kind, new, wish.colour)
    if picture.thing(new):
        return _against(as_told, f"there is {article(new)} already.")
    if picture.closed and wish.colour and wish.colour not in COLOURS:
        return _ask("colour", wordings.no_such_colour(new, wish.colour), replace(wish, colour=None))
    thing = picture.thing(kind) if picture.closed else None
    return _edit(Replace(kind, new, wish.colour or (thing.colour if thing else UNTOLD) or None), as_told)


def _remove(_: Picture, wish: Wish) -> Reply:
    return _edit(Remove(_sure(wish.target)))


def _resize(picture: Picture, wish: Wish) -> Reply:
    kind = _sure(wish.target)
    if wish.size is None:
        return _ask("size", f"shall i make the {kind} bigger or smaller?", wish)
    thing = picture.thing(kind)
    limit = SIZES[-1] if wish.size == "bigger" else SIZES[0]
    if picture.full and thing and thing.size == limit:
        return _against(Resize(kind, wish.size), f"the {kind} is as {limit} as it can be.")
    return _edit(Resize(kind, wish.size))


def _add(picture: Picture, wish: Wish) -> Reply:
    new, free = wish.new, picture.free_sides
    if not free:
        return chat("there is no room for more: i can replace or remove something.")
    if new is None:
        return _ask("add", wordings.what_to_add(picture), wish)
    if picture.closed and new not in KINDS:
        question = f"i can't draw {article(new)}. {wordings.what_to_add(picture)}"
        return _ask("add", question, replace(wish, new=None))
    whole = Add(new, wish.colour, wish.side) if wish.colour and wish.side else None
    if picture.thing(new):
        there = f"there is {article(new)} already."
        return _against(whole, there) if whole else chat(there)
    taken = ""
    if wish.side and wish.side not in free:
        taken = f"there is something {on_side(wish.side)} already. "
        wish = replace(wish, side=None)
    if len(free) == 1 and not wish.side and not taken:
        wish = replace(wish, side=free[0])
    found = _add_what_is_missing(picture, wish, taken)
    return replace(found, meant=(whole,)) if taken and whole else found


def _add_what_is_missing(picture: Picture, wish: Wish, taken: str) -> Reply:
    new, free = _sure(wish.new), picture.free_sides
    if picture.closed and wish.colour and wish.colour not in COLOURS:
        return _ask("colour", wordings.no_such_colour(new, wish.colour), replace(wish, colour=None))
    if wish.colour is None and wish.side is None:
        question = f"{taken}which colour should the {new} be, and where: {wordings.where(free)}?"
        return _ask("colour_where", question, wish, free)
    if wish.colour is None:
        return _ask("colour", wordings.which_colour(new), wish)
    if wish.side is None:
        named = f"the {wish.colour} {new}"
        question = f"{taken}where shall i put {named}: {wordings.where(free)}?"
        return _ask("where", question, wish, free)
    return _edit(Add(new, wish.colour, wish.side))


def _set(picture: Picture, wish: Wish) -> Reply:
    question, values, change = _SETTINGS[wish.action]
    if wish.value is None:
        return _ask(wish.action, question, wish)
    if picture.closed and wish.value not in values:
        unknown = f"the {wish.value}" if wish.action == "place" else wish.value
        return _ask(wish.action, f"i don't know {unknown}. {question}", replace(wish, value=None))
    if picture.known and getattr(picture.scene, wish.action) == wish.value:
        return _against(change(wish.value), wordings.already(wish.value))
    return _edit(change(wish.value))


def _sure(word: str | None) -> str:
    if word is None:
        raise ValueError("a wish without its thing has come this far")
    return word


_ACTIONS = {"change": _change, "recolour": _recolour, "replace": _replace, "remove": _remove, "resize": _resize}
_SETTINGS: dict[
    str, tuple[str, tuple[str, ...], type[SetPlace] | type[SetTime] | type[SetWeather] | type[SetStyle]]
] = {
    "place": (wordings.WHICH_PLACE, PLACES, SetPlace),
    "time": (wordings.WHICH_TIME, TIMES, SetTime),
    "weather": (wordings.WHICH_WEATHER, WEATHERS, SetWeather),
    "style": (wordings.WHICH_STYLE, STYLES, SetStyle),
}
