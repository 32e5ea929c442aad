"""How far `quality: fast` is from exact, and what it saves.

    python -m benchmarks.quality
    python -m benchmarks.quality --model FOLDER --steps 20 50

Edits of scenes kept for testing, both ways from the same seeds, in company as a busy worker has them; rounds alternate,
the ratios are those of a round.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.outcome import keep, machine
from benchmarks.rounds import Spread, interleave, ratios
from editing_service.images import Pixels
from editing_service.shortcuts import guiding, row_weights
from evaluation.editing import drawn_triples, succeeded
from evaluation.editor import Editor, EditSettings
from evaluation.judging import judge
from evaluation.pixels import pixels_of, psnr
from shared.schemas.parameters import Quality
from training.datasets.instructions import phrase


@dataclass(frozen=True)
class Distance:
    """Fast beside exact at one count of steps."""

    steps: int
    rows_exact: int  # of the U-Net, for one edit
    rows_fast: int
    time: Spread  # of fast, as a share of that of exact
    success_exact: float  # percent
    success_fast: float
    psnr_db: float  # of fast against exact, mean over the edits
    psnr_lowest_db: float


class Course:
    """Some edits, and both ways to carry them out."""

    def __init__(self, editor: Editor, edits: int) -> None:
        self._editor = editor
        self._triples = drawn_triples(edits)
        self._sources = [pixels_of(triple.before) for triple in self._triples]
        self._texts = [phrase(triple.change) for triple in self._triples]

    def distance(self, steps: int, rounds: int) -> Distance:
        """Measure at so many steps."""
        exact = replace(self._editor.settings(), steps=steps)
        ways = {quality: replace(exact, quality=quality) for quality in Quality}
        pictures = {quality: self._edit(settings) for quality, settings in ways.items()}
        taken = interleave({str(quality): settings for quality, settings in ways.items()}, rounds, self._seconds)
        alike = [psnr(one, other) for one, other in zip(*pictures.values(), strict=True)]
        alike = [min(value, 99.0) for value in alike]  # the same to the pixel is infinitely alike
        return Distance(
            steps=steps,
            rows_exact=rows(exact),
            rows_fast=rows(ways[Quality.FAST]),
            time=ratios(taken[Quality.FAST], taken[Quality.EXACT]),
            success_exact=self._success(pictures[Quality.EXACT]),
            success_fast=self._success(pictures[Quality.FAST]),
            psnr_db=float(np.mean(alike)),
            psnr_lowest_db=min(alike),
        )

    def _seconds(self, settings: EditSettings, _round: int) -> float:
        started = time.perf_counter()
        self._edit(settings)
        return time.perf_counter() - started

    def _edit(self, settings: EditSettings) -> list[Pixels]:
        return self._editor.edit_all(self._sources, self._texts, settings)

    def _success(self, pictures: Sequence[Pixels]) -> float:
        judged = zip(self._triples, self._sources, pictures, strict=True)
        return succeeded([judge(*each) for each in judged]).percent


def rows(settings: EditSettings) -> int:
    """The U-Net rows of one edit."""
    return sum(
        len(row_weights(settings.scales, guiding(settings.quality, step, settings.steps)))
        for step in range(settings.steps)
    )


def table(found: Sequence[Distance]) -> str:
    """As Markdown."""
    lines = []
    for each in found:
        median, spread = each.time.times()
        succeed = f"{each.success_exact:.1f} % → {each.success_fast:.1f} %"
        alike = f"{each.psnr_db:.1f} dB ({each.psnr_lowest_db:.1f})"
        lines.append(
            f"| {each.steps} | {each.rows_exact} → {each.rows_fast} | {median} ({spread}) | {succeed} | {alike} |"
        )
    head = "| steps | rows of an edit | time, fast to exact | edits that succeed | fast against exact, mean (lowest) |"
    return "\n".join([head, "|---|---|---|---|---|", *lines])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--model", default="checkpoints/mini-editor")
    parser.add_argument("--steps", type=int, nargs="+", default=[3, 10, 20])
    parser.add_argument("--edits", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("var/bench/quality.json"))
    given = parser.parse_args()
    editor = Editor.load(given.model)
    course = Course(editor, given.edits)
    found = [course.distance(steps, given.rounds) for steps in given.steps]
    editor.close()
    keep(given.output, {"machine": machine(), "edits": given.edits, "distances": [asdict(each) for each in found]})
    print(table(found))


if __name__ == "__main__":
    main()
