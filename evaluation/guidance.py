"""Guidance and steps: what success and preservation cost each other, on the same edits under every setting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from editing_service.guidance import GuidanceScales
from evaluation.editing import drawn_triples, preserved_db, succeeded
from evaluation.editor import Editor, EditSettings
from evaluation.judging import judge_all
from evaluation.pixels import pixels_of
from evaluation.shares import Share
from training.datasets.instructions import phrase

SEED = 31_000


@dataclass(frozen=True)
class Grid:
    """The settings to try: every s_T with every s_I at the model's own steps, and steps at its own scales."""

    text: tuple[float, ...] = (1.0, 1.5, 2.0, 3.0)
    image: tuple[float, ...] = (0.8, 1.0, 1.3, 1.6)
    steps: tuple[int, ...] = (1, 2, 3, 5, 8)

    def scaled(self, usual: EditSettings) -> Iterator[EditSettings]:
        """The model's settings with other scales."""
        for text, image in product(self.text, self.image):
            yield replace(usual, scales=GuidanceScales(text=text, image=image))

    def stepped(self, usual: EditSettings) -> Iterator[EditSettings]:
        """The model's settings with other steps."""
        for steps in self.steps:
            yield replace(usual, steps=steps)


@dataclass(frozen=True)
class GuidancePoint:
    """What one setting gives."""

    text: float
    image: float
    steps: int
    success: Share
    preserved_db: float


@dataclass(frozen=True)
class GuidanceReport:
    """The points of the grid of scales and of the row of steps."""

    scales: list[GuidancePoint]
    steps: list[GuidancePoint]
    usual: EditSettings


def measure(editor: Editor, count: int, usual: EditSettings, grid: Grid) -> GuidanceReport:
    """Run the same `count` edits under every setting."""
    scaled, stepped = list(grid.scaled(usual)), list(grid.stepped(usual))
    points = _points(editor, count, scaled + stepped)
    return GuidanceReport(points[: len(scaled)], points[len(scaled) :], usual)


def _points(editor: Editor, count: int, settings: list[EditSettings]) -> list[GuidancePoint]:
    triples = drawn_triples(count, SEED)
    sources = [pixels_of(triple.before) for triple in triples]
    texts = [phrase(triple.change) for triple in triples]
    outputs = [editor.edit_all(sources, texts, setting) for setting in settings]  # (settings, edits)
    judged = [
        judge_all(triple, source, list(made))
        for triple, source, made in zip(triples, sources, zip(*outputs, strict=True), strict=True)
    ]  # (edits, settings)
    return [
        GuidancePoint(
            setting.scales.text, setting.scales.image, setting.steps, succeeded(results), preserved_db(results)
        )
        for setting, results in zip(settings, zip(*judged, strict=True), strict=True)
    ]
