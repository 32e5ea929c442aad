"""Answers survive whatever happens to the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.datasets.self_instruct.journal import Journal, OtherRun
from training.datasets.self_instruct.llm import Completion

TASKS = {"seed": 0, "captions": None}
ANSWER = Completion("User: hé\nEdit: remove the tree", 10, 5)


def test_an_answer_is_on_disk_before_the_file_is_closed(tmp_path: Path) -> None:
    Journal(tmp_path, TASKS).add(3, ANSWER)
    assert Journal(tmp_path, TASKS).answers == {3: ANSWER}


def test_a_torn_last_line_is_cut_off_and_asked_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path, TASKS)
    journal.add(0, ANSWER)
    journal.add(1, ANSWER)
    path = tmp_path / "answers.jsonl"
    path.write_bytes(path.read_bytes()[:-4])
    again = Journal(tmp_path, TASKS)
    assert set(again.answers) == {0}
    again.add(1, ANSWER)
    assert set(Journal(tmp_path, TASKS).answers) == {0, 1}


def test_answers_to_other_tasks_are_not_mixed_in(tmp_path: Path) -> None:
    Journal(tmp_path, TASKS)
    with pytest.raises(OtherRun, match="other tasks"):
        Journal(tmp_path, {**TASKS, "seed": 1})
