"""From dialogues to training examples: every turn is one, with the turns before it as its history."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from torch import Tensor

from dialogue_service.engine import padded
from dialogue_service.history import HistoryEncoder
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind

Dialogue = Mapping[str, Any]
"""One line of a dialogue file: caption, instructions_before, turns (user, reply_kind, reply, instruction)."""
Draw = Callable[[random.Random], Dialogue]
"""Draws one dialogue."""

IGNORED = -100
"""The label that the loss skips."""


@dataclass(frozen=True)
class Example:
    """What the model reads and what it should answer."""

    request: DialogueRequest
    kind: ReplyKind
    answer: str


@dataclass(frozen=True)
class Batch:
    """Padded ids: `input_ids` and `attention_mask` (rows, length), `labels` (rows, answer length)."""

    input_ids: Tensor
    attention_mask: Tensor
    labels: Tensor


def examples_of(dialogue: Dialogue) -> list[Example]:
    """Every turn of a dialogue as an example; instructions carried out so far are the earlier edit turns'."""
    done = list(dialogue["instructions_before"])
    past: list[DialogueTurn] = []
    examples = []
    for record in dialogue["turns"]:
        turn = DialogueTurn(
            user=record["user"],
            reply_kind=record["reply_kind"],
            reply=record["reply"],
            instruction=record["instruction"],
        )
        request = DialogueRequest(
            caption=dialogue["caption"], instructions=list(done), turns=list(past), text=record["user"]
        )
        answer = record["instruction"] if turn.reply_kind is ReplyKind.EDIT else record["reply"]
        examples.append(Example(request, turn.reply_kind, answer))
        past.append(turn)
        if record["instruction"]:
            done.append(record["instruction"])
    return examples


def recorded(path: Path, split: str) -> Draw:
    """Draws from a JSON Lines file, dialogues of one split."""
    dialogues = [line for line in read_dialogues(path) if line["split"] == split]
    if not dialogues:
        raise ValueError(f"{path} holds no dialogue of the split {split!r}")
    return lambda rng: rng.choice(dialogues)


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """The dialogues of a JSON Lines file, in order."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


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
            examples += examples_of(self._draw(rng))
        rng.shuffle(examples)
        encoded = [self._encode(example) for example in examples[: self._rows * self.CHUNK]]
        encoded.sort(key=lambda pair: len(pair[0]))
        starts = range(0, len(encoded), self._rows)
        batches = [collate(encoded[start : start + self._rows], self._pad_id) for start in starts]
        rng.shuffle(batches)
        return batches

    def _encode(self, example: Example) -> tuple[list[int], list[int]]:
        return self._encoder.encode(example.request), self._encoder.encode_answer(example.kind, example.answer)


def collate(pairs: Sequence[tuple[list[int], list[int]]], pad_id: int) -> Batch:
    """Pad inputs and answers of some examples on the right."""
    inputs, mask = padded([ids for ids, _ in pairs], pad_id)
    labels, _ = padded([answer for _, answer in pairs], IGNORED)
    return Batch(inputs, mask, labels)
