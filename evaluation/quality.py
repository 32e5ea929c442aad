"""FID and PRD, our protocol: the edited pictures against the true ones of the same edits, as sets.

Both depend on the feature net and on the number of pictures: they can be compared only with figures made the same way.
For scale, the sources, as if nothing had been edited, are measured against the same true pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.features import FeatureNet
from evaluation.frechet import frechet_distance
from evaluation.judging import EditResult
from evaluation.prd import PrdCurve, prd


@dataclass(frozen=True)
class QualityReport:
    """Distances and curves of the outputs, and of the untouched sources, against the truths."""

    net: str
    count: int
    fid: float
    fid_untouched: float
    prd: PrdCurve
    prd_untouched: PrdCurve


def measure(net: FeatureNet, results: Sequence[EditResult]) -> QualityReport:
    """Compare the sets of pictures of measured edits."""
    truths = net.features([result.truth for result in results])
    outputs = net.features([result.output for result in results])
    sources = net.features([result.source for result in results])
    return QualityReport(
        net=net.name,
        count=len(results),
        fid=frechet_distance(truths, outputs),
        fid_untouched=frechet_distance(truths, sources),
        prd=prd(truths, outputs),
        prd_untouched=prd(truths, sources),
    )
