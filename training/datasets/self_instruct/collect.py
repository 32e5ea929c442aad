"""From answers to dialogues: read, checked, and only if they are new."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.schemas.dialogue import ReplyKind
from training.datasets.dialogues import SCHEMA, SPLITS
from training.datasets.self_instruct import prompts
from training.datasets.self_instruct.checks import Asked, Reason, Rejected, check
from training.datasets.self_instruct.rouge import Novelty
from training.datasets.self_instruct.seeds import load_seeds, load_sentences
from training.datasets.self_instruct.tasks import Task
from training.datasets.self_instruct.transcript import Line, NotATranscript

SOURCE = "self-instruct"


@dataclass
class Collection:
    """The dialogues kept so far, and how many answers were turned away for each reason."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    rejected: Counter[Reason] = field(default_factory=Counter)

    @property
    def asked(self) -> int:
        """Answers seen."""
        return len(self.kept) + self.rejected.total()

    @property
    def valid(self) -> int:
        """Answers that pass every check, new or not."""
        return len(self.kept) + self.rejected[Reason.ALIKE]

    def report(self) -> str:
        """Asked, valid and kept, and the reasons, most frequent first."""
        reasons = "".join(f"\n  {count:6,} {reason}" for reason, count in self.rejected.most_common())
        return f"{self.asked:,} asked, {self.valid:,} valid, {len(self.kept):,} kept; turned away:{reasons or ' none'}"


def collect(answered: Iterable[tuple[Task, str]]) -> Collection:
    """Go through answers in the order of their tasks; of two that are alike, the first is kept."""
    collection = Collection()
    novelty = Novelty()
    for seed in load_seeds():
        novelty.add(_spoken(seed.lines))
    for sentence in load_sentences():
        novelty.add(sentence.user)
    for task, text in answered:
        try:
            lines = _checked(task, text)
            spoken = _spoken(lines)
            if not novelty.is_new(spoken):
                raise Rejected(Reason.ALIKE)
        except Rejected as error:
            collection.rejected[error.reason] += 1
        else:
            novelty.add(spoken)
            collection.kept.append(_dialogue(task, lines))
    return collection


def write(collection: Collection, output: Path) -> None:
    """Write `train.jsonl`, `validation.jsonl`, `test.jsonl` and `schema.json`, as the simulator does."""
    (output / "schema.json").write_text(json.dumps(SCHEMA, indent=2) + "\n", encoding="utf-8")
    for split in SPLITS:
        lines = [json.dumps(one, ensure_ascii=False) for one in collection.kept if one["split"] == split]
        (output / f"{split}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _checked(task: Task, text: str) -> list[Line]:
    try:
        lines = prompts.lines(task, text)
    except NotATranscript as error:
        raise Rejected(Reason.FORMAT) from error
    check(Asked(task.picture.caption or "", task.picture.kinds, task.changes, task.shape), lines)
    return lines


def _spoken(lines: Iterable[Line]) -> str:
    """What is said freely: all but the instructions."""
    return " ".join(
        text for line in lines for text in (line.user, line.words if line.kind is not ReplyKind.EDIT else "") if text
    )


def _dialogue(task: Task, lines: Iterable[Line]) -> dict[str, Any]:
    return {
        "id": f"{SOURCE}-{task.index:06}",
        "split": task.split,
        "source": SOURCE,
        "caption": task.picture.caption,
        "instructions_before": [],
        "turns": [_turn(line) for line in lines],
    }


def _turn(line: Line) -> dict[str, str | None]:
    is_edit = line.kind is ReplyKind.EDIT
    return {
        "user": line.user,
        "reply_kind": line.kind.value,
        "reply": "" if is_edit else line.words,
        "instruction": line.words if is_edit else None,
    }
