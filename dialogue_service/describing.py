"""Who asks what is in the picture, or of what colour, is told what the caption says now: rules know it exactly."""

from __future__ import annotations

import re

from dialogue_service.caption_things import things_named
from dialogue_service.caption_words import COLOURS, SHADES, is_plural
from dialogue_service.instruction import Answer, as_sentence
from dialogue_service.politeness import AFTER, BEFORE, plain
from dialogue_service.retelling import retell
from shared.schemas.dialogue import DialogueRequest, ReplyKind

NOBODY_TOLD = "I don't know that: nobody told me."

_COUNTS = frozenset(("two", "three", "four", "five", "six", "several", "many"))
_SEVERAL_COLOURS = rf"\b(?:{'|'.join(sorted(COLOURS))})(?:,| and|, and) (?:[\w-]+ )*?"
_PICTURE = r"(?:the|this|my|our) (?:picture|image|photo|photograph|scene)"
_IN_IT = rf"(?:in|on) (?:{_PICTURE}|it|there|here)"
_NOW = r"(?: now| right now| so far| at the moment| by now)?"
_ASKS = re.compile(
    rf"\W*{BEFORE}(?:"
    rf"(?:(?:tell me|list|name|say) )?what(?:'s| is) (?:shown |to be seen )?{_IN_IT}{_NOW}"
    rf"|what(?:'s| is) there{_NOW}"
    rf"|what (?:can|do) (?:you|i|we) (?:see|have)(?: there| {_IN_IT})?{_NOW}"
    rf"|what have (?:we|i) got(?: there| {_IN_IT})?{_NOW}"
    rf"|what does (?:{_PICTURE}|it) (?:show|look like){_NOW}"
    rf"|(?:tell me )?what you (?:can )?see(?: {_IN_IT})?{_NOW}"
    rf"|(?:what|which) (?:things|objects) (?:are|do you see|can you see) (?:there|{_IN_IT}){_NOW}"
    rf"|describe (?:{_PICTURE}|it|what you see)(?: to me| for me)?{_NOW}"
    rf"){AFTER}\W*"
)
_ASKS_A_COLOUR = re.compile(
    rf"\W*{BEFORE}(?:(?:and|so) )?(?:tell me )?(?:what|which) colou?r(?:'s| is| are| does| do|) (?:the|my|that) "
    rf"(?P<noun>[\w-]+)(?: is| are| have| has)?{_NOW}{AFTER}\W*"
)


def describing(request: DialogueRequest, caption: str) -> Answer | None:
    """What there is in the picture or the colour of a thing, for who plainly asks for nothing else; else None."""
    said = plain(request.text)
    colour = _ASKS_A_COLOUR.fullmatch(said)
    if colour is None and _ASKS.fullmatch(said) is None:
        return None
    shown = retell(caption, request.instructions).caption.strip(" .")
    if colour:
        return _colour_of(colour["noun"], shown)
    if not shown:
        return Answer(ReplyKind.CHAT, NOBODY_TOLD)
    there_is = "there is " if shown.startswith(("a ", "an ", "one ")) else ""
    return Answer(ReplyKind.CHAT, as_sentence(there_is + shown, "."))


def _colour_of(noun: str, caption: str) -> Answer | None:
    """The colour of what is named once and has words of colour alone; None of anything else."""
    named = [thing for thing in things_named(caption) if thing.noun == noun]
    words = [word for word in named[0].colour.split() if word not in _COUNTS] if len(named) == 1 else []
    plain_colour = not COLOURS.isdisjoint(words) and {*words} <= COLOURS | SHADES
    if not plain_colour or re.search(rf"{_SEVERAL_COLOURS}{re.escape(noun)}\b", caption):
        return None
    return Answer(ReplyKind.CHAT, f"The {noun} {'are' if is_plural(noun) else 'is'} {' '.join(words)}.")
