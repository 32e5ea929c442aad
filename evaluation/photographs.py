"""Edits that any picture can have, on pictures that are no scenes: is the result nearest to the true one, and as large?

For each picture and style the true result is known (`training.datasets.drawing.apply_style`). An edit succeeds when
that one is nearer (mean squared error) to what the editor made than the picture itself and what every other such edit
makes of it. Photographs are given as a folder; without one, generated pictures of odd sizes stand in.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from editing_service.images import Pixels
from evaluation.editor import Editor, EditSettings
from evaluation.judging import nearest_to
from evaluation.pixels import psnr
from evaluation.shares import Share, share
from training.datasets.changes import Change, Relight, SetStyle
from training.datasets.edits import scene_rng
from training.datasets.instructions import phrase
from training.datasets.textures import ANYWHERE, after, texture

PHOTOGRAPHS = 10
STYLES = tuple(change for change in ANYWHERE if isinstance(change, SetStyle))
SIZES = ((500, 375), (375, 500), (640, 427), (333, 500), (480, 480))
"""Sizes (width, height) of the generated pictures."""


@dataclass(frozen=True)
class PhotographResult:
    """One edit of one picture."""

    name: str
    change: Change
    source: Pixels
    output: Pixels
    truth: Pixels
    success: bool

    @property
    def same_size(self) -> bool:
        """Whether the result is as large as the picture."""
        return self.output.shape == self.source.shape

    @property
    def detail_db(self) -> float:
        """PSNR against the true result; NaN where they differ in size."""
        return psnr(self.output, self.truth) if self.same_size else math.nan


@dataclass(frozen=True)
class PhotographReport:
    """Success by edit, whether every result had its picture's size, and mean PSNR (dB) against the truth."""

    photographs: bool
    pictures: int
    styles: Share
    by_edit: dict[str, Share]
    detail_db: dict[str, float]
    same_size: Share


def measure(editor: Editor, settings: EditSettings, pictures: Mapping[str, Pixels]) -> list[PhotographResult]:
    """Every edit of `ANYWHERE` on some pictures, given by name."""
    results = []
    for name, picture in pictures.items():
        outputs = editor.edit_all([picture] * len(ANYWHERE), [phrase(change) for change in ANYWHERE], settings)
        results += _judged(name, picture, outputs)
    return results


def summarise(results: Sequence[PhotographResult], of_photographs: bool) -> PhotographReport:
    """Shares and means over measured edits."""
    by_edit = {_name(change): [result for result in results if result.change == change] for change in ANYWHERE}
    return PhotographReport(
        photographs=of_photographs,
        pictures=len({result.name for result in results}),
        styles=share(result.success for result in results if result.change in STYLES),
        by_edit={name: share(result.success for result in members) for name, members in by_edit.items()},
        detail_db={name: _mean([each.detail_db for each in members]) for name, members in by_edit.items()},
        same_size=share(result.same_size for result in results),
    )


def photographs(folder: Path, count: int) -> dict[str, Pixels]:
    """The first pictures of a folder by name; raises ValueError where there are none."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
    if not paths:
        raise ValueError(f"{folder} holds no pictures")
    return {path.name: np.asarray(_upright(path)) for path in paths[:count]}


def generated(count: int) -> dict[str, Pixels]:
    """Pictures of nothing in particular, of several sizes, which training never saw."""
    return {f"generated {index}": _mosaic(scene_rng("test", 31, index), SIZES[index % 5]) for index in range(count)}


def _judged(name: str, source: Pixels, outputs: Sequence[Pixels]) -> list[PhotographResult]:
    """The outputs of every edit of `ANYWHERE` on one picture, held against what each should have made of it."""
    truths = [np.asarray(after(Image.fromarray(source), change)) for change in ANYWHERE]
    results = []
    for change, output, truth in zip(ANYWHERE, outputs, truths, strict=True):
        others = [source, *(other for other in truths if other is not truth)]
        right = output.shape == source.shape and nearest_to(truth, [output], others)[0]
        results.append(PhotographResult(name, change, source, output, truth, right))
    return results


def _mean(values: Sequence[float]) -> float:
    there = [value for value in values if not math.isnan(value)]
    return float(np.mean(there)) if there else math.nan


def _upright(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return ImageOps.exif_transpose(opened).convert("RGB")


def _mosaic(rng: random.Random, size: tuple[int, int]) -> Pixels:
    """Generated pictures enlarged to fill a size."""
    picture = texture(rng).resize((max(size),) * 2, Image.Resampling.BICUBIC)
    return np.asarray(picture.crop((0, 0, *size)))


def _name(change: Change) -> str:
    match change:
        case SetStyle(style):
            return style
        case Relight(light):
            return light
        case _:
            raise ValueError(f"{change} is no edit of any picture")
