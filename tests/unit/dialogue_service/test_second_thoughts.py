"""Another likely answer, where the rules object to the likeliest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedTokenizerBase

from dialogue_service import engine as engines
from dialogue_service.engine import DialogueEngine, load
from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, compose
from dialogue_service.second_thoughts import BEAMS, NEAR, likely_answers
from shared.schemas.dialogue import DialogueRequest, ReplyKind
from tests.dialogue_models import save_tiny

NIGHT = "a red house on the left and a green tree on the right, in a meadow at night"
SAID = DialogueRequest(caption=NIGHT, text="like at two in the afternoon")
ALREADY = compose(ReplyKind.EDIT, "make it night")
DAY = compose(ReplyKind.EDIT, "make it day")
ASKS = compose(ReplyKind.CLARIFICATION, "which time of day: day, sunset or night?")


@pytest.fixture
def engine(tmp_path: Path, tokenizer: PreTrainedTokenizerBase) -> DialogueEngine:
    return load(str(save_tiny(tmp_path, tokenizer)), device="cpu")


@pytest.mark.parametrize(
    ("likely", "taken"),
    [
        ([ALREADY, DAY], "I'll make it day."),
        ([ALREADY, compose(ReplyKind.EDIT, "remove the cat"), ASKS], "Which time of day: day, sunset or night?"),
        ([ALREADY, compose(ReplyKind.CHAT, "you're welcome!")], "It is night already."),
        ([ALREADY], "It is night already."),
        ([], "It is night already."),
    ],
)
def test_the_first_that_the_rules_let_is_taken(
    monkeypatch: pytest.MonkeyPatch, engine: DialogueEngine, likely: Sequence[Answer], taken: str
) -> None:
    monkeypatch.setattr(engines, "likely_answers", lambda *_: ((answer, 0.4) for answer in likely))
    assert engine._sensible(ALREADY, 0.4, SAID, NIGHT).text == taken


@pytest.mark.parametrize(
    "understood",
    [
        compose(ReplyKind.EDIT, "make it day; make it night"), ASKS, NOT_UNDERSTOOD,
        compose(ReplyKind.EDIT, "remove the cat"),  # which is answered by a question
    ],
)  # fmt: skip
def test_what_stands_at_least_in_part_or_is_asked_is_not_thought_over(
    monkeypatch: pytest.MonkeyPatch, engine: DialogueEngine, understood: Answer
) -> None:
    monkeypatch.setattr(engines, "likely_answers", lambda *_: pytest.fail("thought it over"))
    engine._sensible(understood, 1.0, SAID, NIGHT)


def test_the_likely_ones_come_in_their_order_and_no_others(
    monkeypatch: pytest.MonkeyPatch, engine: DialogueEngine
) -> None:
    history = engine.history
    said = [
        (history.encode_answer(ReplyKind.EDIT, "make it night"), -1.0),
        ([history.control.user], -1.5),  # cannot be understood
        (history.encode_answer(ReplyKind.EDIT, "make it day"), -1.0 - NEAR),
        (history.encode_answer(ReplyKind.EDIT, "make it rain"), -1.1 - NEAR),
    ]
    rows = [torch.tensor([0, *ids]) for ids, _ in said]
    outputs = SimpleNamespace(
        sequences=pad_sequence(rows, batch_first=True, padding_value=engine.tokenizer.pad_token_id),
        sequences_scores=torch.tensor([score for _, score in said]),
    )
    monkeypatch.setattr(engine.model, "generate", lambda **_: outputs)
    found = list(likely_answers(engine.model, engine.tokenizer, history.control, history.encode(SAID)))
    assert [answer.instruction for answer, _ in found] == ["make it night", "make it day"]
    assert [share for _, share in found] == pytest.approx([math.exp(-1), math.exp(-1 - NEAR)])


def test_beams_of_an_untrained_model_break_nothing(engine: DialogueEngine) -> None:
    ids = engine.history.encode(SAID)
    assert len(list(likely_answers(engine.model, engine.tokenizer, engine.history.control, ids))) <= BEAMS


def test_where_looking_further_fails_the_objection_stays(
    monkeypatch: pytest.MonkeyPatch, engine: DialogueEngine
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(engine.model, "generate", fails)
    assert engine._sensible(ALREADY, 1.0, SAID, NIGHT).text == "It is night already."
    assert engine._sensible(DAY, 0.1, SAID, NIGHT).text == "Shall I make it day?"


def test_what_is_sure_is_not_thought_over_and_what_is_not_is(
    monkeypatch: pytest.MonkeyPatch, engine: DialogueEngine
) -> None:
    monkeypatch.setattr(engines, "likely_answers", lambda *_: iter([(ASKS, 0.2)]))
    assert engine._sensible(DAY, engine.asks_below, SAID, NIGHT) == DAY
    assert engine._sensible(DAY, engine.asks_below - 0.01, SAID, NIGHT) == ASKS
