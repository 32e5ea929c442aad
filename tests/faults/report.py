"""What the runs came to: a line for each as it ends, a file of all, and a table."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from tests.faults.matrix import Outcome
from tests.faults.table import FAULTS

VIOLATIONS_SHOWN = 5


class Report:
    """Collects outcomes; the file is written anew after each, so that a run that is broken off leaves it."""

    def __init__(self, path: Path) -> None:
        self.outcomes: list[Outcome] = []
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        print(f"{'fault':<6}{'seed':>5}{'accepted':>10}{'terminal':>10}{'recovery':>10}  violations", flush=True)

    @property
    def violated(self) -> int:
        """How many violations there were."""
        return sum(len(outcome.violations) for outcome in self.outcomes)

    def add(self, outcome: Outcome) -> None:
        """Take in one more and show it."""
        self.outcomes.append(outcome)
        self._path.write_text(json.dumps([asdict(each) for each in self.outcomes], indent=1))
        notes = f"  {json.dumps(outcome.notes)}" if outcome.notes else ""
        print(
            f"{outcome.fault:<6}{outcome.seed:>5}{outcome.accepted:>10}{outcome.terminal:>10}"
            f"{outcome.recovery_s:>8.1f} s  {len(outcome.violations) or 'none'}{notes}",
            flush=True,
        )
        for sentence in outcome.violations[:VIOLATIONS_SHOWN]:
            print(f"        {sentence}", flush=True)

    def table(self) -> str:
        """All of it as Markdown, a row for each fault."""
        heads = ("", "fault", "runs", "edits accepted", "recovery s: median, most", "violations")
        lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
        return "\n".join([*lines, *self._rows()])

    def _rows(self) -> Iterator[str]:
        numbers = list(FAULTS)
        ordered = sorted(self.outcomes, key=lambda outcome: numbers.index(outcome.fault))
        for number, runs in groupby(ordered, key=lambda outcome: outcome.fault):
            of_one = list(runs)
            recovery = [outcome.recovery_s for outcome in of_one]
            accepted = sum(outcome.accepted for outcome in of_one)
            violated = sum(len(outcome.violations) for outcome in of_one)
            spread = f"{statistics.median(recovery):.1f}, {max(recovery):.1f}"
            yield f"| {number} | {FAULTS[number].name} | {len(of_one)} | {accepted} | {spread} | {violated or 'none'} |"
