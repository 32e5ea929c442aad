"""CUDA graphs of the U-Net: one launch instead of hundreds, for batches of whatever size.

A graph is recorded for one shape and reads from and writes to fixed places. So there is one for each of a few counts of
rows, recorded when it is first needed; a batch is copied into the next larger one, and the rows that pad it are thrown
away. Rows do not look at each other, so padding changes nothing but rounding.

Not together with `remembered.py`: a recording would hold the first prompts' keys for ever.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

BUCKETS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""Counts of rows that graphs are recorded for: at most a third of a batch is padding."""
WARM_UPS = 3
"""Runs before the recording: libraries choose their kernels and allocate in the first ones."""

Network = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Sample (rows, 2c, h, w), timesteps (rows,), prompts (rows, tokens, width) → prediction (rows, c, h, w)."""


class Recording(Protocol):
    """Work that can be done again and again on what then stands in the tensors it was recorded with."""

    output: Tensor

    def replay(self) -> None:
        """Do it again."""


Record = Callable[[Callable[[], Tensor]], Recording]


class CudaRecording:
    """A CUDA graph; all share one pool of memory, since they never run at the same time."""

    _pool: Any = None

    def __init__(self, work: Callable[[], Tensor]) -> None:
        stream: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                work()
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph, pool=CudaRecording._pool):
            self.output = work()
        CudaRecording._pool = self._graph.pool()

    def replay(self) -> None:
        """See `Recording.replay`."""
        self._graph.replay()


@dataclass(frozen=True)
class Recorded:
    """One recording and the places that it reads from."""

    sample: Tensor
    timesteps: Tensor
    prompts: Tensor
    recording: Recording

    def __call__(self, sample: Tensor, timesteps: Tensor, prompts: Tensor) -> Tensor:
        """The prediction for as many rows as were given."""
        rows = len(sample)
        for place, given in zip((self.sample, self.timesteps, self.prompts), (sample, timesteps, prompts), strict=True):
            place[:rows].copy_(given)
        self.recording.replay()
        return self.recording.output[:rows].clone()


class Graphed:
    """A network that runs from recordings, one for each bucket and shape."""

    def __init__(self, network: Network, record: Record = CudaRecording) -> None:
        self._network, self._record = network, record
        self._recorded: dict[tuple[int, ...], Recorded] = {}

    def __call__(self, sample: Tensor, timesteps: Tensor, prompts: Tensor) -> Tensor:
        """See `Network`; more rows than the largest bucket holds run as they are."""
        rows = bucket(len(sample))
        if rows is None:
            return self._network(sample, timesteps, prompts)
        key = (rows, *sample.shape[1:], *prompts.shape[1:])
        if key not in self._recorded:
            self._recorded[key] = self._make(rows, sample, timesteps, prompts)
        return self._recorded[key](sample, timesteps, prompts)

    def _make(self, rows: int, *like: Tensor) -> Recorded:
        sample, timesteps, prompts = (_place(rows, each) for each in like)
        recording = self._record(lambda: self._network(sample, timesteps, prompts))
        return Recorded(sample, timesteps, prompts, recording)


def bucket(rows: int) -> int | None:
    """The smallest bucket that holds so many rows, if one does."""
    found = bisect_left(BUCKETS, rows)
    return BUCKETS[found] if found < len(BUCKETS) else None


def _place(rows: int, like: Tensor) -> Tensor:
    place = torch.zeros(rows, *like.shape[1:], dtype=like.dtype, device=like.device)
    return place.contiguous(memory_format=torch.channels_last) if place.dim() == 4 else place
