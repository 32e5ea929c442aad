"""Wishes about things that came in turns ago."""

import random

from evaluation.memory import look_back, looks_back
from shared.schemas.dialogue import ReplyKind
from training.datasets.changes import Add, Replace
from training.datasets.instructions import parse
from training.datasets.language.wish import subject


def test_the_thing_came_in_so_many_turns_ago_and_was_not_named_since() -> None:
    for distance in (1, 5, 11):
        for example in looks_back(distance, 6):
            assert example.kind is ReplyKind.EDIT
            assert len(example.request.turns) == distance
            first, *later = [parse(text) for text in example.request.instructions]
            assert isinstance(first, Add | Replace)
            kind = subject(first)
            assert kind is not None
            assert f"the {kind}" in example.answer
            assert kind not in {subject(change) for change in later if change}


def test_the_same_seed_draws_the_same_turn() -> None:
    turns = [look_back(random.Random(f"{seed}"), 5) for seed in range(9)]
    assert turns == [look_back(random.Random(f"{seed}"), 5) for seed in range(9)]
    assert any(turns)
