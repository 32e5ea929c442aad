"""Shares: how many of how many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """How many of how many were right."""

    right: int
    count: int

    @property
    def percent(self) -> float:
        """The share in percent; 0 of nothing."""
        return 100 * self.right / self.count if self.count else 0.0

    def __str__(self) -> str:
        """The share as the report prints it."""
        return f"{self.percent:.1f} % of {self.count}" if self.count else "none"


def share(marks: Iterable[bool]) -> Share:
    """The share of marks that are true."""
    listed = list(marks)
    return Share(sum(listed), len(listed))
