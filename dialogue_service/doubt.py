"""Asking first where the model is not sure, and taking the plain yes or no to that.

How likely the model finds its own answer tells how often it is right (docs/decisions/0017). An edit that is probably
wrong costs whoever wanted something else the wait, an undo and saying it again; a question costs a word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from dialogue_service.history import normalised
from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, compose, is_instruction
from dialogue_service.politeness import plain
from dialogue_service.questions import ask
from dialogue_service.spelling import is_word
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind

INSTEAD = "All right. Tell me what to change instead."

_OFFER = re.compile(r"(?:.+[.!] )?Shall I ((?!.* or )[^?]+)\?")
_OPEN = re.compile(r"(?:change|resize|recolour|move) .+|(?:paint|replace) the [\w-]+|make the [\w-]+|make it")
"""Offers of the rules that leave something open."""
_PARTING = re.compile(r",? then ")
_WORDS = re.compile(r"[^\W\d_]+")
_SIGH = r"(?:(?:oh|ah|um+|erm?|hm+|well|but|and|please)\W+)?"
_MANNERS = r"(?:\W+(?:please|pls|thanks?(?: you)?|mate|dear|sir|love|then|sorry))*"
_YES = (
    r"(?:y|ye|yes+|yea+h*|yep|yup|aye|sure(?: thing)?|ok(?:ay)?|k|of course|certainly|absolutely|definitely|indeed"
    r"|exactly|precisely|correct|right|that'?s (?:right|it|correct)|(?:please )?(?:go (?:ahead|on|for it)"
    r"|do(?: it| that| so)?)|by all means|why not|sounds good|perfect|you should|i do"
    r"|(?:that is )?what i (?:meant|want|said))"
)
_NO = (
    r"(?:n|no+|nope|nah+|never|no way|wrong|(?:(?:absolutely|definitely|certainly|of course) )?not"
    r"(?: (?:at all|really|that(?: one)?|quite|it))?|(?:please )?do(?:n'?t| not)(?: (?:do (?:it|that)|you dare))?"
    r"|that'?s (?:not it|wrong))"
)
_PLAIN_YES = re.compile(rf"{_SIGH}{_YES}(?:\W+{_YES})*{_MANNERS}(?:[\s.,!)]*|(?<=why not)\W*)")
_BARE_YES = re.compile(r"(?:yes+|yea+h*|yep|yup|sure|ok(?:ay)?|of course)(?:\W+please)?[\s.,!)]*")
_CHOICE = re.compile(r"(?:^|[.!] )(?:What|Which|Where)\b| or ")
_PLAIN_NO = re.compile(rf"{_SIGH}{_NO}(?:\W+{_NO})*{_MANNERS}[\s.,!)]*")


@dataclass(frozen=True)
class Likely:
    """What the model may have meant, what the rules make of it, and how likely it is."""

    meant: Answer
    answer: Answer
    probability: float


def in_doubt(said: DialogueRequest, likeliest: Likely, others: Iterable[Likely], enough: float) -> Answer:
    """What to say where the likeliest answer is an edit that is not sure `enough`, or that the rules object to.

    Several answers may come to the same edit, and what the rules object to cannot be meant: if the others are sure
    among themselves, theirs is made. Else a question that is likely itself is asked, or whether the edit is meant; what
    the rules object to is said to be so. No offer is made twice before something is done, nor one in invented words.
    """
    others = list(others)
    if not any(each.meant == likeliest.meant for each in others):
        others.append(likeliest)
    refused = {offer for turn in _since_the_last_edit(said) if (offer := offer_in(turn.reply))}
    shares, answers, possible = defaultdict[str, float](float), dict[str, Answer](), 1.0
    for each in others:
        wanted = each.answer.instruction
        if _is_objected_to(each):
            possible -= each.probability
        elif wanted is not None and wanted not in refused and not invents(wanted, said):
            shares[wanted] += each.probability
            answers.setdefault(wanted, each.answer)
    best = max(shares, key=shares.__getitem__, default="")
    if best and shares[best] >= enough * possible:
        return answers[best]
    question = next((each.answer for each in others if _asks(each) and each.answer.text != _last_reply(said)), None)
    if question or _is_objected_to(likeliest):
        return question or likeliest.answer
    return _offer(best) if best else Answer(ReplyKind.CHAT, INSTEAD) if refused else NOT_UNDERSTOOD


def invents(instruction: str, said: DialogueRequest) -> bool:
    """Whether an instruction has a word that nobody said and that is none, put together by a model out of pieces."""
    told = [said.caption or "", said.text, *said.instructions, *(f"{turn.user} {turn.reply}" for turn in said.turns)]
    known = set(_WORDS.findall(normalised(" ".join(told)).lower()))
    return not all(word in known or is_word(word) for word in _WORDS.findall(instruction.lower()))


def answering_offer(said: DialogueRequest) -> Answer | None:
    """The answer to somebody who was asked "Shall I …?" and plainly says yes or no; None for anybody else.

    Who says but yes where there is something to choose is asked again. The text is to be as it was typed: a `nooo` is
    no slip.
    """
    last, text = said.turns[-1] if said.turns else None, plain(normalised(said.text))
    if last is None or last.reply_kind is not ReplyKind.CLARIFICATION:
        return None
    if _CHOICE.search(last.reply) and _BARE_YES.fullmatch(text):
        return ask(last.reply)
    offered = offer_in(last.reply)
    if offered is None:
        return None
    if _PLAIN_YES.fullmatch(text):
        return compose(ReplyKind.EDIT, offered)
    return Answer(ReplyKind.CHAT, INSTEAD) if _PLAIN_NO.fullmatch(text) else None


def offer_in(question: str) -> str | None:
    """The instruction that a question offers to carry out, if it does and leaves nothing open."""
    found = _OFFER.fullmatch(question)
    steps = [re.sub(r"\byour\b", "my", step) for step in _PARTING.split(found[1])] if found else []
    whole = all(is_instruction(step) and not _OPEN.fullmatch(step) for step in steps)
    return "; ".join(steps) if steps and whole else None


def _offer(instruction: str) -> Answer:
    would_do = compose(ReplyKind.EDIT, instruction).text.removeprefix("I'll ").rstrip(".")
    return ask(f"Shall I {would_do}?")


def _is_objected_to(each: Likely) -> bool:
    """Whether an edit was meant that would change nothing."""
    return each.meant.instruction is not None and each.answer.kind is ReplyKind.CHAT


def _asks(each: Likely) -> bool:
    return each.meant.kind is ReplyKind.CLARIFICATION and each.answer.kind is ReplyKind.CLARIFICATION


def _last_reply(said: DialogueRequest) -> str:
    return said.turns[-1].reply if said.turns else ""


def _since_the_last_edit(said: DialogueRequest) -> Iterator[DialogueTurn]:
    return takewhile(lambda turn: turn.reply_kind is not ReplyKind.EDIT, reversed(said.turns))
