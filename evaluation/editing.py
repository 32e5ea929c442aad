"""How well the editor does what it is told: success, preservation and detail on scenes it was never trained on.

Protocol (ours): the source, and every picture that one nameable change makes of it, are drawn; an edit succeeds when
the true picture is nearest (mean squared error) to what the editor made. Preservation and detail are PSNR (dB) outside
and inside the pixels that the true edit changes; detail leaves out edits that hold chance (place, time, weather, back
to colours).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evaluation.editor import Editor, EditSettings
from evaluation.judging import EditResult, judge
from evaluation.pixels import pixels_of, psnr
from evaluation.shares import Share, share
from training.datasets.changes import FAMILIES, apply, sample_change
from training.datasets.drawing import change_mask, render
from training.datasets.edits import Triple, scene_rng
from training.datasets.instructions import Split, phrase
from training.datasets.world import sample_scene

DECAY_WEIGHTS = {"recolour": 1.0, "replace": 1.0, "add": 1.0, "remove": 0.5, "resize": 0.5}
"""Families of the edits in a row: those that leave most of a picture alone."""


@dataclass(frozen=True)
class EditReport:
    """Shares in percent and mean PSNR in dB over many edits; a family stands only where an edit tells it."""

    count: int
    success: float
    by_family: dict[str, float]
    counts: dict[str, int]
    preserved_db: float
    preserved_by_family: dict[str, float]
    detail_db: float
    detail_by_family: dict[str, float]


def measure(
    editor: Editor, count: int, settings: EditSettings, seed: int = 0, split: Split = "test"
) -> list[EditResult]:
    """Run and judge `count` edits drawn by the world's own frequencies, in the canonical wording."""
    triples = drawn_triples(count, seed, split)
    sources = [pixels_of(triple.before) for triple in triples]
    outputs = editor.edit_all(sources, [phrase(triple.change) for triple in triples], settings)
    return [judge(triple, source, output) for triple, source, output in zip(triples, sources, outputs, strict=True)]


def drawn_triples(count: int, seed: int = 0, split: Split = "test") -> list[Triple]:
    """Scenes of a split, each with one change; always the same for the same seed."""
    return [_triple(split, seed, index) for index in range(count)]


def summarise(results: Sequence[EditResult]) -> EditReport:
    """Shares and means over measured edits."""
    families = {name: [result for result in results if result.family == name] for name in FAMILIES}
    there = {name: members for name, members in families.items() if members}
    return EditReport(
        count=len(results),
        success=succeeded(results).percent,
        by_family={name: succeeded(members).percent for name, members in there.items()},
        counts={name: len(members) for name, members in there.items()},
        preserved_db=preserved_db(results),
        preserved_by_family=_told({name: preserved_db(members) for name, members in there.items()}),
        detail_db=detail_db(results),
        detail_by_family=_told({name: detail_db(members) for name, members in there.items()}),
    )


def succeeded(results: Sequence[EditResult]) -> Share:
    """The edits whose output is nearest to the truth."""
    return share(result.success for result in results)


def preserved_db(results: Sequence[EditResult]) -> float:
    """Mean PSNR (dB) outside what the true edits change; NaN where they all change everything."""
    return _mean([result.preserved_db for result in results if not math.isnan(result.preserved_db)])


def detail_db(results: Sequence[EditResult]) -> float:
    """Mean PSNR (dB) inside what the true edits change; NaN where all of them hold chance."""
    return _mean([result.detail_db for result in results if result.detail_db is not None])


def conversation_decay(
    editor: Editor, count: int, settings: EditSettings, edits: int = 4, seed: int = 0
) -> list[float]:
    """PSNR (dB) of the picture after several edits in a row against the first, where no edit was to change anything."""
    values = []
    for index in range(count):
        rng = scene_rng("test", 7_000 + seed, index)
        scene = replace(sample_scene(rng), style="normal")  # in a style, edits of things would hold chance
        first = picture = pixels_of(scene)
        touched = np.zeros(first.shape[:2], bool)
        for _ in range(edits):
            change = sample_change(rng, scene, DECAY_WEIGHTS)
            after = apply(scene, change)
            touched |= change_mask(render(scene), render(after))
            picture = editor.edit(picture, phrase(change), settings)
            scene = after
        values.append(psnr(picture[~touched], first[~touched]))
    return values


def _triple(split: Split, seed: int, index: int) -> Triple:
    rng = scene_rng(split, seed, index)
    scene = sample_scene(rng)
    change = sample_change(rng, scene)
    return Triple(scene, change, apply(scene, change))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def _told(figures: dict[str, float]) -> dict[str, float]:
    return {name: figure for name, figure in figures.items() if not math.isnan(figure)}
