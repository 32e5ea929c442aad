"""Endless padded batches of dialogue turns, in an order that a resumed run sees again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor

from dialogue_service.engine import padded
from dialogue_service.history import HistoryEncoder
from training.datasets.dialogue_examples import Draw, Example, examples_of

IGNORED = -100
"""The label that the loss skips."""


@dataclass(frozen=True)
class Batch:
    """Padded ids: `input_ids` and `attention_mask` (rows, length), `labels` (rows, answer length)."""

    input_ids: Tensor
    attention_mask: Tensor
    labels: Tensor


class BatchStream:
    """Endless batches in an order that depends on seed and step alone, so that a resumed run sees the same data.

    Batches are cut from a chunk of `CHUNK` batches sorted by length, so that little of them is padding.
    """

    CHUNK = 8

    def __init__(self, draw: Draw, encoder: HistoryEncoder, pad_id: int, rows: int, seed: int) -> None:
        self._draw, self._encoder, self._pad_id, self._rows, self._seed = draw, encoder, pad_id, rows, seed
        self._chunk = lru_cache(maxsize=1)(self._make_chunk)

    def batch(self, step: int) -> Batch:
        """The batch of one step."""
        return self._chunk(step // self.CHUNK)[step % self.CHUNK]

    def _make_chunk(self, number: int) -> list[Batch]:
        rng = random.Random(f"{self._seed}/{number}")
        examples: list[Example] = []
        while len(examples) < self._rows * self.CHUNK:
            examples += [example for example in examples_of(self._draw(rng)) if _worth_its_length(example, rng)]
        rng.shuffle(examples)
        encoded = [self._encode(example) for example in examples[: self._rows * self.CHUNK]]
        encoded.sort(key=lambda pair: len(pair[0]))
        starts = range(0, len(encoded), self._rows)
        batches = [collate(encoded[start : start + self._rows], self._pad_id) for start in starts]
        rng.shuffle(batches)
        return batches

    def _encode(self, example: Example) -> tuple[list[int], list[int]]:
        return self._encoder.encode(example.request), self._encoder.encode_answer(example.kind, example.answer)


def _worth_its_length(example: Example, rng: random.Random) -> bool:
    """Whether to learn from a turn: the more turns before it, the more it costs and the less it adds."""
    return rng.random() * max(1, len(example.request.turns)) < 1


def collate(pairs: Sequence[tuple[list[int], list[int]]], pad_id: int) -> Batch:
    """Pad inputs and answers of some examples on the right."""
    inputs, mask = padded([ids for ids, _ in pairs], pad_id)
    labels, _ = padded([answer for _, answer in pairs], IGNORED)
    return Batch(inputs, mask, labels)
