"""How dialogue answers are judged."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from dialogue_service.engine import DialogueEngine, load
from evaluation.dialogue import ROWS, measure, perplexity, questions_needed, same_change
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from tests.dialogue_models import save_tiny, wordpiece_tokenizer
from training.datasets.dialogue_examples import Example, drawn_examples, examples_of
from training.datasets.dialogues import simulate

ASKED_ONCE = {
    "caption": "a red car on the left",
    "instructions_before": [],
    "turns": [
        {"user": "change it", "reply_kind": "clarification", "reply": "which colour?"},
        {"user": "blue", "reply_kind": "edit", "reply": "", "instruction": "paint the car blue"},
    ],
}


class ScriptedEngine(DialogueEngine):
    """Answers by a table from what is said to an instruction; everything else gets a question."""

    def __init__(self, table: dict[str, str]) -> None:
        self.table = table
        self.asked: list[DialogueRequest] = []

    def reply(self, requests: Sequence[DialogueRequest]) -> list[DialogueReply]:
        """One reply per request."""
        self.asked += requests
        assert len(requests) <= ROWS
        return [self._answer(self.table.get(request.text)) for request in requests]

    @staticmethod
    def _answer(instruction: str | None) -> DialogueReply:
        kind = ReplyKind.EDIT if instruction else ReplyKind.CLARIFICATION
        return DialogueReply(kind=kind, text="Hm?", instruction=instruction, model="scripted")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> DialogueEngine:
    """A real, untrained engine."""
    return load(str(save_tiny(tmp_path_factory.mktemp("model"), wordpiece_tokenizer())), device="cpu")


@pytest.mark.parametrize(
    ("said", "meant", "same"),
    [
        ("make the house red", "paint the house red", True),
        ("paint the house blue", "paint the house red", False),
        ("paint the kettle teal", "paint the kettle teal", True),
        (None, "paint the house red", False),
    ],
)
def test_an_instruction_is_right_when_it_makes_the_same_change(said: str | None, meant: str, same: bool) -> None:
    example = Example(DialogueRequest(text="red"), ReplyKind.EDIT, meant)
    kind = ReplyKind.EDIT if said else ReplyKind.CHAT
    reply = DialogueReply(kind=kind, text="x", instruction=said, model="m")
    assert same_change(example, reply) is same


def test_one_question_counts_one_and_the_models_own_words_stand_in_the_history() -> None:
    engine = ScriptedEngine({"blue": "paint the car blue"})
    assert questions_needed(engine, examples_of(ASKED_ONCE)) == 1
    assert engine.asked[-1].turns[0].reply == "Hm?"


def test_asking_again_counts_two_and_guessing_right_none() -> None:
    assert questions_needed(ScriptedEngine({}), examples_of(ASKED_ONCE)) == 2
    assert questions_needed(ScriptedEngine({"change it": "paint the car blue"}), examples_of(ASKED_ONCE)) == 0


def test_a_wrong_edit_counts_nothing() -> None:
    assert math.isnan(questions_needed(ScriptedEngine({"change it": "remove the car"}), examples_of(ASKED_ONCE)))


def test_an_untrained_model_is_as_perplexed_as_its_vocabulary_is_large(tiny: DialogueEngine) -> None:
    examples = drawn_examples(lambda rng: simulate(rng, "test"), 8, "test")
    assert 0.3 < perplexity(tiny, examples) / len(tiny.tokenizer) < 3


def test_the_report_counts_every_turn_once(tiny: DialogueEngine) -> None:
    examples = drawn_examples(lambda rng: simulate(rng, "test"), 24, "test")
    report, mistakes = measure(tiny, examples)
    assert report.kind.count == 24
    assert report.instruction.count == sum(example.kind is ReplyKind.EDIT for example in examples)
    assert report.kind.right == sum(report.confusion[kind][kind] for kind in report.confusion)
    assert sum(sum(given.values()) for given in report.confusion.values()) == 24
    assert len(mistakes) == 24 - report.kind.right
