"""Where guidance is approximated: only in edits whose quality is `fast`, which asks for speed instead of exactness.

Two shortcuts, both of which leave a step the row with instruction and picture alone:

- Every second step reuses what guidance added in the step before: it changes slowly from one step to the next.
- The last third goes without: guidance decides what is in a picture early, and late steps fill in detail
  (Kynkäänniemi et al., "Applying Guidance in a Limited Interval", arXiv 2404.07724).

How far the results are from the exact ones, and what that saves, is in docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from editing_service.guidance import Condition, GuidanceScales
from shared.schemas.parameters import Quality

GUIDED_THIRDS = 2
"""Thirds of the steps, from the first, in which a fast edit is guided."""

ALONE: Mapping[Condition, float] = {Condition.BOTH: 1.0}


class Guiding(Enum):
    """How one step of an edit comes by its guidance."""

    COMPUTED = "computed"
    REUSED = "reused"  # what it added in the step before
    NONE = "none"


def guiding(quality: Quality, step: int, steps: int) -> Guiding:
    """How the step (counted from 0) of so many steps is guided."""
    if quality is Quality.EXACT:
        return Guiding.COMPUTED
    if 3 * step >= GUIDED_THIRDS * steps:
        return Guiding.NONE
    return Guiding.REUSED if step % 2 else Guiding.COMPUTED


def row_weights(scales: GuidanceScales, how: Guiding) -> Mapping[Condition, float]:
    """The rows that such a step computes, and their factors in its sum."""
    return scales.weights() if how is Guiding.COMPUTED else ALONE
