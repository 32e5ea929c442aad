"""How the dialogue model came to understand strangers: what earlier weights got right of the held-out turns.

`progress.jsonl` has a line for each weights that were ever shipped, and what was new in them. All of them answered the
same turns; a line is added by hand when weights are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

PROGRESS = Path(__file__).parent / "progress.jsonl"
TURNS = {"strangers": 248, "newcomers": 160, "photographs": 88}
"""Held-out turns in each set."""


@dataclass(frozen=True)
class Shipped:
    """Some weights: the training steps in them, the turns they answered right, and what was new."""

    steps: int
    strangers: int
    newcomers: int
    photographs: int
    what: str

    def percent(self, name: str) -> float:
        """The share of a set that was right."""
        right: int = getattr(self, name)
        return 100 * right / TURNS[name]


def read(path: Path = PROGRESS) -> list[Shipped]:
    """All shipped weights, oldest first."""
    return [Shipped(**json.loads(line)) for line in path.read_text().splitlines() if line.strip()]


def table(shipped: list[Shipped]) -> str:
    """The same as a Markdown table."""
    rows = [
        f"| {each.steps:,} | {' | '.join(f'{each.percent(name):.1f} %' for name in TURNS)} | {each.what} |"
        for each in shipped
    ]
    return "\n".join(["| steps | strangers | newcomers | photographs | what was new |", "|---|---|---|---|---|", *rows])
