"""The model's questions held against the picture: they list what is there, and one that asks nothing is put anew.

A small network sometimes lists a thing twice, forgets one, or asks which thing to "add a yellow star". The things of a
caption that tells everything are known exactly, so they are written into the question; where the question itself is
none, it becomes the one that is always right: what to change at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogue_service.caption_words import things_in

_ASPECTS = "the place, the time, the weather or the style"
_WISH = r"(?:change|remove|resize|paint(?: [\w -]+)?|make (?:bigger|smaller)|replace(?: with an? [\w -]+)?)"
_WHICH_ONE = re.compile(rf"(Which one shall I {_WISH}): [^:]+\?", re.IGNORECASE)
_ANY_WHICH_ONE = re.compile(r"Which one shall I .+", re.IGNORECASE)
_WHAT_TO_CHANGE = re.compile(r"What shall I change: .+", re.IGNORECASE)
_ABOUT_A_THING = re.compile(
    r"(?:What about the (?P<about>[\w-]+): .+|What shall I put in place of the (?P<instead>[\w-]+)\b.*"
    r"|Shall I make the (?P<size>[\w-]+) bigger or smaller)\?",
    re.IGNORECASE,
)
_SAID_TWICE = re.compile(r"\b([\w-]{3,}) \1\b", re.IGNORECASE)


def put_right(question: str, caption: str) -> str:
    """A question of the model as it fits the picture that a caption tells everything of."""
    things = things_in(caption)
    question = without_echo(question)
    if _WHAT_TO_CHANGE.fullmatch(question):
        return what_to_change(things)
    if which := _WHICH_ONE.fullmatch(question):
        return f"{which[1]}: {_either(things)}?" if len(things) > 1 else question
    about = _ABOUT_A_THING.fullmatch(question)
    unheard_of = about and next(filter(None, about.groups())).lower() not in things
    return what_to_change(things) if unheard_of or _ANY_WHICH_ONE.fullmatch(question) else question


def without_echo(question: str) -> str:
    """A question in which no word stands twice in a row."""
    return _SAID_TWICE.sub(r"\1", question)


def what_to_change(things: Sequence[str]) -> str:
    """Asked when nothing is clear."""
    return f"What shall I change: {''.join(f'the {thing}, ' for thing in things)}{_ASPECTS}?"


def _either(things: Sequence[str]) -> str:
    named = [f"the {thing}" for thing in things]
    return " or ".join([", ".join(named[:-1]), named[-1]])
