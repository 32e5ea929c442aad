"""What a workload leaves behind: tables for people, numbers for programs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch


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
        folder.mkdir(parents=True, exist_ok=True)
        record = {"workload": self.name, "machine": machine(dtype), **self.numbers}
        (folder / f"{self.name}.json").write_text(json.dumps(record, indent=2) + "\n")


def machine(dtype: str) -> dict[str, Any]:
    """What the numbers depend on, without naming anybody's machine."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "engine_dtype": dtype,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }
