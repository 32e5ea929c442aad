"""The model's questions held against the picture: they list what is there, and one that asks nothing is put anew.

A small network sometimes lists a thing twice, forgets one, or asks which thing to "add a yellow star". The things of a
caption that tells everything are known exactly, so they are written into the question; where the question itself is
none, it becomes the one that is always right: what to change at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogue_service.caption_words import COLOURS, SIDES, listed, on_side, things_in, with_article
from dialogue_service.instruction import Answer, compose
from shared.schemas.dialogue import ReplyKind

NO_ROOM = "There is no room for more: I can replace or remove something."
_ASPECTS = "the place, the time, the weather or the style"
_WISH = r"(?:change|remove|resize|paint(?: [\w -]+)?|make (?:bigger|smaller)|replace(?: with an? [\w -]+)?)"
_WHICH_ONE = re.compile(rf"Which one shall I (?P<wish>{_WISH}): [^:]+\?", re.IGNORECASE)
_ANY_WHICH_ONE = re.compile(r"Which one shall I .+", re.IGNORECASE)
_WHAT_TO_CHANGE = re.compile(r"What shall I change: .+", re.IGNORECASE)
_ABOUT_A_THING = re.compile(
    r"(?:What about the (?P<about>[\w-]+): .+|What shall I put in place of the (?P<instead>[\w-]+)\b.*"
    r"|Shall I make the (?P<size>[\w-]+) bigger or smaller)\?",
    re.IGNORECASE,
)
_ASKS_WHERE = re.compile(
    r"(?:[^?]+\. )?(?:(?P<colour>Which colour should the [\w-]+ be), and where"
    r"|(?P<put>Where shall I put the (?P<thing>[\w -]+)))"
    r": [^:]+\?",
    re.IGNORECASE,
)
_SAID_TWICE = re.compile(r"\b([\w-]{3,})(?: \1\b)+", re.IGNORECASE)


def put_right(question: str, caption: str) -> Answer:
    """A question of the model as it fits the picture that a caption tells everything of.

    Where there is but one place for a thing of known colour, nothing is left to ask: it is put there.
    """
    things = things_in(caption)
    if len({*things}) < len(things):
        return ask(question)  # of two cats the model tells more than their kind
    if _WHAT_TO_CHANGE.fullmatch(question):
        return ask(what_to_change(things))
    if which := _WHICH_ONE.fullmatch(question):
        return _which_one(which["wish"], things)
    if asked := _ASKS_WHERE.fullmatch(question):
        return _where(asked, free_sides(caption))
    about = _ABOUT_A_THING.fullmatch(question)
    unheard_of = about and next(filter(None, about.groups())).lower() not in things
    return ask(what_to_change(things) if unheard_of or _ANY_WHICH_ONE.fullmatch(question) else question)


def _which_one(wish: str, things: Sequence[str]) -> Answer:
    """The question which thing is meant, or about the only one there is."""
    if len(things) > 1:
        return ask(f"Which one shall I {wish}: {listed([f'the {thing}' for thing in things])}?")
    if not things:
        return ask(what_to_change(things))
    if wish.lower() in ("change", "replace", "paint", "resize"):
        return ask(what_about(things[0]))
    return ask(f"Shall I {about_thing(wish, things[0])}?")


def _where(asked: re.Match[str], free: Sequence[str]) -> Answer:
    """The question for a side, with the sides that are free; no question where there is one, or none."""
    if not free:
        return Answer(ReplyKind.CHAT, NO_ROOM)
    if asked["colour"]:
        return ask(f"{asked['colour']}, and where: {listed(free)}?" if len(free) > 1 else f"{asked['colour']}?")
    if len(free) > 1:
        return ask(f"{asked['put']}: {listed(free)}?")
    *colour, kind = asked["thing"].lower().split()
    if COLOURS.isdisjoint(colour):
        return ask(f"Which colour should the {kind} be?")
    return compose(ReplyKind.EDIT, f"add {with_article(asked['thing'].lower())} {on_side(free[0])}")


def without_echo(question: str) -> str:
    """A question in which no word but the shortest stands twice in a row."""
    return _SAID_TWICE.sub(r"\1", question)


def what_to_change(things: Sequence[str]) -> str:
    """Asked when nothing is clear."""
    return f"What shall I change: {''.join(f'the {thing}, ' for thing in things)}{_ASPECTS}?"


def free_sides(caption: str) -> list[str]:
    """The sides on which a caption that tells everything names nothing."""
    shown = caption.replace("in the centre", "in the middle").replace("in the center", "in the middle")
    return [side for side in SIDES if f"the {side}" not in shown]


def what_about(thing: str) -> str:
    """Asked when only the thing is clear."""
    return f"What about the {thing}: another colour, another size, something else in its place, or remove it?"


def about_thing(wish: str, thing: str) -> str:
    """A wish with its thing behind the verb: `paint the cat red`."""
    verb, *rest = wish.split(maxsplit=1)
    return " ".join([verb, f"the {thing}", *rest])


def ask(question: str) -> Answer:
    """A question as an answer."""
    return Answer(ReplyKind.CLARIFICATION, question)
