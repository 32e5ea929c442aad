"""Asking before a doubtful edit, and the plain yes or no to that."""

from __future__ import annotations

import pytest

from dialogue_service.doubt import INSTEAD, Likely, answering_offer, in_doubt, invents
from dialogue_service.instruction import NOT_UNDERSTOOD, Answer, compose
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind

ENOUGH = 0.4
SAID = DialogueRequest(caption="a red house on the left, in a meadow", text="it should be impressive")
BIGGER = compose(ReplyKind.EDIT, "make the house bigger")
DAY = compose(ReplyKind.EDIT, "make it day")
DARKER = compose(ReplyKind.EDIT, "make it darker; remove the house")
WHICH = compose(ReplyKind.CLARIFICATION, "which time of day: day, sunset or night?")
THANKS = compose(ReplyKind.CHAT, "you're welcome!")


def likely(*found: tuple[Answer, float]) -> list[Likely]:
    return [Likely(answer, answer, share) for answer, share in found]


def sole(answer: Answer, share: float = 0.1) -> Likely:
    return Likely(answer, answer, share)


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
    answer = in_doubt(SAID, sole(BIGGER), likely(*found), ENOUGH)
    assert (answer.kind, answer.text) == (ReplyKind.CLARIFICATION, said)


def test_likely_answers_that_come_to_the_same_edit_are_sure_together() -> None:
    found = likely((WHICH, 0.3), (BIGGER, 0.2), (BIGGER, 0.2), (DARKER, 0.1))
    assert in_doubt(SAID, sole(DARKER), found, ENOUGH) == BIGGER


def test_what_the_rules_ask_is_not_what_the_model_asks() -> None:
    missing = Likely(compose(ReplyKind.EDIT, "remove the cat"), WHICH, 0.2)
    assert in_doubt(SAID, sole(BIGGER), [missing], ENOUGH).text == "Shall I make the house bigger?"


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
    assert in_doubt(SAID, sole(INVENTED), likely(*found), ENOUGH).text == said


def test_a_word_is_invented_unless_it_was_said_or_is_english() -> None:
    said = SAID.model_copy(update={"caption": "a zorp beside a quagga", "turns": [asked("?")], "text": "Blorf it"})
    assert not invents("replace the zorp with a blorf", said)
    assert not invents("paint the capybara x-ray teal; make it grand", said)
    assert invents("paint the zorpa red", said)


def test_nobody_is_offered_the_same_twice_before_something_is_done() -> None:
    again = after("Shall I make the house bigger?", "i said impressive")
    assert in_doubt(again, sole(BIGGER), likely((BIGGER, 0.3)), ENOUGH) == Answer(ReplyKind.CHAT, INSTEAD)
    refused = DialogueTurn(user="no", reply_kind=ReplyKind.CHAT, reply=INSTEAD)
    later = again.model_copy(update={"turns": [*again.turns, refused]})
    assert in_doubt(later, sole(BIGGER), likely((BIGGER, 0.3), (DARKER, 0.2)), ENOUGH).text.startswith(
        "Shall I make it"
    )
    done = DialogueTurn(
        user="night!", reply_kind=ReplyKind.EDIT, reply="I'll make it night.", instruction="make it night"
    )
    anew = later.model_copy(update={"turns": [*later.turns, done]})
    assert in_doubt(anew, sole(BIGGER), likely((BIGGER, 0.3)), ENOUGH).text == "Shall I make the house bigger?"


def test_a_question_just_asked_is_not_asked_again_and_nothing_is_done_instead() -> None:
    found = likely((BIGGER, 0.3), (WHICH, 0.2))
    assert in_doubt(after(WHICH.text, "hm"), sole(BIGGER), found, ENOUGH).text == "Shall I make the house bigger?"


def test_what_would_change_nothing_cannot_be_meant() -> None:
    already = Likely(DAY, Answer(ReplyKind.CHAT, "It is day already."), 0.7)
    assert in_doubt(SAID, already, [already, *likely((BIGGER, 0.2))], ENOUGH) == BIGGER  # two thirds of what is left
    assert in_doubt(SAID, already, [already, *likely((BIGGER, 0.1))], ENOUGH) == already.answer
    assert in_doubt(SAID, already, [already, *likely((WHICH, 0.1))], ENOUGH) == WHICH
    assert in_doubt(SAID, already, [already], ENOUGH) == already.answer


def test_a_likeliest_answer_that_the_beams_miss_counts() -> None:
    assert in_doubt(SAID, sole(BIGGER, 0.3), likely((DARKER, 0.2)), ENOUGH).text == "Shall I make the house bigger?"


def test_a_question_that_became_a_remark_is_none() -> None:
    full = Likely(WHICH, Answer(ReplyKind.CHAT, "There is no room for more."), 0.3)
    assert in_doubt(SAID, sole(BIGGER), [full], ENOUGH).text == "Shall I make the house bigger?"


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yes please!",
        "yeah, do that",
        "sure",
        "OK",
        "k",
        "do it",
        "that's right",
        "oh yes, go ahead",
        "y",
        "ok ok",
        "sure, why not?",
    ],
)
def test_a_plain_yes_takes_the_offer(text: str) -> None:
    answer = answering_offer(after("Shall I make it darker, then remove the house?", text))
    assert answer is not None
    assert answer.instruction == "make it darker; remove the house"


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "Nope.",
        "nah, not that one",
        "no thanks",
        "no, that's wrong",
        "nooo",
        "don´t do that",
        "of course not",
        "no way",
    ],
)
def test_a_plain_no_asks_for_something_else(text: str) -> None:
    assert answering_offer(after("Shall I remove the house?", text)) == Answer(ReplyKind.CHAT, INSTEAD)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Shall I remove the house?", "yes, but make it snow too"),
        ("Shall I remove the house?", "no, the cat"),
        ("Shall I remove the house?", "right of it"),
        ("Shall I remove the house?", "not the house"),
        ("Shall I remove the house?", "sure?"),
        ("Shall I remove the house?", "y?"),
        ("Shall I remove the house?", "correct that"),
        ("Shall I remove the house?", "why not that one"),
        ("There is no cat. Shall I paint the house?", "yes"),
        ("Where shall I put the red ball: left or right?", "right"),
        ("What shall I change: the house, the place, the time, the weather or the style?", "yes, the house"),
    ],
)
def test_anything_else_is_for_the_model(question: str, text: str) -> None:
    assert answering_offer(after(question, text)) is None


@pytest.mark.parametrize(
    "question",
    [
        "What shall I change: the house, the place, the time, the weather or the style?",
        "Shall I make the house bigger or smaller?",
        "There is no cat. Which one shall I paint: the house or the tree?",
    ],
)
@pytest.mark.parametrize("text", ["yes", "Yeah!", "ok", "sure, please"])
def test_a_yes_chooses_nothing(question: str, text: str) -> None:
    assert answering_offer(after(question, text)) == Answer(ReplyKind.CLARIFICATION, question)


def test_an_offer_of_the_rules_is_taken_as_well() -> None:
    answer = answering_offer(after("There is no cat. Shall I make the house bigger?", "yes"))
    assert answer is not None
    assert answer.instruction == "make the house bigger"


@pytest.mark.parametrize(
    "instruction",
    [
        "paint my car red",
        "put a hat on the cat",
        "add a bird",
        "make the cat look old",
        "make it night; remove the car",
    ],
)
def test_whatever_is_offered_can_be_taken(instruction: str) -> None:
    edit = compose(ReplyKind.EDIT, instruction)
    answer = answering_offer(after(in_doubt(SAID, sole(edit), [], ENOUGH).text, "yes"))
    assert answer is not None
    assert answer.instruction == instruction


def test_without_a_question_yes_means_nothing() -> None:
    assert answering_offer(SAID.model_copy(update={"text": "yes"})) is None
