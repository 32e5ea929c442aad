"""What asking in doubt is worth, on a few turns of the mini model."""

from __future__ import annotations

from pathlib import Path

from dialogue_service.engine import load
from evaluation.conversation import drawn_goal
from evaluation.doubt import asked_below
from evaluation.strangers import written_turns

MINI = Path(__file__).resolve().parents[3] / "checkpoints" / "mini-dialogue"


def test_who_is_never_sure_edits_nothing_wrong_and_asks_more() -> None:
    engine = load(str(MINI), device="cpu", dtype="float32")
    turns, goals = written_turns()[:24], [drawn_goal(1, 0)]
    never, always = (asked_below(engine, bar, turns, goals) for bar in (0.0, 1.1))
    assert always.wrong_edits.right == 0
    assert always.right.right < never.right.right  # the right edits became offers, too
    assert always.questions > never.questions
    assert never.right.count == always.right.count == len(turns)
