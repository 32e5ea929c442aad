"""What a workload leaves behind: tables for people, numbers for programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from editing_service.device import cores


@dataclass(frozen=True)
class Table:
    """A table with a heading, and what has to be known to read it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    def markdown(self) -> str:
        """As Markdown."""
        lines = [self.header, ["---"] * len(self.header), *self.rows]
        drawn = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        return "\n\n".join(part for part in (f"### {self.title}", drawn, self.note) if part)


@dataclass(frozen=True)
class Outcome:
    """One workload's tables and raw numbers."""

    name: str
    tables: Sequence[Table]
    numbers: dict[str, Any]

    def write(self, folder: Path, dtype: str) -> None:
        """Keep the numbers as JSON, with the machine that they are from."""
        about = {**machine(), "engine_dtype": dtype}
        keep(folder / f"{self.name}.json", {"workload": self.name, "machine": about, **self.numbers})


def keep(path: Path, record: object) -> None:
    """Write numbers as JSON, making the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n")


def machine() -> dict[str, Any]:
    """What the numbers depend on, without naming anybody's machine."""
    return {
        "cores": cores(),
        "processor": platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
