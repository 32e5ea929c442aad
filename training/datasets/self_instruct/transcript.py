"""A conversation as lines of text, the form in which a language model reads seeds and writes new ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.schemas.dialogue import ReplyKind

_KINDS = {"Ask": ReplyKind.CLARIFICATION, "Edit": ReplyKind.EDIT, "Chat": ReplyKind.CHAT}
LABELS = {kind: label for label, kind in _KINDS.items()}
"""How each kind of reply is marked: `Ask: Which colour?`."""
USER = "User"

_LINE = re.compile(rf"({USER}|{'|'.join(_KINDS)}):\s*(\S.*)")


class NotATranscript(ValueError):
    """The text is not lines of user and assistant in turn; the message says where it goes wrong."""


@dataclass(frozen=True)
class Line:
    """One turn: what the user said, and the kind and words of the answer (of an edit, its instruction)."""

    user: str
    kind: ReplyKind
    words: str


def read(text: str) -> list[Line]:
    """The turns of a transcript; raises NotATranscript."""
    labelled = [_labelled(line) for line in text.strip().splitlines() if line.strip()]
    if not labelled or len(labelled) % 2:
        raise NotATranscript("the lines do not pair up")
    return [_turn(said, answered) for said, answered in zip(labelled[::2], labelled[1::2], strict=True)]


def write(lines: Sequence[Line]) -> str:
    """The transcript of some turns; `read` gives them back."""
    return "\n".join(f"{USER}: {line.user}\n{LABELS[line.kind]}: {line.words}" for line in lines)


def _labelled(line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise NotATranscript("a line has no label")
    return found[1], " ".join(found[2].split())


def _turn(said: tuple[str, str], answered: tuple[str, str]) -> Line:
    if said[0] != USER or answered[0] == USER:
        raise NotATranscript("user and assistant do not take turns")
    words = answered[1].lower().rstrip(" .!") if answered[0] == LABELS[ReplyKind.EDIT] else answered[1]
    return Line(said[1], _KINDS[answered[0]], words)
