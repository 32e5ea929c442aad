"""How well a dialogue model answers examples with known truth; loss alone is a poor guide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from transformers import BlenderbotForConditionalGeneration, PreTrainedTokenizerBase

from dialogue_service.engine import generate, surprise
from dialogue_service.history import HistoryEncoder, normalised
from dialogue_service.instruction import Answer, read_answer
from dialogue_service.sense import sensible
from shared.schemas.dialogue import ReplyKind
from training.datasets.dialogue_examples import Example
from training.datasets.instructions import parse

ROWS = 64


@dataclass(frozen=True)
class Marks:
    """Shares between 0 and 1, and the perplexity of the true answers."""

    kind: float
    instruction: float
    perplexity: float


def marks(
    model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example]
) -> Marks:
    """Answer examples greedily and compare kind and instruction with the truth."""
    answers = answers_to(model, tokenizer, examples)
    kinds = [answer.kind == example.kind for answer, example in zip(answers, examples, strict=True)]
    edits = [
        same_change(answer, example)
        for answer, example in zip(answers, examples, strict=True)
        if example.kind is ReplyKind.EDIT
    ]
    return Marks(_share(kinds), _share(edits), perplexity(model, tokenizer, examples))


def same_change(answer: Answer, example: Example) -> bool:
    """Whether an answer's instruction makes the same change as the true one, in whatever wording."""
    if answer.instruction is None or example.kind is not ReplyKind.EDIT:
        return False
    said, meant = parse(answer.instruction), parse(example.answer)
    return answer.instruction == example.answer if meant is None else said == meant


def answers_to(
    model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example]
) -> list[Answer]:
    """The model's greedy answer to each example, read and held against the caption as the service does."""
    encoder = HistoryEncoder(tokenizer)
    answers: list[Answer] = []
    for start in range(0, len(examples), ROWS):
        said = [example.request for example in examples[start : start + ROWS]]
        outputs = generate(model, [encoder.encode(request) for request in said])
        read = [read_answer(ids, tokenizer, encoder.control) for ids in outputs]
        answers += [
            sensible(answer, normalised(request.caption or ""), request.instructions)
            for answer, request in zip(read, said, strict=True)
        ]
    return answers


def perplexity(
    model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example]
) -> float:
    """Exponential of the mean loss per token of the true answers (control token and end included)."""
    encoder = HistoryEncoder(tokenizer)
    total, tokens = 0.0, 0
    for start in range(0, len(examples), ROWS):
        part = examples[start : start + ROWS]
        answers = [encoder.encode_answer(*example.taught) for example in part]
        total += surprise(model, [encoder.encode(example.request) for example in part], answers)
        tokens += sum(len(answer) for answer in answers)
    return math.exp(total / tokens)


def _share(marks: Sequence[bool]) -> float:
    return sum(marks) / len(marks) if marks else 0.0
