"""Turns that lean on the ones before: corrections, "the same to the tree", "undo that"."""

from __future__ import annotations

from dataclasses import replace

from training.datasets.changes import Add, Recolour, Remove, Replace, Resize
from training.datasets.language.answering import settle
from training.datasets.language.assistant import say
from training.datasets.language.naming import name_colour, name_new, refer
from training.datasets.language.past import look_back
from training.datasets.language.talk import Talk
from training.datasets.language.wish import Wish, repeated, subject, undoing

LOOKS_BACK = 0.16
"""Share of these turns that mean an earlier state of the picture rather than the last change itself."""


def refer_back(talk: Talk) -> None:
    """One turn, or a question and its answer, that the last change gives its meaning."""
    if talk.last is None:
        if talk.rng.random() < 0.8:
            return
        talk.take(_undo_words(talk), say("nothing_to_undo"))
        return
    if talk.rng.random() < LOOKS_BACK and look_back(talk):
        return
    if not talk.just_edited:
        undo(talk)
        return
    match talk.last:
        case Recolour():
            ways = (other_colour, other_colour, some_other_colour, to_another, to_another, instead, instead)
            talk.rng.choice((*ways, another_in, old_colour, undo, undo))(talk)
        case Replace():
            talk.rng.choice((other_new, other_new, other_colour, some_other_colour, bring_back, bring_back, undo))(talk)
        case Add():
            talk.rng.choice((other_new, other_new, other_colour, other_colour, some_other_colour, undo))(talk)
        case Resize():
            ways_on = (again, again, too_much, too_much, opposite, to_another, instead, instead)
            talk.rng.choice((*ways_on, undo, undo))(talk)
        case Remove():
            talk.rng.choice((to_another, instead, instead, bring_back, bring_back, undo))(talk)
        case _:
            undo(talk)


def undo(talk: Talk) -> None:
    """Back to how it was before the last change, where that is known; else the assistant asks."""
    if talk.last is None or talk.before is None:
        return
    settle(talk, talk.wish(_undo_words(talk), undoing(talk.last, talk.before)))


def old_colour(talk: Talk) -> None:
    """The former colour of what was painted once: painted twice, its "original colour" would be another."""
    painted = [change.kind for _, change in talk.past if isinstance(change, Recolour)]
    if isinstance(talk.last, Recolour) and talk.before is not None and painted.count(talk.last.kind) == 1:
        said = talk.speaker.bare("ref.old_colour")
        if talk.rng.random() < 0.5:
            said = talk.speaker.bare("ref.its_old_colour", x=refer(talk.rng, talk.picture, talk.last.kind))
        settle(talk, talk.wish(said, undoing(talk.last, talk.before)))


def bring_back(talk: Talk) -> None:
    """What was just removed or replaced should return."""
    if isinstance(talk.last, Remove | Replace) and talk.before is not None:
        said = talk.speaker.bare("ref.bring_back", x=f"the {talk.last.kind}")
        settle(talk, talk.wish(said, undoing(talk.last, talk.before)))


def some_other_colour(talk: Talk) -> None:
    """Another colour for the thing just changed, but which?"""
    kind = subject(talk.last) if talk.last else None
    if kind:
        settle(talk, talk.wish(talk.speaker.bare("ref.recolour"), Wish("recolour", kind)))


def other_colour(talk: Talk) -> None:
    """Another colour for the thing just changed."""
    kind = subject(talk.last) if talk.last else None
    if kind:
        colour = talk.colour()
        slots = {"c": name_colour(talk.rng, talk.picture, colour)}
        thing = talk.picture.thing(kind)
        if thing and thing.colour and thing.colour != colour:
            slots["o"] = thing.colour
        said = talk.speaker.bare("ref.colour", **slots)
        talk.wish(said, Wish("recolour", kind, colour=colour))


def other_new(talk: Talk) -> None:
    """Another thing instead of the one just put in."""
    kind = subject(talk.last) if talk.last else None
    if kind:
        colour = talk.colour() if talk.rng.random() < 0.5 else None
        wish = Wish("replace", kind, new=talk.absent_kind(), colour=colour)
        talk.wish(talk.speaker.bare("ref.new", n=name_new(talk.rng, wish.new or "", colour)), wish)


def to_another(talk: Talk) -> None:
    """The same change to another thing."""
    named = ["ref.same_to.do", "ref.same_to.say"]
    if isinstance(talk.last, Recolour):
        named.append("ref.same_colour")
    _repeat(talk, named, ["ref.same_other.do", "ref.same_other.say"])


def another_in(talk: Talk) -> None:
    """Another thing should be painted too, but in another colour."""
    if not isinstance(talk.last, Recolour):
        return
    used, others = talk.last.colour, [kind for kind in talk.picture.kinds if kind != talk.last.kind]
    if others:
        kind = talk.rng.choice(others)
        colour = talk.rng.choice([name for name in talk.picture.words.colours if name != used])
        slots = {"x": refer(talk.rng, talk.picture, kind), "c": name_colour(talk.rng, talk.picture, colour)}
        talk.wish(talk.speaker.bare("ref.too_but", **slots), Wish("recolour", kind, colour=colour))


def instead(talk: Talk) -> None:
    """A correction: the change was meant for another thing."""
    _repeat(talk, ["ref.instead"], ["ref.instead_other"])


def again(talk: Talk) -> None:
    """The same resizing once more."""
    if isinstance(talk.last, Resize):
        section = talk.rng.choice(("ref.again", f"ref.again.{talk.last.size}"))
        talk.wish(talk.speaker.bare(section), Wish("resize", talk.last.kind, size=talk.last.size))


def too_much(talk: Talk) -> None:
    """The resizing went too far."""
    if isinstance(talk.last, Resize):
        size, section = ("smaller", "ref.too_big") if talk.last.size == "bigger" else ("bigger", "ref.too_small")
        said = talk.speaker.bare(talk.rng.choice(("ref.too_much", section)))
        talk.wish(said, Wish("resize", talk.last.kind, size=size))


def opposite(talk: Talk) -> None:
    """The same thing, but the other way."""
    if isinstance(talk.last, Resize) and talk.before is not None:
        talk.wish(talk.speaker.bare("ref.opposite"), undoing(talk.last, talk.before))


def _undo_words(talk: Talk) -> str:
    return talk.speaker.bare(talk.rng.choice(("ref.undo", "ref.undo.long")))


def _repeat(talk: Talk, named: list[str], unnamed: list[str]) -> None:
    change = talk.last
    kinds = [kind for kind in talk.picture.kinds if kind != subject(change)] if change else []
    if change is None or not kinds:
        return
    target = talk.rng.choice(kinds)
    wish = repeated(change, target)
    if wish is None:
        return
    if talk.other == target and talk.rng.random() < 0.4:
        settle(talk, talk.wish(talk.speaker.bare(talk.rng.choice(unnamed)), wish))
        return
    slots = {"x": refer(talk.rng, talk.picture, target)}
    if isinstance(change, Recolour | Resize | Remove):
        slots["z"] = f"the {change.kind}"
    said = talk.speaker.bare(talk.rng.choice(named), **slots)
    settle(talk, talk.wish(said, replace(wish, target=target)))
