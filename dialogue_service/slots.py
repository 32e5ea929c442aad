"""Answers in the making: each has a slot, all take a step together, and any may begin or end between two steps.

The slots in use are always the first ones, so that a step takes a plain slice of the memory: when an answer ends, the
last one moves into its slot. Before a slot is used again it is emptied, for a place that does not count still takes
part in the sums: zero times what somebody else left there is zero only as long as that is a number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from transformers import BlenderbotForConditionalGeneration

from dialogue_service.blender import Blender, Memory

_STRIDE = 8
"""Inputs are padded to a multiple of this, and read together where that makes them equally long: padding costs as much
as words do, and the CPU's kernels, compiled once for every shape, see few of them."""


@dataclass(frozen=True)
class Room:
    """How many answers may be in the making, and how many ids they may read and say."""

    slots: int
    source: int
    answer: int


@dataclass(frozen=True)
class Marks:
    """The ids that begin, end and fill."""

    start: int
    end: int
    pad: int


@dataclass(frozen=True)
class Said:
    """An answer: its ids up to the end or the limit, and how likely the model finds all of it, in nats."""

    ids: list[int]
    log_probability: float


@dataclass
class _Row:
    """An answer in the making: whose it is, how long its input is, what was said so far (after the start)."""

    key: int
    source: int
    newest: int
    said: list[int] = field(default_factory=list)
    log_probability: float = 0.0


class Slots:
    """Greedy answers to inputs that come and go, each the same as if it were alone."""

    def __init__(self, blender: Blender, room: Room, marks: Marks) -> None:
        self._blender, self._marks, self.room = blender, marks, room
        self._rows: list[_Row] = []
        shape = {"dtype": blender.dtype, "device": blender.device}
        self._own = torch.zeros(blender.layers, room.slots, room.answer, 2 * blender.width, **shape)
        self._read = torch.zeros(blender.layers, room.slots, room.source, 2 * blender.width, **shape)
        self._own_mask = torch.full((room.slots, 1, 1, room.answer), -torch.inf, **shape)
        self._read_mask = torch.full((room.slots, 1, 1, room.source), -torch.inf, **shape)

    @staticmethod
    def of(model: BlenderbotForConditionalGeneration, slots: int, source: int) -> Slots:
        """So many slots for a model, for inputs of up to `source` ids and answers as long as it generates."""
        told: Any = model.generation_config
        longest = min(told.max_new_tokens, model.config.max_position_embeddings)
        marks = Marks(told.decoder_start_token_id, told.eos_token_id, told.pad_token_id)
        return Slots(Blender(model), Room(slots, source, longest), marks)

    @property
    def free(self) -> int:
        """How many more answers may begin."""
        return self.room.slots - len(self._rows)

    @property
    def taken(self) -> int:
        """How many answers are in the making."""
        return len(self._rows)

    @torch.inference_mode()
    def join(self, inputs: Mapping[int, Sequence[int]]) -> None:
        """Read inputs, those of like length together, and begin their answers; nothing has begun where this raises."""
        alike: dict[int, list[int]] = defaultdict(list)
        for key, said in inputs.items():
            alike[-(-len(said) // _STRIDE)].append(key)
        groups = [{key: inputs[key] for key in keys} for keys in alike.values()]
        masked = [self._padded(list(group.values())) for group in groups]
        found = [self._blender.read(ids, mask) for ids, mask in masked]  # each (layers, rows, source, 2d)
        for group, (_, mask), memories in zip(groups, masked, found, strict=True):
            self._begin(group, mask, memories)

    @torch.inference_mode()
    def step(self) -> dict[int, Said]:
        """Find the next id of every answer; returns those that ended."""
        count = self.taken
        places = [len(row.said) for row in self._rows]
        newest = torch.tensor([[row.newest for row in self._rows], places]).to(self._blender.device)
        self._own_mask[torch.arange(count), 0, 0, newest[1]] = 0
        found, likely = self._blender.step(newest[0], newest[1], self._memory(count, max(places) + 1))
        for row, index, nats in zip(self._rows, found.tolist(), likely.tolist(), strict=True):
            row.newest = index
            row.said.append(index)
            row.log_probability += nats
        return self._ended()

    def clear(self) -> None:
        """Give up every answer in the making."""
        self._rows = []

    def _begin(self, inputs: Mapping[int, Sequence[int]], mask: Tensor, memories: Tensor) -> None:
        first, last, source = self.taken, self.taken + len(inputs), mask.shape[-1]
        self._empty(first, last)
        self._read[:, first:last, :source] = memories
        self._read_mask[first:last, ..., :source] = mask
        self._rows += [_Row(key, len(said), self._marks.start) for key, said in inputs.items()]

    def _memory(self, count: int, said: int) -> Memory:
        source = max(row.source for row in self._rows)
        return Memory(
            self._own[:, :count, :said],
            self._own_mask[:count, ..., :said],
            self._read[:, :count, :source],
            self._read_mask[:count, ..., :source],
        )

    def _ended(self) -> dict[int, Said]:
        ended = {}
        for slot in reversed(range(self.taken)):
            row = self._rows[slot]
            if row.newest == self._marks.end or len(row.said) == self.room.answer:
                ended[row.key] = Said(row.said, row.log_probability)
                self._leave(slot)
        return ended

    def _leave(self, slot: int) -> None:
        """Move the last answer into a slot that is no longer needed."""
        row = self._rows.pop()
        if slot == self.taken:
            return
        self._rows[slot] = row
        for memory in (self._own, self._read):
            memory[:, slot] = memory[:, self.taken]
        for mask in (self._own_mask, self._read_mask):
            mask[slot] = mask[self.taken]

    def _empty(self, first: int, last: int) -> None:
        """Forget what was in some slots."""
        for memory in (self._own, self._read):
            memory[:, first:last] = 0
        for mask in (self._own_mask, self._read_mask):
            mask[first:last] = -torch.inf

    def _padded(self, inputs: list[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Inputs side by side (rows, source) and the mask of what counts (rows, 1, 1, source)."""
        longest = min(-(-max(map(len, inputs)) // _STRIDE) * _STRIDE, self.room.source)
        ids = torch.tensor([[*said, *[self._marks.pad] * (longest - len(said))] for said in inputs])
        lengths = torch.tensor([len(said) for said in inputs])[:, None]
        mask = torch.zeros(ids.shape).masked_fill(torch.arange(longest) >= lengths, -torch.inf)
        return ids.to(self._blender.device), mask.to(self._own)[:, None, None]
