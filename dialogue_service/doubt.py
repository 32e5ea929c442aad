"""Asking first where the model is not sure, and taking the plain yes or no to that.

How likely the model finds its own answer tells how often it is right (docs/decisions/0017). An edit that is probably
wrong costs whoever wanted something else the wait, an undo and saying it again; a question costs a word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, compose
from dialogue_service.politeness import plain
from dialogue_service.questions import ask
from dialogue_service.spelling import is_word
from shared.schemas.dialogue import DialogueRequest, ReplyKind

INSTEAD = "All right. Tell me what to change instead."

_OFFER = re.compile(r"(?:.+[.!] )?Shall I ((?!.* or )[^?]+)\?")
_WHOLE = re.compile(
    r"add an? .+ (?:on|in|next|beside|under|behind|at) .+|remove the .+|replace the .+ with .+|invert the colours"
    r"|paint the .+ [\w-]+|make the .+ (?:bigger|smaller|clear)|make it .+|move it to .+"
)
"""Instructions that leave nothing open."""
_WORDS = re.compile(r"[^\W\d_]+")
_PARTING = re.compile(r",? then ")
_SIGH = r"(?:(?:oh|ah|um+|erm?|hm+|well|but|why|and|please)\W+)?"
_YES = re.compile(
    rf"{_SIGH}(?:y|ye|yes+|yea+h*|yep|yup|aye|sure(?: thing)?|ok(?:ay)?|k|of course|certainly|absolutely|definitely"
    r"|indeed|exactly|precisely|correct|right|that'?s (?:right|it|correct)|go (?:ahead|on|for it)|do (?:it|that|so)"
    r"|please do|by all means|why not|sounds good|perfect|you should|(?:that is )?what i (?:meant|want|said))"
    r"(?:\W+(?:please|pls|do(?: it| that| so)?|go ahead|thanks?(?: you)?|exactly|that'?s (?:it|right)|i do|of course"
    r"|sure|mate|dear|indeed|yes|absolutely|you should|that))*\W*"
)
_NO = re.compile(
    rf"{_SIGH}(?:n|no+|nope|nah+|not (?:at all|really|that|quite)|don'?t|wrong|certainly not)"
    r"(?:\W+(?:no|thanks?(?: you)?|not that(?: one)?|don'?t(?: do that)?|please|that'?s (?:not it|wrong)|sorry))*\W*"
)


@dataclass(frozen=True)
class Likely:
    """What the model may have meant, what the rules make of it, and how likely it is."""

    meant: Answer
    answer: Answer
    probability: float


def in_doubt(said: DialogueRequest, likeliest: Answer, likely: Iterable[Likely], enough: float) -> Answer:
    """What to say where the likeliest answer is an edit whose probability is not `enough`: an edit or a question.

    Several of the likely answers may come to the same edit. If they are sure together it is made; else a question that
    is likely itself is asked, or whether the edit is meant. Nobody is asked that twice, nor about invented words.
    """
    shares, answers, question = defaultdict[str, float](float), dict[str, Answer](), None
    for each in (*likely, Likely(likeliest, likeliest, 0.0)):
        wanted = each.answer.instruction
        if wanted is not None and not invents(wanted, said):
            shares[wanted] += each.probability
            answers.setdefault(wanted, each.answer)
        elif wanted is None and question is None and each.meant.kind is ReplyKind.CLARIFICATION:
            question = each.answer
    if not answers:
        return question or NOT_UNDERSTOOD
    best = max(shares, key=shares.__getitem__)
    if shares[best] >= enough:
        return answers[best]
    offer = question or _offer(answers[best])
    return answers[best] if offer.text in (turn.reply for turn in said.turns[-1:]) else offer


def invents(instruction: str, said: DialogueRequest) -> bool:
    """Whether an instruction has a word that nobody said and that is none, put together by a model out of pieces."""
    told = [said.caption or "", said.text, *said.instructions, *(turn.user for turn in said.turns)]
    known = set(_WORDS.findall(" ".join(told).lower()))
    return not all(word in known or is_word(word) for word in _WORDS.findall(instruction.lower()))


def answering_offer(said: DialogueRequest) -> Answer | None:
    """The answer to somebody who was asked "Shall I …?" and plainly says yes or no; None for anybody else."""
    last = said.turns[-1] if said.turns else None
    offered = offer_in(last.reply) if last and last.reply_kind is ReplyKind.CLARIFICATION else None
    if offered is None:
        return None
    text = plain(said.text)
    if _NO.fullmatch(text):
        return Answer(ReplyKind.CHAT, INSTEAD)
    return compose(ReplyKind.EDIT, offered) if _YES.fullmatch(text) else None


def _offer(edit: Answer) -> Answer:
    would_do = compose(ReplyKind.EDIT, edit.instruction or "").text.removeprefix("I'll ").rstrip(".")
    return ask(f"Shall I {would_do}?")


def offer_in(question: str) -> str | None:
    """The instruction that a question offers to carry out, if it does."""
    found = _OFFER.fullmatch(question)
    steps = _PARTING.split(found[1]) if found else []
    return "; ".join(steps) if steps and all(map(_WHOLE.fullmatch, steps)) else None
