"""Fréchet distance between two sets of features, each taken for a normal distribution (Heusel et al. 2017, FID)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float64]  # (pictures, width)


def frechet_distance(a: Features, b: Features) -> float:
    """|μa − μb|² + tr(Σa + Σb − 2 (Σa^½ Σb Σa^½)^½); raises ValueError for fewer than two pictures."""
    if min(len(a), len(b)) < 2:
        raise ValueError("a Fréchet distance needs at least two pictures on each side")
    apart = a.mean(axis=0) - b.mean(axis=0)
    of_a, of_b = np.atleast_2d(np.cov(a, rowvar=False)), np.atleast_2d(np.cov(b, rowvar=False))
    root = _square_root(of_a)
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ of_b @ root), 0, None)).sum()
    return max(0.0, float(apart @ apart + np.trace(of_a) + np.trace(of_b) - 2 * shared))


def _square_root(matrix: Features) -> Features:
    """The root of a symmetric matrix without negative eigenvalues, as covariances are but for rounding."""
    values, vectors = np.linalg.eigh(matrix)
    root: Features = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root
