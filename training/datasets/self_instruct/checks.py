"""Whether a conversation that a language model wrote may be learnt from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from shared.schemas.dialogue import ReplyKind
from training.datasets.changes import Change
from training.datasets.instructions import parse, phrase
from training.datasets.self_instruct.rouge import words
from training.datasets.self_instruct.seeds import Shape
from training.datasets.self_instruct.told import strangers, untold
from training.datasets.self_instruct.transcript import Line
from training.datasets.world import COLOURS

LONGEST, MOST_WORDS = 160, 28

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ,.;:'’!?()-]*")
_ASKING = re.compile(r"\b(which|what|where|when|how|who|or|shall|should|would)\b")
_WISHING = re.compile(r"\b(make|add|remove|paint|replace|turn|put|delete|recolou?r)\b")
_NEGATED = re.compile(r"\b(don'?t|do not|never|not)\b")


class Reason(StrEnum):
    """Why a conversation is not kept."""

    FORMAT = "no transcript"
    SHAPE = "other kinds of reply than asked"
    INSTRUCTION = "another instruction than asked"
    WORDS = "too long, or odd characters"
    REPEATED = "says the same thing twice"
    GRAMMAR = "says the instruction as the grammar does"
    UNTOLD = "the instruction says what the user did not"
    QUESTION = "the question does not ask for what is missing"
    CHAT = "small talk about a wish"
    STRANGE = "names what is not there"
    ALIKE = "like one there is already"


class Rejected(ValueError):
    """The conversation fails a check."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Asked:
    """What a conversation was to be about: the picture's caption and things, the changes and the kinds of reply."""

    caption: str
    kinds: tuple[str, ...]
    changes: tuple[Change, ...]
    shape: Shape


def check(asked: Asked, lines: Sequence[Line]) -> None:
    """Raise Rejected unless the conversation does what was asked and everything in it follows."""
    if tuple(line.kind for line in lines) != asked.shape:
        raise Rejected(Reason.SHAPE)
    edits = [line.words for line in lines if line.kind is ReplyKind.EDIT]
    if edits != [phrase(change) for change in asked.changes]:
        raise Rejected(Reason.INSTRUCTION)
    for line in lines:
        _check_words(line)
    texts = [text.lower() for line in lines for text in (line.user, line.words)]
    if len(set(texts)) < len(texts):
        raise Rejected(Reason.REPEATED)
    _check_sense(asked, lines)


def _check_words(line: Line) -> None:
    for text in (line.user, line.words):
        if len(text) > LONGEST or len(text.split()) > MOST_WORDS or not _PLAIN.fullmatch(text):
            raise Rejected(Reason.WORDS)
    if _runs_in_circles(line.user) or _runs_in_circles(line.words):
        raise Rejected(Reason.REPEATED)
    if parse(line.user) is not None or line.words.lower() in line.user.lower():
        raise Rejected(Reason.GRAMMAR)


def _runs_in_circles(text: str) -> bool:
    """Whether the same three words come twice, as small models do."""
    said = words(text)
    threes = list(zip(said, said[1:], said[2:], strict=False))
    return len(set(threes)) < len(threes)


def _check_sense(asked: Asked, lines: Sequence[Line]) -> None:
    """Go through the turns with what the user has said since the last edit."""
    waiting = list(asked.changes)
    said = ""
    for line in lines:
        change = waiting[0] if waiting else None
        said = f"{said} {line.user}"
        known = " ".join((asked.caption, *(phrase(change) for change in asked.changes)))
        if strangers(line.user, known):
            raise Rejected(Reason.STRANGE)
        single = len(asked.kinds) == 1 or change is not asked.changes[0]
        missing = untold(change, said, asked.kinds, single) if change else {"everything"}
        _check_reply(line, missing, known)
        if line.kind is ReplyKind.EDIT:
            waiting.pop(0)
            said = ""


def _check_reply(line: Line, missing: set[str], known: str) -> None:
    """Whether this kind of reply is right where so much is missing."""
    if line.kind is ReplyKind.EDIT and (missing or _NEGATED.search(line.user.lower())):
        raise Rejected(Reason.UNTOLD)
    if line.kind is ReplyKind.CLARIFICATION:
        if not missing or not line.words.endswith("?") or not _ASKING.search(line.words.lower()):
            raise Rejected(Reason.QUESTION)
        if "new" not in missing and strangers(line.words, known) - _offered(missing):
            raise Rejected(Reason.STRANGE)
    if line.kind is ReplyKind.CHAT:
        if not missing or _WISHING.search(line.user.lower()) or parse(line.words) is not None:
            raise Rejected(Reason.CHAT)
        if strangers(line.words, known):
            raise Rejected(Reason.STRANGE)


def _offered(missing: set[str]) -> set[str]:
    """Colours may be offered where the colour is missing."""
    return set(COLOURS) if "colour" in missing else set()
