from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest

from dialogue_service.engine import DialogueEngine
from editing_service.model import load_model
from evaluation import comparison, conversation
from evaluation.conversation import drawn_goal, rivals
from evaluation.editor import Editor, EditSettings
from evaluation.talking import MOST_ANSWERS, Goal, talk_over
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from tests.editing_models import save_pipeline
from training.datasets.changes import Change, Recolour, Remove, SetTime, apply
from training.datasets.instructions import phrase
from training.datasets.world import Scene, Thing

SCENE = Scene("meadow", things=(Thing("house", "red", "left"), Thing("tree", "green", "right")))
GOAL = Goal(SCENE, (Recolour("house", "blue"), SetTime("night"), Remove("tree"), Recolour("house", "pink")))


class KnowingEngine(DialogueEngine):
    """Asks `asks` questions for each wish, then states the instruction that is due."""

    def __init__(self, changes: Sequence[Change], asks: int) -> None:
        self.changes, self.asks = changes, asks
        self.requests: list[DialogueRequest] = []

    def reply(self, requests: Sequence[DialogueRequest]) -> list[DialogueReply]:
        """One reply per request."""
        self.requests += requests
        return [self._one(request) for request in requests]

    def _one(self, request: DialogueRequest) -> DialogueReply:
        since = [turn.instruction for turn in reversed(request.turns)]
        asked = next((index for index, text in enumerate(since) if text), len(since))
        if asked < self.asks:
            return DialogueReply(kind=ReplyKind.CLARIFICATION, text="Hm?", model="knowing")
        due = phrase(self.changes[len(request.instructions)])
        return DialogueReply(kind=ReplyKind.EDIT, text="I will.", instruction=due, model="knowing")


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """A real, untrained editor."""
    editor = Editor(load_model(str(save_pipeline(tmp_path_factory.mktemp("editor"))), device="cpu"))
    yield editor
    editor.close()


def quick(editor: Editor) -> EditSettings:
    """The model's own settings, in two steps."""
    return replace(editor.settings(), steps=2)


def test_every_wish_becomes_an_instruction_and_the_history_grows_with_it() -> None:
    engine = KnowingEngine(GOAL.changes, asks=1)
    (told,) = talk_over(engine, [GOAL], "test")
    assert [wish.instruction for wish in told] == [phrase(change) for change in GOAL.changes]
    assert all(wish.meant(change) for wish, change in zip(told, GOAL.changes, strict=True))
    assert [wish.questions for wish in told] == [1, 1, 1, 1]
    assert [len(request.turns) for request in engine.requests] == list(range(8))
    assert engine.requests[-1].instructions == [phrase(change) for change in GOAL.changes[:3]]


def test_a_user_who_is_asked_for_ever_gives_up_and_goes_on() -> None:
    (told,) = talk_over(KnowingEngine(GOAL.changes, asks=99), [GOAL], "test")
    assert [wish.instruction for wish in told] == [None] * 4
    assert {wish.questions for wish in told} == {MOST_ANSWERS + 1}


def test_drawn_goals_are_the_same_again_and_every_wish_matters() -> None:
    for index in range(20):
        goal = drawn_goal(1, index)
        assert goal == drawn_goal(1, index)
        for left_out in range(4):
            kept = [change for at, change in enumerate(goal.changes) if at != left_out]
            try:
                assert reduce(apply, kept, goal.scene) != goal.truth
            except ValueError:
                continue  # what is left out was needed by a later wish


def test_rivals_hold_the_first_picture_what_was_left_out_and_what_was_altered_but_never_the_truth() -> None:
    found = list(rivals(GOAL))
    assert SCENE in found
    assert reduce(apply, GOAL.changes[1:], SCENE) not in found  # painted pink in the end all the same
    assert reduce(apply, GOAL.changes[:3], SCENE) in found
    assert reduce(apply, (GOAL.changes[0], GOAL.changes[2], GOAL.changes[3]), SCENE) in found
    assert reduce(apply, (*GOAL.changes[:3], Recolour("house", "white")), SCENE) in found
    assert GOAL.truth not in found
    assert len(set(found)) == len(found)


def test_conversations_are_carried_through_both_ways(editor: Editor) -> None:
    engine = KnowingEngine(drawn_goal(conversation.SEED, 0).changes, asks=1)
    (result,) = conversation.measure(engine, editor, 1, quick(editor))
    assert len(result.pictures) == 5
    report = conversation.summarise([result])
    assert report.head.count == report.root.count == 1
    assert (report.wishes_understood.right, report.all_understood.right, report.questions) == (4, 1, 1)


def test_the_same_words_go_both_ways(editor: Editor) -> None:
    engine = KnowingEngine([Recolour("house", "blue")], asks=99)
    results = comparison.measure(engine, editor, 2, quick(editor))
    report = comparison.summarise(results)
    assert report.straight.count == report.dialogue.count == 2
    assert all(np.array_equal(each.dialogue.output, each.dialogue.source) for each in results)
    assert not all(np.array_equal(each.straight.output, each.straight.source) for each in results)
