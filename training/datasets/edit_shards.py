"""Edit triples on disk: Parquet files by split that `datasets` reads, written piece by piece so that a run can go on.

    FOLDER/train/piece-00000.parquet  FOLDER/validation/…  FOLDER/test/…
    FOLDER/made.json        what the set was made from: another source needs another folder
    FOLDER/progress.jsonl   one line a finished piece: how many rows were kept, and what was turned away

`datasets.load_dataset("FOLDER")` finds the splits by their folders.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.datasets.instructions import Split

PICTURES = ("original_image", "edited_image")
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class OtherSet(ValueError):
    """The folder holds a set that was made from something else."""


@dataclass(frozen=True)
class EditRow:
    """One triple: its split, both pictures as encoded bytes, the instruction, and further columns."""

    split: Split
    original: bytes
    instruction: str
    edited: bytes
    more: Mapping[str, str | float] = field(default_factory=dict)


class ShardedSet:
    """A folder of triples that grows by pieces; a piece counts once its line stands in `progress.jsonl`."""

    def __init__(self, folder: Path, made_from: Mapping[str, Any], more: Mapping[str, str] | None = None) -> None:
        """`more` names the further columns and their types ("string" or "float32"); raises OtherSet."""
        folder.mkdir(parents=True, exist_ok=True)
        _claim(folder / "made.json", json.loads(json.dumps(made_from)))
        self.folder, self._more = folder, dict(more or {})
        self._journal = folder / "progress.jsonl"
        self.kept: Counter[str] = Counter()
        self.turned_away: Counter[str] = Counter()
        self._pieces: Counter[str] = Counter()
        self._read: Counter[str] = Counter()
        for line in _whole_lines(self._journal):
            self._count(json.loads(line))

    def read(self, series: str = "all") -> int:
        """How many inputs of a series (rows of a source, prompts) are done with: go on after them."""
        return self._read[series]

    def add(self, rows: Iterable[EditRow], turned_away: Mapping[str, int], read: int, series: str = "all") -> None:
        """Write what the next `read` inputs of a series gave; after an interruption it replaces what was torn."""
        by_split: dict[Split, list[EditRow]] = {split: [] for split in SPLITS}
        for row in rows:
            by_split[row.split].append(row)
        name = f"{series}-{self._pieces[series]:05d}.parquet"
        for split, found in by_split.items():
            if found:
                self._write(self.folder / split / name, found)
        record = {
            "series": series,
            "read": read,
            "kept": {split: len(found) for split, found in by_split.items()},
            "turned_away": dict(turned_away),
        }
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        self._count(record)

    def report(self) -> str:
        """What was kept by split, and what was turned away by reason, most frequent first."""
        kept, lost = self.kept.total(), self.turned_away.total()
        splits = ", ".join(f"{self.kept[split]:,} {split}" for split in SPLITS)
        reasons = "".join(f"\n  {count:6,} {reason}" for reason, count in self.turned_away.most_common())
        return f"{kept + lost:,} seen, {kept:,} kept ({splits}); turned away:{reasons or ' none'}"

    def _count(self, record: dict[str, Any]) -> None:
        self._pieces[record["series"]] += 1
        self._read[record["series"]] += record["read"]
        self.kept.update(record["kept"])
        self.turned_away.update(record["turned_away"])

    def _write(self, path: Path, rows: list[EditRow]) -> None:
        from datasets import Dataset, Features, Image, Value, disable_progress_bars

        disable_progress_bars()
        columns = {"original_image": Image(), "edit_prompt": Value("string"), "edited_image": Image()}
        features = Features({**columns, **{name: Value(kind) for name, kind in self._more.items()}})
        path.parent.mkdir(exist_ok=True)
        partial = path.with_suffix(".partial")
        Dataset.from_list([_values(row) for row in rows], features=features).to_parquet(partial)
        partial.rename(path)


def _values(row: EditRow) -> dict[str, Any]:
    return {
        "original_image": {"bytes": row.original, "path": None},
        "edit_prompt": row.instruction,
        "edited_image": {"bytes": row.edited, "path": None},
        **row.more,
    }


def _claim(path: Path, made_from: dict[str, Any]) -> None:
    if not path.exists():
        path.write_text(json.dumps(made_from, indent=2) + "\n", encoding="utf-8")
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    if before != made_from:
        differs = sorted(key for key in {*before, *made_from} if before.get(key) != made_from.get(key))
        raise OtherSet(f"{path.parent} was made with other {', '.join(differs)} ({path}); give another --output")


def _whole_lines(path: Path) -> list[str]:
    """The finished lines; what an interruption left of a last one is cut off."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    return whole.decode("utf-8").splitlines()
