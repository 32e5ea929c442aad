"""Asking before a doubtful edit, and the plain yes or no to that."""

from __future__ import annotations

import pytest

from dialogue_service.doubt import INSTEAD, Likely, answering_offer, in_doubt, invents
from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, compose
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind

ENOUGH = 0.4
SAID = DialogueRequest(caption="a red house on the left, in a meadow", text="it should be impressive")
BIGGER = compose(ReplyKind.EDIT, "make the house bigger")
DARKER = compose(ReplyKind.EDIT, "make it darker; remove the house")
WHICH = compose(ReplyKind.CLARIFICATION, "which time of day: day, sunset or night?")
THANKS = compose(ReplyKind.CHAT, "you're welcome!")


def likely(*found: tuple[Answer, float]) -> list[Likely]:
    return [Likely(answer, answer, share) for answer, share in found]


def asked(question: str) -> DialogueTurn:
    return DialogueTurn(user="make it grand", reply_kind=ReplyKind.CLARIFICATION, reply=question)


def after(question: str, text: str) -> DialogueRequest:
    return SAID.model_copy(update={"turns": [asked(question)], "text": text})


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([(BIGGER, 0.3), (DARKER, 0.2)], "Shall I make the house bigger?"),
        ([(BIGGER, 0.2), (DARKER, 0.3)], "Shall I make it darker, then remove the house?"),
        ([(BIGGER, 0.3), (WHICH, 0.1)], WHICH.text),
        ([(BIGGER, 0.3), (THANKS, 0.29)], "Shall I make the house bigger?"),
        ([], "Shall I make the house bigger?"),
    ],
)
def test_a_doubtful_edit_is_asked_about(found: list[tuple[Answer, float]], said: str) -> None:
    answer = in_doubt(SAID, BIGGER, likely(*found), ENOUGH)
    assert (answer.kind, answer.text) == (ReplyKind.CLARIFICATION, said)


def test_likely_answers_that_come_to_the_same_edit_are_sure_together() -> None:
    found = likely((WHICH, 0.3), (BIGGER, 0.2), (BIGGER, 0.2), (DARKER, 0.1))
    assert in_doubt(SAID, DARKER, found, ENOUGH) == BIGGER


def test_what_the_rules_ask_is_not_what_the_model_asks() -> None:
    missing = Likely(compose(ReplyKind.EDIT, "remove the cat"), WHICH, 0.2)
    assert in_doubt(SAID, BIGGER, [missing], ENOUGH).text == "Shall I make the house bigger?"


INVENTED = compose(ReplyKind.EDIT, "paint the submarinetub grey")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([(INVENTED, 0.5), (BIGGER, 0.2)], "Shall I make the house bigger?"),
        ([(INVENTED, 0.5), (BIGGER, 0.4)], BIGGER.text),
        ([(INVENTED, 0.5), (WHICH, 0.2)], WHICH.text),
        ([(INVENTED, 0.9)], NOT_UNDERSTOOD.text),
        ([], NOT_UNDERSTOOD.text),
    ],
)
def test_words_that_nobody_said_and_that_are_none_are_neither_done_nor_offered(
    found: list[tuple[Answer, float]], said: str
) -> None:
    assert in_doubt(SAID, INVENTED, likely(*found), ENOUGH).text == said


def test_a_word_is_invented_unless_it_was_said_or_is_english() -> None:
    said = SAID.model_copy(update={"caption": "a zorp beside a quagga", "turns": [asked("?")], "text": "Blorf it"})
    assert not invents("replace the zorp with a blorf", said)
    assert not invents("paint the capybara x-ray teal; make it grand", said)
    assert invents("paint the zorpa red", said)


def test_nobody_is_asked_the_same_twice() -> None:
    again = after("Shall I make the house bigger?", "i said impressive")
    assert in_doubt(again, BIGGER, likely((BIGGER, 0.3)), ENOUGH) == BIGGER


@pytest.mark.parametrize(
    "text", ["yes", "Yes please!", "yeah, do that", "sure", "OK", "k", "do it", "that's right", "oh yes, go ahead", "y"]
)
def test_a_plain_yes_takes_the_offer(text: str) -> None:
    answer = answering_offer(after("Shall I make it darker, then remove the house?", text))
    assert answer is not None
    assert answer.instruction == "make it darker; remove the house"


@pytest.mark.parametrize("text", ["no", "Nope.", "nah, not that one", "no thanks", "no, that's wrong"])
def test_a_plain_no_asks_for_something_else(text: str) -> None:
    assert answering_offer(after("Shall I remove the house?", text)) == Answer(ReplyKind.CHAT, INSTEAD)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Shall I remove the house?", "yes, but make it snow too"),
        ("Shall I remove the house?", "no, the cat"),
        ("Shall I remove the house?", "right of it"),
        ("Shall I remove the house?", "not the house"),
        ("Shall I make the house bigger or smaller?", "yes"),
        ("There is no cat. Shall I paint the house?", "yes"),
        ("What shall I change: the house, the place, the time, the weather or the style?", "yes"),
    ],
)
def test_anything_else_is_for_the_model(question: str, text: str) -> None:
    assert answering_offer(after(question, text)) is None


def test_an_offer_of_the_rules_is_taken_as_well() -> None:
    answer = answering_offer(after("There is no cat. Shall I make the house bigger?", "yes"))
    assert answer is not None
    assert answer.instruction == "make the house bigger"


def test_without_a_question_yes_means_nothing() -> None:
    assert answering_offer(SAID.model_copy(update={"text": "yes"})) is None
