"""Write what was measured as Markdown, JSON and picture grids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from evaluation.dialogue import DialogueReport
from evaluation.editing import EditReport, EditResult
from evaluation.strangers import StrangerResult, share_right


@dataclass
class Report:
    """Everything one evaluation found."""

    edits: EditReport
    decay_db: list[float]
    dialogue: DialogueReport
    strangers: Sequence[StrangerResult]
    results: Sequence[EditResult] = field(repr=False)

    def table(self) -> str:
        """The figures as a Markdown table."""
        rows = [
            ("edit success", f"{self.edits.success:.1f} % of {self.edits.count}"),
            *(
                (f"– {name}", f"{share:.0f} % of {self.edits.counts[name]}")
                for name, share in self.edits.by_family.items()
            ),
            ("preservation", f"{self.edits.preserved_db:.1f} dB"),
            ("detail", f"{self.edits.detail_db:.1f} dB"),
            ("four edits in a row, outside", f"{np.mean(self.decay_db):.1f} dB (worst {min(self.decay_db):.1f})"),
            *self.dialogue.rows(),
            ("strangers' turns right", f"{share_right(self.strangers):.1f} % of {len(self.strangers)}"),
        ]
        return "\n".join(["| measure | found |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])

    def mistakes(self) -> str:
        """The strangers' turns that were answered wrong, as a Markdown list."""
        wrong = [result for result in self.strangers if not result.right]
        lines = [
            f"- “{result.turn.request.text}” → {result.reply.kind} “{result.reply.instruction or result.reply.text}”, "
            f"due was {result.turn.kind} {' or '.join(result.turn.accept)}"
            for result in wrong
        ]
        return "\n".join(lines) or "None."

    def write(self, folder: Path) -> None:
        """Write report.md, report.json and the grids of edits that succeeded and failed."""
        folder.mkdir(parents=True, exist_ok=True)
        good = [result for result in self.results if result.success]
        bad = [result for result in self.results if not result.success]
        save_grid(good[:24], folder / "succeeded.png")
        save_grid(bad[:24], folder / "failed.png")
        (folder / "report.md").write_text(_PAGE.format(table=self.table(), mistakes=self.mistakes()))
        numbers = {
            "edits": asdict(self.edits),
            "decay_db": self.decay_db,
            "dialogue": asdict(self.dialogue),
            "strangers": {result.turn.id: result.right for result in self.strangers},
        }
        (folder / "report.json").write_text(json.dumps(numbers, indent=2) + "\n")


def save_grid(results: Sequence[EditResult], path: Path, columns: int = 8) -> None:
    """Write edits as columns of source, output and truth."""
    if not results:
        path.unlink(missing_ok=True)
        return
    blank = np.full_like(results[0].source, 255)
    rows = []
    for start in range(0, len(results), columns):
        part = results[start : start + columns]
        for name in ("source", "output", "truth"):
            pictures = [getattr(result, name) for result in part] + [blank] * (columns - len(part))
            rows.append(np.concatenate(pictures, axis=1))
    Image.fromarray(np.concatenate(rows, axis=0)).save(path)


_PAGE = """# Evaluation

{table}

How each figure is made is said in the docstrings of `evaluation/editing.py`, `evaluation/dialogue.py` and
`evaluation/strangers.py`.

## Edits: source, output, truth

![succeeded](succeeded.png)

Those that failed:

![failed](failed.png)

## Strangers' turns answered wrong

{mistakes}
"""
