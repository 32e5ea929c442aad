"""Is an edit right? Its output is held against the truth and against every other picture one edit away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from editing_service.images import Pixels
from evaluation.pixels import pixels_of, psnr, squared
from training.datasets.changes import SetStyle, apply, family_of, possible_changes
from training.datasets.drawing import change_mask, render
from training.datasets.edits import Triple

DETAILED = ("recolour", "replace", "remove", "add", "resize")
"""Families whose true result is determined by picture and words, beside putting a plain picture into a style."""


@dataclass(frozen=True)
class EditResult:
    """One measured edit."""

    triple: Triple
    family: str
    source: Pixels
    output: Pixels
    truth: Pixels
    success: bool
    preserved_db: float
    detail_db: float | None


def judge(triple: Triple, source: Pixels, output: Pixels) -> EditResult:
    """Compare an output with the truth and with every other picture one edit away."""
    return judge_all(triple, source, [output])[0]


def judge_all(triple: Triple, source: Pixels, outputs: Sequence[Pixels]) -> list[EditResult]:
    """Judge several outputs for the same edit, drawing the other pictures once."""
    truth = pixels_of(triple.after)
    changed = change_mask(render(triple.before), render(triple.after))
    detailed = _is_determined(triple) and bool(changed.any())
    found = nearest_to(truth, outputs, _others(triple, source))
    return [
        EditResult(
            triple,
            family_of(triple.change),
            source,
            output,
            truth,
            success,
            psnr(output[~changed], truth[~changed]) if not changed.all() else float("nan"),
            psnr(output[changed], truth[changed]) if detailed else None,
        )
        for output, success in zip(outputs, found, strict=True)
    ]


def nearest_to(truth: Pixels, outputs: Sequence[Pixels], others: Iterable[Pixels]) -> list[bool]:
    """Whether each output is nearer to the truth than to any other picture (mean squared error)."""
    limits = [squared(output, truth) for output in outputs]
    nearest = [True] * len(outputs)
    for other in others:
        for index, output in enumerate(outputs):
            if nearest[index]:
                nearest[index] = squared(output, other) > limits[index]
        if not any(nearest):
            break
    return nearest


def _others(triple: Triple, source: Pixels) -> Iterator[Pixels]:
    yield source
    for change in possible_changes(triple.before):
        if change != triple.change:
            yield pixels_of(apply(triple.before, change))


def _is_determined(triple: Triple) -> bool:
    """Whether picture and words leave nothing to chance; out of a style, lost colours would have to be guessed."""
    if isinstance(triple.change, SetStyle):
        return triple.before.style == "normal"
    return family_of(triple.change) in DETAILED
