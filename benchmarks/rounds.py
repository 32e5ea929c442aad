"""Interleaved rounds, and what they say: ratios within a round, as median and range."""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

log = logging.getLogger(__name__)

Subject = TypeVar("Subject")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Spread:
    """A median with its range."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of some values."""
        return cls(statistics.median(values), min(values), max(values))

    def times(self) -> tuple[str, str]:
        """As cells of a table: a factor and its range."""
        return f"{self.median:.2f} ×", f"{self.low:.2f} … {self.high:.2f}"

    def milliseconds(self) -> tuple[str, str]:
        """As cells of a table: seconds in milliseconds, and their range."""
        return f"{1000 * self.median:.0f} ms", f"{1000 * self.low:.0f} … {1000 * self.high:.0f}"


def interleave(
    subjects: Mapping[str, Subject], rounds: int, measure: Callable[[Subject, int], Result]
) -> dict[str, list[Result]]:
    """Measure all subjects in every round, every second round in reverse order: A B B A."""
    found: dict[str, list[Result]] = {name: [] for name in subjects}
    for number in range(rounds):
        for name in list(subjects) if number % 2 == 0 else reversed(list(subjects)):
            started = time.perf_counter()
            found[name].append(measure(subjects[name], number))
            log.info("measured %s, round %d, in %.1f s", name, number + 1, time.perf_counter() - started)
    return found


def ratios(of: Sequence[float], to: Sequence[float]) -> Spread:
    """How many times as much, round by round."""
    return Spread.of([one / other for one, other in zip(of, to, strict=True)])
