"""Pictures as arrays, and how far they are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from editing_service.images import Pixels
from training.datasets.drawing import render
from training.datasets.world import Scene


def pixels_of(scene: Scene) -> Pixels:
    """Draw a scene as an array (height, width, 3)."""
    return np.asarray(render(scene)).copy()


def squared(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean squared error in levels squared."""
    difference = a.astype(np.float32) - b
    return float(np.dot(difference.ravel(), difference.ravel())) / difference.size


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Peak signal to noise in dB; 60 where there is no difference to speak of."""
    return float(10 * np.log10(255**2 / max(squared(a, b), 0.065)))
