"""Questions of the model as they fit the picture."""

import pytest

from dialogue_service.instruction import Answer, compose
from dialogue_service.questions import NO_ROOM, put_right
from dialogue_service.sense import sensible
from shared.schemas.dialogue import ReplyKind

ROOM = "a red house on the left and a small green tree on the right, in a meadow at night"
ALONE = "a white cat in the middle, on a beach"
ANYTHING = "What shall I change: the house, the tree, the place, the time, the weather or the style?"


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("Which one shall I remove: the house or the house?", "Which one shall I remove: the house or the tree?"),
        ("Which one shall I paint red: the tree?", "Which one shall I paint red: the house or the tree?"),
        (
            "Which one shall I replace with a red cat: the fish, the house or the tree?",
            "Which one shall I replace with a red cat: the house or the tree?",
        ),
        ("Which one shall I add a yellow star: the house or the tree?", ANYTHING),
        ("What shall I change: the house, the place, the time or the weather?", ANYTHING),
        ("What about the fish: another colour, another size, something else in its place, or remove it?", ANYTHING),
        ("Shall I make the boat bigger or smaller?", ANYTHING),
        ("Shall I make the tree bigger or smaller?", "Shall I make the tree bigger or smaller?"),
        ("Which colour should the house be?", "Which colour should the house be?"),
        (
            "There is something on the left already. Which colour should the boat be, and where: left or middle?",
            "Which colour should the boat be?",
        ),
        ("Which time of day: day, sunset or night?", "Which time of day: day, sunset or night?"),
    ],
)
def test_questions_list_what_is_there(asked: str, right: str) -> None:
    assert put_right(asked, ROOM) == Answer(ReplyKind.CLARIFICATION, right)


@pytest.mark.parametrize(
    ("wish", "asked"),
    [
        ("remove", "Shall I remove the cat?"),
        ("paint red", "Shall I paint the cat red?"),
        ("change", "What about the cat: another colour, another size, something else in its place, or remove it?"),
    ],
)
def test_one_thing_alone_needs_no_list(wish: str, asked: str) -> None:
    assert put_right(f"Which one shall I {wish}: the house or the cat?", ALONE).text == asked


def test_where_nothing_is_nothing_is_listed() -> None:
    asked = put_right("Which one shall I remove: the house or the tree?", "an empty meadow")
    assert asked.text == "What shall I change: the place, the time, the weather or the style?"


def test_of_two_of_a_kind_the_model_tells_more_than_rules_can() -> None:
    cats = "a red cat on the left and a white cat on the right, in a meadow"
    asked = "Which one shall I remove: the red cat or the white cat?"
    assert put_right(asked, cats).text == asked


def test_every_free_side_is_offered() -> None:
    asked = "Which colour should the boat be, and where: right?"
    assert put_right(asked, ALONE).text == "Which colour should the boat be, and where: left or right?"


def test_where_one_side_is_free_nothing_is_asked() -> None:
    asked = "Where shall I put the orange boat: left or right?"
    assert put_right(asked, ROOM) == compose(ReplyKind.EDIT, "add an orange boat in the middle")
    full = ROOM.replace(", in a", ", a blue car in the middle, in a").replace(" and a small", ", a small")
    assert put_right(asked, full) == Answer(ReplyKind.CHAT, NO_ROOM)
    assert put_right("Where shall I put the boat: left or right?", ROOM).text == "Which colour should the boat be?"


def test_what_follows_from_a_question_is_held_against_the_picture_like_any_edit() -> None:
    asked = compose(ReplyKind.CLARIFICATION, "where shall i put the blue house: left, middle or right?")
    assert sensible(asked, ROOM, []) == Answer(ReplyKind.CHAT, "There is a house already.")


def test_the_picture_is_the_one_after_all_instructions() -> None:
    asked = sensible(compose(ReplyKind.CLARIFICATION, "which one shall i remove: the house or the tree?"), ROOM, [
        "replace the tree with a black cat"
    ])  # fmt: skip
    assert asked.text == "Which one shall I remove: the house or the cat?"


def test_of_photographs_only_what_stands_twice_is_dropped() -> None:
    asked = compose(ReplyKind.CLARIFICATION, "which one shall i remove: the elephant or the calf calf?")
    said = sensible(asked, "an elephant spraying water over its calf", [])
    assert said.text == "Which one shall I remove: the elephant or the calf?"
