"""Clear wishes: plain, indirect, by comparison, two at once. Each function adds a turn or more to a conversation."""

from __future__ import annotations

from dataclasses import replace

from training.datasets.language.answering import settle, tell
from training.datasets.language.naming import refer
from training.datasets.language.past import of_remembered
from training.datasets.language.protecting import protect, protect_all_but
from training.datasets.language.reasons import reasoned, tired_of
from training.datasets.language.talk import Talk
from training.datasets.language.unfinished import half_clear
from training.datasets.language.wish import ON_THINGS, Wish, wish_of

_MEANT = {
    "romantic": Wish("time", value="sunset"),
    "spooky": Wish("time", value="night"),
    "bedtime": Wish("time", value="night"),
    "thirsty": Wish("weather", value="rain"),
    "festive": Wish("weather", value="snowfall"),
    "western": Wish("place", value="desert"),
    "camping": Wish("place", value="forest"),
    "urban": Wish("place", value="city"),
    "picnic": Wish("place", value="meadow"),
    "skiing": Wish("place", value="snow"),
    "old": Wish("style", value="sepia"),
    "gaming": Wish("style", value="pixel art"),
    "noir": Wish("style", value="black and white"),
    "glaring": Wish("light", value="darker"),
}
"""Moods that mean the same in every picture."""
MOODS = ("gloomy", "cold", "hot", "holiday", *_MEANT)


def explicit(talk: Talk) -> None:
    """A clear wish: plain, beside a remark or what should stay, or for a thing that the conversation tells."""
    talk.rng.choices((_plain, protect, protect_all_but, reasoned, tired_of, of_remembered), (78, 7, 2, 7, 3, 3))[0](
        talk
    )


def _plain(talk: Talk) -> None:
    """Nothing but the wish; "it" for what was just spoken of."""
    change = talk.any_change()
    wish = wish_of(change)
    talk.wish(tell(talk, wish, pronoun(talk, wish.target)), wish)


def like_another(talk: Talk) -> None:
    """A thing should get the colour of another."""
    things = talk.picture.scene.things
    if not talk.picture.known or len(things) < 2 or not all(thing.colour for thing in things):
        return
    thing, other = talk.rng.sample(things, 2)
    wish = Wish("recolour", thing.kind, colour=other.colour)
    named = refer(talk.rng, talk.picture, thing.kind) if talk.rng.random() < 0.4 else f"the {thing.kind}"
    slots = {"x": pronoun(talk, thing.kind) or named, "y": f"the {other.kind}", "d": other.colour}
    talk.wish(talk.speaker.wrapped("recolour.like.do", "recolour.like.say", **slots), wish)


def keep_only(talk: Talk) -> None:
    """All but one thing should go, of two."""
    if not talk.picture.known or len(talk.picture.kinds) != 2:
        return
    kept, gone = talk.rng.sample(talk.picture.kinds, 2)
    slots = {"y": refer(talk.rng, talk.picture, kept)}
    talk.wish(talk.speaker.wrapped("remove.other.do", "remove.other.say", **slots), Wish("remove", gone))


def indirect(talk: Talk) -> None:
    """A remark that means a wish, depending on what the picture shows."""
    mood = talk.rng.choice(MOODS)
    settle(talk, talk.wish(talk.speaker.bare(f"indirect.{mood}"), meant_by(talk, mood)))


def meant_by(talk: Talk, mood: str) -> Wish:
    """What a remark means in the picture as it is."""
    scene = talk.picture.scene
    time, weather, place = (scene.time, scene.weather, scene.place) if talk.picture.known else ("", "", "")
    wet = weather in ("rain", "snowfall")
    match mood:
        case "gloomy" if time in ("sunset", "night"):
            return Wish("time", value="day")
        case "gloomy":
            return Wish("weather", value="clear") if wet else Wish("light", value="brighter")
        case "cold" if place != "snow" and wet:
            return Wish("weather", value="clear")
        case "cold" | "holiday":
            return Wish("place", value="beach") if place != "beach" else Wish("any")
        case "hot":
            return Wish("place", value="snow") if place != "snow" else Wish("any")
        case _:
            return _MEANT[mood]


def two_wishes(talk: Talk) -> None:
    """Two wishes in one turn: both are done, one after the other. Seldom one of them is not clear yet."""
    if talk.rng.random() < 0.25:
        half_clear(talk)
        return
    first = talk.any_change()
    later = talk.picture.after(first)
    second = wish_of(talk.any_change(picture=later))
    same = second.target is not None and second.target == wish_of(first).target
    with talk.speaker.plainly():
        said = tell(talk, wish_of(first))
        said_later = _tell_later(talk, second, "it" if same and talk.rng.random() < 0.5 else None)
    talk.wishes(talk.speaker.joined(said, said_later), wish_of(first), second)


def both(talk: Talk) -> None:
    """One wish for both things."""
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
    said = talk.speaker.wrapped(f"ref.both.{section}", c=colour)
    talk.wishes(said, replace(wish, target=first), replace(wish, target=second))


def _tell_later(talk: Talk, wish: Wish, target: str | None) -> str:
    """Said now of the picture as it will be: by plain names, since descriptions may no longer fit."""
    if wish.action in ON_THINGS:
        plain = target or f"the {wish.target}"
        return talk.speaker.wrapped(*sections_of(wish), **talk.speaker.details(talk.picture, wish, plain))
    return tell(talk, wish)


def pronoun(talk: Talk, target: str | None) -> str | None:
    """Often "it" where that means the thing, else None."""
    alone = talk.picture.known and talk.picture.kinds == (target,)
    if target is None or not (target == talk.focus or alone) or talk.rng.random() < 0.4:
        return None
    chance = talk.rng.random()
    if chance < 0.15 and target == talk.focus:
        return "that one" if chance < 0.05 else "that"
    return "it"


def sections_of(wish: Wish) -> tuple[str, str]:
    """The sections of phrases that say a wish about a thing completely."""
    section = wish.size if wish.action == "resize" else wish.action
    return f"{section}.do", f"{section}.say"
