"""Another likely answer, where the rules object to the likeliest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerBase

from dialogue_service import engine as engines
from dialogue_service.engine import DialogueEngine, load
from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, compose
from dialogue_service.second_thoughts import BEAMS, likely_answers
from shared.schemas.dialogue import DialogueRequest, ReplyKind
from tests.dialogue_models import save_tiny

NIGHT = "a red house on the left and a green tree on the right, in a meadow at night"
SAID = DialogueRequest(caption=NIGHT, text="like at two in the afternoon")
ALREADY = compose(ReplyKind.EDIT, "make it night")
ASKS = compose(ReplyKind.CLARIFICATION, "which time of day: day, sunset or night?")


@pytest.fixture
def engine(tmp_path: Path, tokenizer: PreTrainedTokenizerBase) -> DialogueEngine:
    return load(str(save_tiny(tmp_path, tokenizer)), device="cpu")


@pytest.mark.parametrize(
    ("likely", "taken"),
    [
        ([ALREADY, compose(ReplyKind.EDIT, "make it day")], "I'll make it day."),
        ([ALREADY, compose(ReplyKind.EDIT, "remove the cat"), ASKS], "Which time of day: day, sunset or night?"),
        ([ALREADY, compose(ReplyKind.CHAT, "you're welcome!")], "It is night already."),
        ([ALREADY], "It is night already."),
        ([], "It is night already."),
    ],
)
def test_the_first_that_the_rules_let_is_taken(
    monkeypatch: pytest.MonkeyPatch, engine: DialogueEngine, likely: Sequence[Answer], taken: str
) -> None:
    monkeypatch.setattr(engines, "likely_answers", lambda *_: iter(likely))
    assert engine._sensible(ALREADY, SAID, NIGHT).text == taken


@pytest.mark.parametrize("understood", [compose(ReplyKind.EDIT, "make it day; make it night"), ASKS, NOT_UNDERSTOOD])
def test_what_stands_at_least_in_part_is_not_thought_over(
    monkeypatch: pytest.MonkeyPatch, engine: DialogueEngine, understood: Answer
) -> None:
    monkeypatch.setattr(engines, "likely_answers", lambda *_: pytest.fail("thought it over"))
    engine._sensible(understood, SAID, NIGHT)


def test_a_model_that_knows_nothing_has_no_likely_answer(engine: DialogueEngine) -> None:
    ids = engine.history.encode(SAID)
    found = list(likely_answers(engine.model, engine.tokenizer, engine.history.control, ids))
    assert len(found) <= BEAMS
    assert NOT_UNDERSTOOD not in found
