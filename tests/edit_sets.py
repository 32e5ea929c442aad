"""A small set of edit triples on disk, for tests: pictures and their negatives."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps

from tests.editing_models import SIDE, make_picture
from training.datasets.edit_shards import EditRow, ShardedSet
from training.datasets.instructions import Split


def save_triples(folder: Path, train: int = 12, validation: int = 4) -> Path:
    """Write so many triples of either split."""
    counts: dict[Split, int] = {"train": train, "validation": validation}
    rows = [_triple(split, number) for split, count in counts.items() for number in range(count)]
    ShardedSet(folder, {"made": "for tests"}).add(rows, {}, len(rows))
    return folder


def _triple(split: Split, number: int) -> EditRow:
    picture = make_picture(number + (500 if split == "validation" else 0), (SIDE + 8, SIDE))
    return EditRow(split, _png(picture), f"invert the colours {number}", _png(ImageOps.invert(picture)))


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
