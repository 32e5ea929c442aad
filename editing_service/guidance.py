"""Dual guidance: which U-Net rows an edit needs in a step, and how their predictions combine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

import torch
from torch import Tensor


class Condition(IntEnum):
    """What a U-Net row is shown beside the noisy latents; also the order of rows within an edit."""

    BOTH = 0
    IMAGE = 1
    NEITHER = 2


Value = TypeVar("Value", Tensor, float)


@dataclass(frozen=True)
class GuidanceRows(Generic[Value]):
    """The predictions under all three conditions, tensors of one shape or plain numbers."""

    both: Value
    image: Value
    neither: Value


@dataclass(frozen=True)
class GuidanceScales:
    """s_T and s_I of InstructPix2Pix."""

    text: float
    image: float

    def weights(self) -> dict[Condition, float]:
        """Give each condition's factor in equation 3 (its value at the unit predictions), leaving out zeros."""
        factors = {
            Condition.BOTH: combine(GuidanceRows(1.0, 0.0, 0.0), self),
            Condition.IMAGE: combine(GuidanceRows(0.0, 1.0, 0.0), self),
            Condition.NEITHER: combine(GuidanceRows(0.0, 0.0, 1.0), self),
        }
        return {condition: factor for condition, factor in factors.items() if factor != 0.0}


def combine(rows: GuidanceRows[Value], scales: GuidanceScales) -> Value:
    """Step from no condition to the picture, then from the picture to the edit (InstructPix2Pix eq. 3)."""
    toward_image = rows.image - rows.neither
    toward_edit = rows.both - rows.image
    return rows.neither + scales.image * toward_image + scales.text * toward_edit


@dataclass(frozen=True)
class RowPlan:
    """The rows that a batch of edits needs, in edit order, and the way back from rows to edits.

    Rows of weight zero are not in the plan: the sum is the same without them, and each costs a U-Net pass.
    """

    owners: tuple[int, ...]  # per row: index of its edit
    conditions: tuple[Condition, ...]  # per row
    picks: Tensor  # (edits, 3) int64: the rows to sum for each edit
    weights: Tensor  # (edits, 3) float32: their factors

    @classmethod
    def of(cls, weights: Sequence[Mapping[Condition, float]], device: torch.device) -> RowPlan:
        """Plan the rows for edits that need these, each with its factor."""
        owners: list[int] = []
        conditions: list[Condition] = []
        picks: list[list[int]] = []
        factors: list[list[float]] = []
        for edit, needed in enumerate(weights):
            first = len(owners)
            owners += [edit] * len(needed)
            conditions += needed
            # A missing row is written as the edit's own first row times zero, never as a neighbour's:
            # zero times a neighbour's NaN would still be NaN.
            spare = len(Condition) - len(needed)
            picks.append([*range(first, first + len(needed)), *[first] * spare])
            factors.append([*needed.values(), *[0.0] * spare])
        return cls(
            owners=tuple(owners),
            conditions=tuple(conditions),
            picks=torch.tensor(picks, device=device),
            weights=torch.tensor(factors, dtype=torch.float32, device=device),
        )

    def combine(self, rows: Tensor) -> Tensor:
        """Sum the rows (rows, channels, height, width) into one float32 prediction for each edit."""
        chosen = rows.float()[self.picks]  # (edits, 3, channels, height, width)
        return (chosen * self.weights[:, :, None, None, None]).sum(dim=1)
