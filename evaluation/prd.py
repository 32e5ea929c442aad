"""Precision and recall for distributions (Sajjadi et al. 2018): k-means over both sets, then a curve over histograms.

`F_8` of a curve stresses recall (is everything covered?), `F_1/8` precision (is nothing made up?).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.frechet import Features

CLUSTERS, RUNS, ANGLES = 20, 10, 1001
BETA = 8.0
_ROUNDS = 50
_TINY = 1e-10

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class PrdCurve:
    """Precision against recall, each (angles,)."""

    precision: Numbers
    recall: Numbers

    def f_score(self, beta: float) -> float:
        """The largest F_β along the curve."""
        p, r = self.precision, self.recall
        return float(((1 + beta**2) * p * r / np.maximum(beta**2 * p + r, _TINY)).max())

    @property
    def f8(self) -> float:
        """Recall above all."""
        return self.f_score(BETA)

    @property
    def f1_8(self) -> float:
        """Precision above all."""
        return self.f_score(1 / BETA)


def prd(true: Features, made: Features, seed: int = 0) -> PrdCurve:
    """The curve of a made set against a true one, averaged over several clusterings."""
    rng = np.random.default_rng(seed)
    both = np.concatenate([true, made])
    curves = []
    for _ in range(RUNS):
        labels = k_means(both, min(CLUSTERS, len(both)), rng)
        curves.append(curve_of(histogram(labels[: len(true)]), histogram(labels[len(true) :])))
    return PrdCurve(
        np.mean([curve.precision for curve in curves], axis=0), np.mean([curve.recall for curve in curves], axis=0)
    )


def curve_of(true: Numbers, made: Numbers, angles: int = ANGLES) -> PrdCurve:
    """Equation 6 and algorithm 1 of the paper: histograms (clusters,) of both sides give the curve."""
    edge = 1e-3
    slopes = np.tan(np.linspace(edge, np.pi / 2 - edge, angles))[:, None]  # (angles, 1)
    precision = np.minimum(slopes * true, made).sum(axis=1)
    recall = np.minimum(true, made / slopes).sum(axis=1)
    return PrdCurve(precision.clip(0, 1), recall.clip(0, 1))


def histogram(labels: NDArray[np.int64]) -> Numbers:
    """The share of each cluster, up to `CLUSTERS` of them."""
    counts = np.bincount(labels, minlength=CLUSTERS)
    shares: Numbers = counts / counts.sum()
    return shares


def k_means(points: Features, clusters: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Lloyd's algorithm from k-means++ seeds; the cluster of each point."""
    centres = _seeds(points, clusters, rng)
    labels = np.full(len(points), -1, np.int64)
    for _ in range(_ROUNDS):
        nearest = _distances(points, centres).argmin(axis=1)
        if (nearest == labels).all():
            break
        labels = nearest
        for cluster in np.unique(labels):
            centres[cluster] = points[labels == cluster].mean(axis=0)
    return labels


def _seeds(points: Features, clusters: int, rng: np.random.Generator) -> Features:
    chosen = [int(rng.integers(len(points)))]
    nearest = _distances(points, points[chosen])[:, 0]
    while len(chosen) < clusters:
        total = nearest.sum()
        weights = nearest / total if total > _TINY else None
        chosen.append(int(rng.choice(len(points), p=weights)))
        nearest = np.minimum(nearest, _distances(points, points[chosen[-1:]])[:, 0])
    return points[chosen].copy()


def _distances(points: Features, centres: Features) -> Numbers:
    """Squared distances (points, centres), never below zero."""
    mixed = points @ centres.T
    squares: Numbers = (points**2).sum(axis=1)[:, None] - 2 * mixed + (centres**2).sum(axis=1)
    return squares.clip(0)
