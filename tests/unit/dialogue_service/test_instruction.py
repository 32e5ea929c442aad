"""What the model's answer means."""

from __future__ import annotations

import pytest
from transformers import PreTrainedTokenizerBase

from dialogue_service.history import HistoryEncoder
from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, compose, read_answer, tidy
from shared.schemas.dialogue import ReplyKind
from tests.dialogue_models import wordpiece_tokenizer

WORDPIECE = wordpiece_tokenizer()
CONTROL = HistoryEncoder(WORDPIECE).control


def read(text: str) -> Answer:
    """Read what a model would have generated; control tokens are written as in the vocabulary."""
    ids = WORDPIECE(text, add_special_tokens=False)["input_ids"]
    return read_answer(ids, WORDPIECE, CONTROL)


def test_an_instruction_is_told_to_people_as_a_promise() -> None:
    assert read("[edit] paint the house red</s>") == Answer(
        ReplyKind.EDIT, "I'll paint the house red.", "paint the house red"
    )


def test_a_question_gets_its_capital_letter_and_its_mark() -> None:
    assert read("[ask] which colour should the car be</s>") == Answer(
        ReplyKind.CLARIFICATION, "Which colour should the car be?"
    )


def test_small_talk_is_passed_on() -> None:
    assert read("[chat] you're welcome!</s>") == Answer(ReplyKind.CHAT, "You're welcome!")


def test_both_tokenizers_give_back_what_was_encoded(tokenizer: PreTrainedTokenizerBase) -> None:
    encoder = HistoryEncoder(tokenizer)
    ids = encoder.encode_answer(ReplyKind.EDIT, "paint the red ball blue")
    assert read_answer(ids, tokenizer, encoder.control).instruction == "paint the red ball blue"


@pytest.mark.parametrize(
    "generated",
    [
        "",
        "</s>",
        "paint the house red</s>",
        "[user] paint the house red</s>",
        "[edit]</s>",
        "[edit] paint</s>",
        "[edit] paint the house red",
        "[edit] paint [edit] the house</s>",
        "[edit] paint the [UNK] red</s>",
        "[edit] paint <the> house</s>",
        "[edit] ... ?</s>",
        "[edit] " + "paint the house red " * 8 + "</s>",
        "[ask]</s>",
        "[ask] [done]</s>",
        "[chat] " + "red " * 80 + "</s>",
    ],
)
def test_an_answer_that_does_not_parse_becomes_a_question(generated: str) -> None:
    assert read(generated) == NOT_UNDERSTOOD
    assert NOT_UNDERSTOOD.kind is ReplyKind.CLARIFICATION
    assert NOT_UNDERSTOOD.instruction is None


def test_two_wishes_are_two_instructions_one_after_the_other() -> None:
    answer = compose(ReplyKind.EDIT, "remove the tree ; make it night.")
    assert answer.instruction == "remove the tree; make it night"
    assert answer.text == "I'll remove the tree, then make it night."


def test_an_instruction_said_twice_is_carried_out_once() -> None:
    assert compose(ReplyKind.EDIT, "make it rain ; make it rain").instruction == "make it rain"


@pytest.mark.parametrize(
    "words", ["remove the tree; dark", ";", "make it rain; make it day; make it night; make it sepia"]
)
def test_steps_that_are_none_or_too_many_become_a_question(words: str) -> None:
    assert compose(ReplyKind.EDIT, words) == NOT_UNDERSTOOD


def test_a_full_stop_does_not_enter_the_instruction() -> None:
    assert compose(ReplyKind.EDIT, "Remove the tree.").instruction == "remove the tree"


@pytest.mark.parametrize(
    ("decoded", "tidied"),
    [
        ("you ' re welcome !", "you're welcome!"),
        ("the cat ' s colour", "the cat's colour"),
        ("a t - shirt , please", "a t-shirt, please"),
        ("which one ?", "which one?"),
    ],
)
def test_traces_of_word_pieces_are_tidied(decoded: str, tidied: str) -> None:
    assert tidy(decoded) == tidied
