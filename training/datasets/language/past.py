"""Wishes that lean on how the picture was before the newest changes, or on which things these changed."""

from __future__ import annotations

from dialogue_service.history import UNDOABLE
from training.datasets.changes import Add, Change, Recolour, Remove, SetPlace, SetStyle, SetTime, SetWeather
from training.datasets.language.answering import settle
from training.datasets.language.naming import refer
from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import ON_THINGS, Wish, subject, wish_of

_ASPECTS: dict[type, str] = {SetPlace: "place", SetTime: "time", SetWeather: "weather", SetStyle: "style"}
_CALLED = {
    "meadow": ("the meadow", "that green field"), "beach": ("the beach", "the seaside"),
    "desert": ("the desert", "the sand dunes"), "snow": ("the snowy place", "the winter landscape"),
    "city": ("the city", "the town"), "forest": ("the forest", "the woods"),
    "day": ("the daylight", "the daytime"), "sunset": ("the sunset", "the evening sky"),
    "night": ("the night", "the darkness"), "clear": ("the clear sky", "the good weather"),
    "rain": ("the rain", "the wet weather"), "snowfall": ("the snowfall", "the falling snow"),
    "black and white": ("the black and white", "the black and white look"), "sepia": ("the sepia", "the sepia look"),
    "pencil sketch": ("the pencil sketch", "the sketch look"), "negative": ("the negative", "the inverted look"),
    "pixel art": ("the pixel art", "the pixel look"), "normal": ("the normal look", "the real colours"),
}  # fmt: skip
"""Names of places, times, weathers and styles that were there and should come back."""


def look_back(talk: Talk) -> bool:
    """A wish for something of before, if anything of before is known: whether there was one."""
    if not talk.picture.known:
        return False
    ways = [first_colour, lent_colour, former_setting]
    talk.rng.shuffle(ways)
    return any(way(talk) for way in ways)


def first_colour(talk: Talk) -> bool:
    """A thing painted lately should have the colour that it had at the beginning."""
    for kind, colour, times in _repainted(talk):
        thing = talk.picture.thing(kind)
        if thing and thing.colour != colour:
            section = "ref.its_old_colour" if times == 1 and talk.rng.random() < 0.4 else "past.first_colour"
            said = talk.speaker.bare(section, x=refer(talk.rng, talk.picture, kind))
            talk.wish(said, Wish("recolour", kind, colour=colour))
            return True
    return False


def lent_colour(talk: Talk) -> bool:
    """Another thing should have the colour that one painted lately had before."""
    for kind, colour, times in _repainted(talk):
        others = [thing.kind for thing in talk.picture.scene.things if thing.kind != kind and thing.colour != colour]
        if times == 1 and others:
            target = talk.rng.choice(others)
            said = talk.speaker.bare("past.lent_colour", x=f"the {kind}", y=f"the {target}")
            talk.wish(said, Wish("recolour", target, colour=colour))
            return True
    return False


def former_setting(talk: Talk) -> bool:
    """A place, time, weather or style should be again what it was until its only change."""
    changed = [_ASPECTS.get(type(change)) for _, change in talk.past]
    for before, change in reversed(talk.past[-UNDOABLE:]):
        aspect = _ASPECTS.get(type(change))
        value = getattr(before.scene, aspect) if aspect and changed.count(aspect) == 1 else ""
        if aspect and value and value != getattr(talk.picture.scene, aspect):
            slots = {"v": talk.rng.choice(_CALLED.get(value, (f"the {value}",)))}
            section = "past.setting" if talk.rng.random() < 0.6 else f"past.{aspect}"
            talk.wish(talk.speaker.bare(section, **slots), Wish(aspect, value=value))
            return True
    return False


def of_remembered(talk: Talk) -> None:
    """A wish for a thing called by what was done to it so far, or that nothing was."""
    remembered = _remembered(talk)
    if not remembered:
        return
    section, kind = talk.rng.choice(remembered)
    for _ in range(30):
        wish = wish_of(talk.any_change(ON_THINGS))
        if wish.target == kind:
            settle(talk, talk.wish(tell(talk, wish, talk.speaker.bare(section)), wish))
            return


def _repainted(talk: Talk) -> list[tuple[str, str, int]]:
    """Things painted lately and never before: with their colour until then, and how often they were painted."""
    recent, older = talk.past[-UNDOABLE:], talk.past[:-UNDOABLE]
    found = []
    for kind in talk.picture.kinds:
        painted = [before for before, change in recent if isinstance(change, Recolour) and change.kind == kind]
        new = any(_touched(change) == kind and not isinstance(change, Recolour) for _, change in talk.past)
        thing = painted[0].thing(kind) if painted else None
        if thing and thing.colour and not new and all(_touched(change) != kind for _, change in older):
            found.append((kind, thing.colour, len(painted)))
    talk.rng.shuffle(found)
    return found


def _remembered(talk: Talk) -> list[tuple[str, str]]:
    """Sections that describe a thing by the changes so far, and the thing that each can only mean."""
    kinds, changes = talk.picture.kinds, [change for _, change in talk.past]
    if not talk.picture.known or len(kinds) < 2 or not 0 < len(changes) <= UNDOABLE:
        return []
    touched = [kind for change in changes if (kind := _touched(change)) in kinds]
    untouched = [kind for kind in kinds if kind not in touched]
    added = [change.kind for change in changes if isinstance(change, Add) and change.kind in kinds]
    found = [("past.untouched", untouched[0])] if len(untouched) == 1 else []
    found += [("past.touched", touched[0])] if len(set(touched)) == 1 else []
    if len(added) == 1:
        return [*found, ("past.added", added[0])]
    return [*found, ("past.added_first", added[0]), ("past.added_last", added[1])] if added else found


def _touched(change: Change) -> str | None:
    return change.kind if isinstance(change, Remove) else subject(change)
