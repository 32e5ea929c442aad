"""Two wishes in one turn that share a word ("paint the house red and the tree blue") or come in the other order."""

from __future__ import annotations

from training.datasets.language.episodes import sections_of
from training.datasets.language.naming import name_colour, name_new, name_side, refer
from training.datasets.language.picture import Picture
from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import ON_THINGS, Wish, wish_of
from training.datasets.world import PLACES

_LARGER, _SMALLER = ("bigger", "bigger", "larger"), ("smaller", "smaller", "tinier")
_TIMES = {"day": "by day", "sunset": "at sunset", "night": "at night"}
_WEATHERS = {"rain": "in the rain", "snowfall": "with falling snow", "clear": "with a clear sky"}


def two_colours(talk: Talk) -> None:
    """Each of two things its own colour."""
    pair = _pair(talk)
    if pair:
        first, second = (Wish("recolour", kind, colour=_new_colour(talk, kind)) for kind in pair)
        colours = {
            slot: name_colour(talk.rng, talk.picture, wish.colour or "") for slot, wish in (("c", first), ("d", second))
        }
        _say(talk, "colours", first, second, **_named(talk, pair), **colours)


def one_colour(talk: Talk) -> None:
    """Two things, called by their names, should have the same colour."""
    pair = _pair(talk)
    if pair:
        worn = [thing.colour for kind in pair if (thing := talk.picture.thing(kind))]
        colour = talk.rng.choice([colour for colour in talk.picture.words.colours if colour not in worn])
        first, second = (Wish("recolour", kind, colour=colour) for kind in pair)
        slots = {"c": name_colour(talk.rng, talk.picture, colour), **_named(talk, pair)}
        _say(talk, "same_colour", first, second, **slots)


def two_sizes(talk: Talk) -> None:
    """Two things should grow or shrink."""
    pair = _pair(talk)
    if pair:
        first, second = (Wish("resize", kind, size=_possible_size(talk, kind)) for kind in pair)
        slots = {"g": _size_word(talk, first), "h": _size_word(talk, second), **_named(talk, pair)}
        same = first.size == second.size and talk.rng.random() < 0.8
        _say(talk, "same_size" if same else "sizes", first, second, **slots)


def remove_two(talk: Talk) -> None:
    """Two things, called by their names, should go."""
    pair = _pair(talk)
    if pair:
        first, second = (Wish("remove", kind) for kind in pair)
        _say(talk, "remove", first, second, **_named(talk, pair))


def replace_two(talk: Talk) -> None:
    """Two things should each be replaced."""
    pair = _pair(talk)
    if pair:
        new = _absent(talk)
        first, second = (
            Wish("replace", kind, new=name, colour=talk.rng.choice((None, talk.colour())))
            for kind, name in zip(pair, new, strict=True)
        )
        _say(talk, "replace", first, second, **_named(talk, pair), **_news(talk, first, second))


def add_two(talk: Talk) -> None:
    """Two new things at once, each with its colour and place."""
    if len(talk.picture.free_sides) < 2:
        return
    sides = talk.rng.sample(talk.picture.free_sides, 2)
    first, second = (
        Wish("add", new=name, colour=talk.colour(), side=side) for name, side in zip(_absent(talk), sides, strict=True)
    )
    places = {slot: name_side(talk.rng, side) for slot, side in zip("wv", sides, strict=True)}
    _say(talk, "add", first, second, **_news(talk, first, second), **places)


def colour_and_size(talk: Talk) -> None:
    """One thing should get another colour and another size, in the order in which they are said."""
    if not talk.picture.kinds:
        return
    kind = talk.rng.choice(talk.picture.kinds)
    painted = Wish("recolour", kind, colour=_new_colour(talk, kind))
    sized = Wish("resize", kind, size=_possible_size(talk, kind))
    colour = name_colour(talk.rng, talk.picture, painted.colour or "")
    slots = {"x": refer(talk.rng, talk.picture, kind), "c": colour, "g": _size_word(talk, sized)}
    if talk.rng.random() < 0.5:
        _say(talk, "colour_size", painted, sized, **slots)
    else:
        _say(talk, "size_colour", sized, painted, **slots)


def swap_colours(talk: Talk) -> None:
    """Each of two things should get the colour of the other."""
    pair = _pair(talk)
    worn = [thing.colour for kind in pair or () if (thing := talk.picture.thing(kind)) and thing.colour]
    if pair and len(set(worn)) == 2:
        first, second = Wish("recolour", pair[0], colour=worn[1]), Wish("recolour", pair[1], colour=worn[0])
        _say(talk, "swap", first, second, x=f"the {pair[0]}", y=f"the {pair[1]}")


def new_and_changed(talk: Talk) -> None:
    """A thing is put in, and "it" should be bigger, smaller or of another colour."""
    change = talk.any_change(("replace", "add"))
    first = wish_of(change)
    if first.new is None:  # there was nothing to replace and no room
        return
    second = Wish("resize", first.new, size=_possible_size(talk, first.new, talk.picture.after(change)))
    word = _size_word(talk, second)
    if first.action == "replace" and first.colour is None and talk.rng.random() < 0.6:
        thing = talk.picture.thing(first.target or "")
        worn = thing.colour if thing else None
        word = talk.rng.choice([colour for colour in talk.picture.words.colours if colour != worn])
        second = Wish("recolour", first.new, colour=word)
    with talk.speaker.plainly():
        said = tell(talk, first)
    talk.wishes(talk.speaker.bare("pairs.chain", a=said, h=word), first, second)


def two_settings(talk: Talk) -> None:
    """Two of place, time and weather: "on the beach at night"."""
    scene = talk.picture.scene
    place = talk.rng.choice([value for value in PLACES if value != scene.place])
    time = talk.rng.choice([value for value in _TIMES if value != scene.time])
    weather = talk.rng.choice([value for value in _WEATHERS if value != scene.weather])
    wishes = [
        (Wish("place", value=place), "on the beach" if place == "beach" else f"in the {place}"),
        (Wish("time", value=time), _TIMES[time]),
        (Wish("weather", value=weather), _WEATHERS[weather]),
    ]
    (first, words), (second, more) = talk.rng.sample(wishes, 2)
    _say(talk, "settings", first, second, a=words, b=more)


def joined(talk: Talk) -> None:
    """Two wishes of any kind, joined in a rarer way or told in the other order."""
    change = talk.any_change()
    first, second = wish_of(change), wish_of(talk.any_change(picture=talk.picture.after(change)))
    with talk.speaker.plainly():
        slots = {"a": tell(talk, first), "b": _told_later(talk, second)}
    there = second.action not in ON_THINGS or second.target in talk.picture.kinds
    section = "pairs.reversed" if there and talk.rng.random() < 0.4 else "pairs.joined"
    talk.wishes(talk.speaker.bare(section, **slots), first, second)


def _say(talk: Talk, section: str, first: Wish, second: Wish, **slots: str) -> None:
    talk.wishes(talk.speaker.wrapped(f"pairs.{section}.do", f"pairs.{section}.say", **slots), first, second)


def _pair(talk: Talk) -> list[str] | None:
    kinds = talk.picture.kinds
    return talk.rng.sample(kinds, 2) if len(kinds) > 1 else None


def _named(talk: Talk, pair: list[str]) -> dict[str, str]:
    """Both things by name, seldom described; "not the cat but the other one" would be too much here."""
    names = [refer(talk.rng, talk.picture, kind) if talk.rng.random() < 0.25 else f"the {kind}" for kind in pair]
    clear = [f"the {kind}" if "not" in name or "n't" in name else name for kind, name in zip(pair, names, strict=True)]
    return dict(zip("xy", clear, strict=True))


def _news(talk: Talk, first: Wish, second: Wish) -> dict[str, str]:
    return {slot: name_new(talk.rng, wish.new or "", wish.colour) for slot, wish in (("n", first), ("m", second))}


def _absent(talk: Talk) -> list[str]:
    return talk.rng.sample([kind for kind in talk.picture.words.kinds if kind not in talk.picture.kinds], 2)


def _new_colour(talk: Talk, kind: str) -> str:
    thing = talk.picture.thing(kind)
    return talk.rng.choice([name for name in talk.picture.words.colours if not thing or name != thing.colour])


def _possible_size(talk: Talk, kind: str, picture: Picture | None = None) -> str:
    thing = (picture or talk.picture).thing(kind)
    if thing and thing.size in ("big", "small"):
        return "smaller" if thing.size == "big" else "bigger"
    return talk.rng.choice(("bigger", "smaller"))


def _size_word(talk: Talk, wish: Wish) -> str:
    return talk.rng.choice(_LARGER if wish.size == "bigger" else _SMALLER)


def _told_later(talk: Talk, wish: Wish) -> str:
    if wish.action not in ON_THINGS:
        return tell(talk, wish)
    details = talk.speaker.details(talk.picture, wish, f"the {wish.target}")
    return talk.speaker.wrapped(*sections_of(wish), **details)
