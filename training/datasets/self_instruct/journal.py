"""Every answer as it came, on disk before it counts: a run that stopped goes on and asks nothing twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.datasets.self_instruct.llm import Completion


class OtherRun(ValueError):
    """The folder holds answers to other tasks."""


class Journal:
    """A folder's answers by the number of their task; the tasks must be the same each time it is opened."""

    def __init__(self, folder: Path, tasks: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _claim(folder / "run.json", dict(tasks))
        self._path = folder / "answers.jsonl"
        self.answers = _read(self._path)

    def add(self, index: int, answer: Completion) -> None:
        """Keep an answer; once this returns, it survives the end of the process."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"index": index, **asdict(answer)}, ensure_ascii=False) + "\n")
        self.answers[index] = answer


def _claim(path: Path, tasks: dict[str, Any]) -> None:
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        if before != tasks:
            raise OtherRun(f"{path.parent} holds answers to other tasks ({before}); give another --output")
    else:
        path.write_text(json.dumps(tasks, indent=2) + "\n", encoding="utf-8")


def _read(path: Path) -> dict[int, Completion]:
    """The whole lines of the file; what a torn last line holds is cut off and asked again."""
    answers: dict[int, Completion] = {}
    if not path.exists():
        return answers
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("r+b") as file:
            file.truncate(len(whole))
    for line in whole.decode("utf-8").splitlines():
        record = json.loads(line)
        index = record.pop("index")
        answers[index] = Completion(**record)
    return answers
