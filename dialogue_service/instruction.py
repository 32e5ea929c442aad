"""What the model's answer means: read from ids, checked, and put into words for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogue_service.history import ControlIds, normalised
from shared.schemas.dialogue import ReplyKind
from shared.schemas.edit import MOST_STEPS, in_order

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

LONGEST_INSTRUCTION, LONGEST_REPLY = 120, 200
"""Characters; anything longer is the model running on, not an answer."""
POLITE_QUESTION = "Sorry, I didn't quite get that. What would you like me to change, and into what?"

_INSTRUCTION = re.compile(r"[^\W_][\w ,'&/-]*")
_TIDY = (
    (re.compile(r"\s+([.,!?;:])"), r"\1"),
    (re.compile(r"(\w)\s*['’]\s*(s|t|re|ve|ll|d|m)\b"), r"\1'\2"),
    (re.compile(r"(\w)\s-\s(\w)"), r"\1-\2"),
)


@dataclass(frozen=True)
class Answer:
    """One answer of the model, for people (`text`) and for the editor (`instruction`, of edits only).

    Of several wishes the instruction holds one each, with `; ` between them.
    """

    kind: ReplyKind
    text: str
    instruction: str | None = None


NOT_UNDERSTOOD = Answer(ReplyKind.CLARIFICATION, POLITE_QUESTION)
"""Stands for every answer that does not parse: it becomes a question, never an edit."""


def read_answer(ids: Sequence[int], tokenizer: PreTrainedTokenizerBase, control: ControlIds) -> Answer:
    """Read generated ids (after the start token): the first decides the kind, the rest up to the end are its words."""
    kind = next((kind for kind, index in control.kinds.items() if ids and ids[0] == index), None)
    if kind is None or tokenizer.eos_token_id not in ids:
        return NOT_UNDERSTOOD
    words = list(ids[1 : ids.index(tokenizer.eos_token_id)])
    if set(words) & {*control.all, tokenizer.unk_token_id}:
        return NOT_UNDERSTOOD
    return compose(kind, tidy(str(tokenizer.decode(words, skip_special_tokens=True))))


def compose(kind: ReplyKind, words: str) -> Answer:
    """An answer from its kind and words; words that cannot be one make it a question."""
    if kind is ReplyKind.EDIT:
        steps = list(dict.fromkeys(step.rstrip(".!") for step in in_order(words.lower())))  # nothing twice
        if not 0 < len(steps) <= MOST_STEPS or not all(map(is_instruction, steps)):
            return NOT_UNDERSTOOD
        return Answer(kind, f"I'll {_first_person(', then '.join(steps))}.", "; ".join(steps))
    if not words or len(words) > LONGEST_REPLY:
        return NOT_UNDERSTOOD
    return Answer(kind, as_sentence(words, "?" if kind is ReplyKind.CLARIFICATION else "."))


def is_instruction(words: str) -> bool:
    """Whether words can be an explicit instruction: at least two words, no more than a line, nothing but letters."""
    return len(words) <= LONGEST_INSTRUCTION and " " in words and _INSTRUCTION.fullmatch(words) is not None


def tidy(words: str) -> str:
    """Put right what decoding word pieces leaves: spaces before marks and around apostrophes and hyphens."""
    text = normalised(words)
    for pattern, replacement in _TIDY:
        text = pattern.sub(replacement, text)
    return text


def as_sentence(words: str, stop: str) -> str:
    """Words as a person writes them: capital letters, `I`, and a mark at the end."""
    text = re.sub(r"\bi\b", "I", words).replace("dialogpaint", "DialogPaint")
    text = re.sub(r"(^|[.!?]\s+)(\w)", lambda found: found[1] + found[2].upper(), text)
    return text if text[-1] in ".!?" else text + stop


def _first_person(instruction: str) -> str:
    return re.sub(r"\bmy\b", "your", instruction)
