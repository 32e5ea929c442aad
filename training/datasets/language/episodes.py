"""What a user may do next: each function takes part in a conversation for one or more turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from training.datasets.language.answering import settle, tell
from training.datasets.language.talk import Talk
from training.datasets.language.vocabulary import word_list
from training.datasets.language.wish import Wish, repeated, wish_of

Episode = Callable[[Talk], None]
ON_THINGS = ("recolour", "replace", "remove", "resize")
_OF_IT = ("recolour.no_target", "bigger.no_target", "smaller.no_target")
"""Sections that speak of "it", which is the thing just spoken of, if there is one."""


def explicit(talk: Talk) -> None:
    """A clear wish; "it" for what was just spoken of."""
    change = talk.any_change()
    wish = wish_of(change)
    if wish.target and not talk.picture.known and talk.rng.random() < 0.5:
        wish = replace(wish, colour=talk.colour()) if wish.action == "replace" else wish
    talk.wish(tell(talk, wish, _pronoun(talk, wish.target)), wish)


def open_colour(talk: Talk) -> None:
    """A thing should have another colour."""
    _open(talk, "recolour", "recolour.no_colour")


def open_new(talk: Talk) -> None:
    """A thing should be replaced by something."""
    _open(talk, "replace", "replace.no_new")


def open_size(talk: Talk) -> None:
    """A thing should have another size."""
    _open(talk, "resize", "resize.no_size")


def open_change(talk: Talk) -> None:
    """A thing should change somehow."""
    _open(talk, "change", "vague.thing")


def open_target(talk: Talk) -> None:
    """What to do is clear, to which thing is not: "something blue", or "it" where nothing was spoken of."""
    rng = talk.rng
    colour, new = talk.colour(), talk.absent_kind()
    wish, section = rng.choice(
        (
            (Wish("recolour", colour=colour), "recolour.no_target"),
            (Wish("recolour", colour=colour), "recolour.some"),
            (Wish("recolour"), "recolour.none"),
            (Wish("replace", new=new, colour=rng.choice((colour, None))), "replace.no_target"),
            (Wish("replace"), "replace.none"),
            (Wish("remove"), "remove.no_target"),
            (Wish("resize", size="bigger"), rng.choice(("bigger.no_target", "bigger.some"))),
            (Wish("resize", size="smaller"), rng.choice(("smaller.no_target", "smaller.some"))),
            (Wish("resize"), "resize.none"),
        )
    )
    if talk.focus is not None and section in _OF_IT:
        wish = replace(wish, target=talk.focus)
    elif talk.focus is not None and not section.endswith(".some"):
        return  # "replace it" might mean the thing just spoken of, or another
    said = talk.speaker.wrapped(*_both(talk, section), **talk.speaker.details(talk.picture, replace(wish, target=None)))
    settle(talk, talk.wish(said, wish))


def add_openly(talk: Talk) -> None:
    """Something should be added: what, in which colour or where is open."""
    rng = talk.rng
    part = rng.choice(("nothing", "thing", "thing", "coloured", "coloured", "there", "side"))
    if part == "nothing":
        said, wish = talk.speaker.wrapped("add.none.do", "add.none.say"), Wish("add")
    elif part == "side":
        wish = Wish("add", side=rng.choice(talk.picture.free_sides or ("left",)))
        said = talk.speaker.wrapped("add.side.do", "add.side.say", **talk.speaker.details(talk.picture, wish))
    else:
        wish = Wish("add", new=talk.absent_kind(), colour=talk.colour() if part == "coloured" else None)
        if part == "there":
            wish = replace(wish, side=rng.choice(("left", "right", "middle")))
        section = "add.there" if part == "there" else "add.only"
        said = talk.speaker.wrapped(f"{section}.do", f"{section}.say", **talk.speaker.details(talk.picture, wish))
    settle(talk, talk.wish(said, wish))


def open_setting(talk: Talk) -> None:
    """Another place, time, weather or style, but which?"""
    aspect = talk.rng.choice(("place", "time", "weather", "style"))
    said = talk.speaker.wrapped(f"{aspect}.none.do", f"{aspect}.none.say")
    settle(talk, talk.wish(said, Wish(aspect)))


def vague(talk: Talk) -> None:
    """Nothing is clear."""
    settle(talk, talk.wish(talk.speaker.wrapped("vague.do", "vague.say"), Wish("any")))


def indirect(talk: Talk) -> None:
    """A remark that means a wish, depending on what the picture shows."""
    mood = talk.rng.choice(("gloomy", "cold", "hot", "romantic", "spooky", "holiday", "old"))
    settle(talk, talk.wish(talk.speaker.bare(f"indirect.{mood}"), meant_by(talk, mood)))


def meant_by(talk: Talk, mood: str) -> Wish:
    """What a remark means in the picture as it is."""
    scene = talk.picture.scene
    time, weather, place = (scene.time, scene.weather, scene.place) if talk.picture.known else ("", "", "")
    wet = weather in ("rain", "snowfall")
    match mood:
        case "gloomy" if time == "day":
            return Wish("weather", value="clear") if wet else Wish("any")
        case "gloomy":
            return Wish("time", value="day")
        case "cold" if place != "snow" and wet:
            return Wish("weather", value="clear")
        case "cold" | "holiday":
            return Wish("place", value="beach") if place != "beach" else Wish("any")
        case "hot":
            return Wish("place", value="snow") if place != "snow" else Wish("any")
        case "romantic":
            return Wish("time", value="sunset")
        case "spooky":
            return Wish("time", value="night")
        case _:
            return Wish("style", value="sepia")


def two_wishes(talk: Talk) -> None:
    """Two wishes in one turn: the first is done, then the user asks for the second."""
    first = talk.any_change()
    later = talk.picture.after(first)
    second = wish_of(talk.any_change(picture=later))
    same = second.target is not None and second.target == wish_of(first).target
    sayings = [
        tell(talk, wish_of(first)),
        _tell_later(talk, second, "it" if same and talk.rng.random() < 0.5 else None),
    ]
    talk.wish(talk.speaker.bare("ref.then", a=sayings[0], b=sayings[1]), wish_of(first))
    if talk.rng.random() < 0.75:
        settle(talk, talk.wish(talk.speaker.bare("ref.rest"), second))


def both(talk: Talk) -> None:
    """One wish for both things: first the one, then the other."""
    if not talk.picture.known or len(talk.picture.kinds) != 2:
        return
    section = talk.rng.choice(("colour", "bigger", "smaller", "remove"))
    colour = talk.colour()
    wish = {
        "colour": Wish("recolour", colour=colour),
        "bigger": Wish("resize", size="bigger"),
        "smaller": Wish("resize", size="smaller"),
        "remove": Wish("remove"),
    }[section]
    first, second = talk.picture.kinds
    if section == "colour" and talk.picture.scene.things[0].colour == colour:
        first, second = second, first
    reply = talk.wish(talk.speaker.wrapped(f"ref.both.{section}", c=colour), replace(wish, target=first))
    if reply.change and talk.rng.random() < 0.75:
        said = talk.speaker.bare("ref.rest") if talk.rng.random() < 0.5 else talk.speaker.bare("ref.same_other.say")
        settle(talk, talk.wish(said, repeated(reply.change, second) or wish))


def absent(talk: Talk) -> None:
    """A wish for a thing that is not there."""
    if not talk.picture.known:
        return
    missing = talk.absent_kind()
    if talk.picture.closed and talk.rng.random() < 0.5:
        missing = talk.rng.choice(word_list("unknown things"))
    drawn = wish_of(talk.any_change())
    wish = (
        replace(drawn, target=missing) if drawn.action in ON_THINGS else Wish("recolour", missing, colour=talk.colour())
    )
    if wish.action == "replace":
        wish = replace(wish, new=talk.rng.choice([kind for kind in talk.picture.words.kinds if kind != missing]))
    said = talk.speaker.wrapped(
        *_explicit_sections(wish), **talk.speaker.details(talk.picture, wish, f"the {missing}"), k=missing
    )
    settle(talk, talk.wish(said, wish))


def unknown(talk: Talk) -> None:
    """A wish for a colour, thing, place or style of no world; elsewhere words are copied as they are."""
    rng = talk.rng
    kinds = talk.picture.kinds
    aspect = rng.choice(("colour", "colour", "new", "new", "place", "style") if kinds else ("new", "place", "style"))
    if aspect == "colour":
        wish = Wish("recolour", rng.choice(kinds), colour=rng.choice(word_list("unknown colours")))
    elif aspect == "new":
        thing = rng.choice([word for word in word_list("unknown things") if word not in kinds])
        wish = (
            rng.choice((Wish("replace", rng.choice(kinds), new=thing), Wish("add", new=thing)))
            if kinds
            else Wish("add", new=thing)
        )
    elif aspect == "place":
        wish = Wish("place", value=rng.choice(word_list("unknown places")))
    else:
        wish = Wish("style", value=rng.choice(word_list("unknown styles")))
        if talk.picture.closed:
            settle(
                talk,
                talk.wish(
                    rng.choice(("make it {}", "turn it into {}", "like {}", "{} please")).format(wish.value), wish
                ),
            )
        return
    section = ["add.only.do", "add.only.say"] if wish.action == "add" else _explicit_sections(wish)
    settle(talk, talk.wish(talk.speaker.wrapped(*section, **talk.speaker.details(talk.picture, wish)), wish))


def already_so(talk: Talk) -> None:
    """A wish for what is there already."""
    if not talk.picture.full:
        return
    scene = talk.picture.scene
    wishes = [Wish("recolour", thing.kind, colour=thing.colour) for thing in scene.things]
    wishes += [Wish("place", value=scene.place), Wish("time", value=scene.time), Wish("add", new=talk.absent_kind())]
    wish = talk.rng.choice(wishes)
    if wish.action == "add":
        if not scene.things:
            return
        wish = replace(wish, new=talk.rng.choice(scene.things).kind, colour=None)
        said = talk.speaker.wrapped("add.only.do", "add.only.say", **talk.speaker.details(talk.picture, wish))
    else:
        said = tell(talk, wish)
    talk.wish(said, wish)


def _open(talk: Talk, action: str, section: str) -> None:
    if not talk.picture.kinds:
        return
    target = talk.rng.choice(talk.picture.kinds)
    pronoun = _pronoun(talk, target)
    wish = Wish(action, target)
    said = talk.speaker.wrapped(*_both(talk, section), **talk.speaker.details(talk.picture, wish, pronoun))
    settle(talk, talk.wish(said, wish))


def _pronoun(talk: Talk, target: str | None) -> str | None:
    alone = talk.picture.known and talk.picture.kinds == (target,)
    if target is None or not (target == talk.focus or alone) or talk.rng.random() < 0.4:
        return None
    return "that" if talk.rng.random() < 0.1 and target == talk.focus else "it"


def _tell_later(talk: Talk, wish: Wish, target: str | None) -> str:
    """Said now of the picture as it will be: by plain names, since descriptions may no longer fit."""
    if wish.action in ON_THINGS:
        plain = target or f"the {wish.target}"
        return talk.speaker.wrapped(*_explicit_sections(wish), **talk.speaker.details(talk.picture, wish, plain))
    return tell(talk, wish)


def _explicit_sections(wish: Wish) -> tuple[str, str]:
    section = wish.size if wish.action == "resize" else wish.action
    return f"{section}.do", f"{section}.say"


def _both(talk: Talk, section: str) -> list[str]:
    return [name for name in (f"{section}.do", f"{section}.say") if talk.speaker.has(name)]
