"""Endless padded batches of dialogue turns, in an order that a resumed run sees again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor

from dialogue_service.engine import padded
from dialogue_service.history import HistoryEncoder
from shared.schemas.dialogue import ReplyKind
from training.datasets.dialogue_examples import Draw, Example, examples_of

IGNORED = -100
"""The label that the loss skips."""
SHORT_ANSWER = 14
"""Most ids of an answer that is padded with the short ones."""
LATER_PLAIN = 0.12
"""Share of plain dialogues once full ones are drawn too."""
LONGER = 0.75
"""How often a turn is learnt from, beside one with a turn less before it: it costs more and adds less.

A turn that answers a question is always learnt from: what it means stands in the turns before it, the hard part.
"""


@dataclass(frozen=True)
class Beside:
    """Dialogues of another kind that come beside the full ones, and their share of all."""

    share: float
    draw: Draw


@dataclass(frozen=True)
class Lessons:
    """What is drawn when: plain dialogues until `plain_steps`, opening turns until `opening_steps`, then all."""

    full: Draw
    plain: Draw | None = None
    beside: tuple[Beside, ...] = ()
    plain_steps: int = 0
    opening_steps: int = 0

    def draw(self, rng: random.Random, step: int) -> list[Example]:
        """The examples of one dialogue, as it suits the step."""
        if self.plain is not None and (step < self.plain_steps or rng.random() < LATER_PLAIN):
            return examples_of(self.plain(rng))
        chance = rng.random()
        for other in self.beside:
            if chance < other.share:
                return examples_of(other.draw(rng))
            chance -= other.share
        return [example for example in examples_of(self.full(rng)) if self._suits(example, rng, step)]

    def _suits(self, example: Example, rng: random.Random, step: int) -> bool:
        before = example.request.turns
        if step < self.opening_steps:
            return not before
        return answers_a_question(example) or rng.random() < LONGER ** len(before)


def answers_a_question(example: Example) -> bool:
    """Whether the assistant's last words were a question."""
    before = example.request.turns
    return bool(before) and before[-1].reply_kind is ReplyKind.CLARIFICATION


@dataclass(frozen=True)
class Batch:
    """Padded ids: `input_ids` and `attention_mask` (rows, length), `labels` (rows, answer length)."""

    input_ids: Tensor
    attention_mask: Tensor
    labels: Tensor


class BatchStream:
    """Endless batches in an order that depends on seed and step alone, so that a resumed run sees the same data.

    Batches are cut from a chunk of `CHUNK` batches sorted by the length of what is read, and each comes in two parts,
    short answers (most instructions) and long ones (most questions), so that little of them is padding.
    """

    CHUNK = 8

    def __init__(self, lessons: Lessons, encoder: HistoryEncoder, pad_id: int, rows: int, seed: int) -> None:
        self._lessons, self._encoder, self._pad_id, self._rows, self._seed = lessons, encoder, pad_id, rows, seed
        self._chunk = lru_cache(maxsize=1)(self._make_chunk)

    def batch(self, step: int) -> list[Batch]:
        """The batch of one step, in one or two parts."""
        return self._chunk(step // self.CHUNK)[step % self.CHUNK]

    def _make_chunk(self, number: int) -> list[list[Batch]]:
        rng = random.Random(f"{self._seed}/{number}")
        examples: list[Example] = []
        while len(examples) < self._rows * self.CHUNK:
            examples += self._lessons.draw(rng, number * self.CHUNK)
        rng.shuffle(examples)
        encoded = [self._encode(example) for example in examples[: self._rows * self.CHUNK]]
        encoded.sort(key=lambda pair: len(pair[0]))
        starts = range(0, len(encoded), self._rows)
        batches = [self._parted(encoded[start : start + self._rows]) for start in starts]
        rng.shuffle(batches)
        return batches

    def _parted(self, pairs: list[tuple[list[int], list[int]]]) -> list[Batch]:
        short = [pair for pair in pairs if len(pair[1]) <= SHORT_ANSWER]
        long = [pair for pair in pairs if len(pair[1]) > SHORT_ANSWER]
        return [collate(part, self._pad_id) for part in (short, long) if part]

    def _encode(self, example: Example) -> tuple[list[int], list[int]]:
        return self._encoder.encode(example.request), self._encoder.encode_answer(*example.taught)


def collate(pairs: Sequence[tuple[list[int], list[int]]], pad_id: int) -> Batch:
    """Pad inputs and answers of some examples on the right."""
    inputs, mask = padded([ids for ids, _ in pairs], pad_id)
    labels, _ = padded([answer for _, answer in pairs], IGNORED)
    return Batch(inputs, mask, labels)
