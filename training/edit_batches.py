"""Batches of edit triples from a folder of Parquet files, in an order that a resumed run sees again."""

from __future__ import annotations

import random
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

AHEAD = 4
"""Batches that are read while the model learns from one."""
_SIDED = ("left", "right")


@dataclass(frozen=True)
class EditBatch:
    """Pictures (rows, 3, side, side) in -1..1, before and after, and what was said."""

    originals: Tensor
    edited: Tensor
    instructions: list[str]


class EditSet:
    """One split of a set of triples (`original_image`, `edit_prompt`, `edited_image`), cut to squares."""

    def __init__(self, folder: Path, split: str, side: int, cache: Path | None = None) -> None:
        """Raises ValueError where the folder has no such split."""
        from datasets import disable_progress_bars, load_dataset

        files = sorted(map(str, [*folder.glob(f"{split}/*.parquet"), *folder.glob(f"{split}.parquet")]))
        if not files:
            raise ValueError(f"{folder} holds no {split} triples; make some as docs/data.md says")
        disable_progress_bars()
        self._rows = load_dataset(
            "parquet", data_files={split: files}, split=split, cache_dir=None if cache is None else str(cache)
        )
        self._side = side

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, seed: int, start: int, count: int) -> EditBatch:
        """The examples `start` to `start + count` of an endless stream that shuffles anew in every pass."""
        cut = [self._example(seed, number) for number in range(start, start + count)]
        before, after = (_values([pair[side] for pair, _ in cut]) for side in range(2))
        return EditBatch(before, after, [said for _, said in cut])

    def first(self, count: int) -> list[tuple[Image.Image, Image.Image, str]]:
        """The first examples, cut in the middle: always the same, to look at."""
        rows = (self._rows[index] for index in range(min(count, len(self))))
        size = (self._side, self._side)
        return [
            (*(ImageOps.fit(_rgb(row[name]), size) for name in ("original_image", "edited_image")), row["edit_prompt"])
            for row in rows
        ]

    def _example(self, seed: int, number: int) -> tuple[tuple[Image.Image, Image.Image], str]:
        turn, place = divmod(number, len(self))
        row = self._rows[order(seed, turn, len(self))[place]]
        rng = random.Random(f"{seed}/{number}")
        said: str = row["edit_prompt"]
        pair = (_rgb(row["original_image"]), _rgb(row["edited_image"]))
        return crop(rng, pair, self._side, mirror=not any(side in said.lower() for side in _SIDED)), said


class Ahead:
    """Reads the batches that come next while the present one is learnt from."""

    def __init__(self, edits: EditSet, seed: int, count: int, readers: int) -> None:
        self._edits, self._seed, self._count, self._readers = edits, seed, count, readers

    def batches(self, number: int) -> Generator[EditBatch, None, None]:
        """Batch after batch from the given one on, without end."""
        with ThreadPoolExecutor(max_workers=max(1, self._readers), thread_name_prefix="edits") as pool:
            waiting: list[Future[EditBatch]] = []
            try:
                while True:
                    while len(waiting) < AHEAD:
                        start = (number + len(waiting)) * self._count
                        waiting.append(pool.submit(self._edits.batch, self._seed, start, self._count))
                    number += 1
                    yield waiting.pop(0).result()
            finally:
                for future in waiting:
                    future.cancel()


@lru_cache(maxsize=2)
def order(seed: int, turn: int, count: int) -> list[int]:
    """The order of all examples in one pass."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + turn)
    found: list[int] = torch.randperm(count, generator=generator).tolist()
    return found


def crop(
    rng: random.Random, pair: tuple[Image.Image, Image.Image], side: int, mirror: bool
) -> tuple[Image.Image, Image.Image]:
    """The same square of both pictures, their short side scaled to it; mirrored half of the time if allowed."""
    width, height = pair[0].size
    scale = side / min(width, height)
    size = (max(side, round(width * scale)), max(side, round(height * scale)))
    left, top = rng.randint(0, size[0] - side), rng.randint(0, size[1] - side)
    flipped = mirror and rng.random() < 0.5

    def cut(picture: Image.Image) -> Image.Image:
        square = picture.resize(size, Image.Resampling.LANCZOS).crop((left, top, left + side, top + side))
        return ImageOps.mirror(square) if flipped else square

    return cut(pair[0]), cut(pair[1])


def _rgb(picture: Any) -> Image.Image:
    converted: Image.Image = picture.convert("RGB")
    return converted


def _values(pictures: list[Image.Image]) -> Tensor:
    levels = np.stack([np.asarray(picture) for picture in pictures])
    return torch.from_numpy(levels).permute(0, 3, 1, 2).float().div(127.5).sub(1)
