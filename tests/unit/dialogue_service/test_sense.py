"""Answers held against the picture as it is now, and undo in plain words."""

from __future__ import annotations

import random

import pytest

from dialogue_service.instruction import Answer, compose
from dialogue_service.sense import asks_to_undo, sensible, thanked, undoing
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind
from training.datasets import world
from training.datasets.changes import apply, sample_change
from training.datasets.instructions import phrase

ROOM = "a red house on the left and a small green tree on the right, in a meadow at night"


def checked(instruction: str, caption: str = ROOM, done: list[str] | None = None) -> Answer:
    return sensible(compose(ReplyKind.EDIT, instruction), caption, done or [])


@pytest.mark.parametrize(
    ("instruction", "kind", "text"),
    [
        (
            "paint the fish orange", ReplyKind.CLARIFICATION,
            "There is no fish. Which one shall I paint orange: the house or the tree?",
        ),
        (
            "replace the boat with a white cat", ReplyKind.CLARIFICATION,
            "There is no boat. Which one shall I replace with a white cat: the house or the tree?",
        ),
        (
            "make the car bigger", ReplyKind.CLARIFICATION,
            "There is no car. Which one shall I make bigger: the house or the tree?",
        ),
        (
            "remove the clouds", ReplyKind.CLARIFICATION,
            "There are no clouds. Which one shall I remove: the house or the tree?",
        ),
        ("paint the house red", ReplyKind.CHAT, "The house is red already."),
        ("replace the house with a red house", ReplyKind.CHAT, "There is a red house already."),
        ("make the tree smaller", ReplyKind.CHAT, "The tree is as small as it can be."),
        ("make it night", ReplyKind.CHAT, "It is night already."),
        ("move it to the meadow", ReplyKind.CHAT, "It is in the meadow already."),
        ("make the weather clear", ReplyKind.CHAT, "The weather is clear already."),
        ("add a blue tree in the middle", ReplyKind.CHAT, "There is a tree already."),
        (
            "add a blue cat on the left", ReplyKind.CLARIFICATION,
            "There is something on the left already. Where shall I put the blue cat: middle?",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_asked_back_or_said(instruction: str, kind: ReplyKind, text: str) -> None:
    assert checked(instruction) == Answer(kind, text)


def test_one_thing_alone_is_offered() -> None:
    asked = checked("paint the fish orange", "a white cat in the middle, on a beach")
    assert asked.text == "There is no fish. Shall I paint the cat orange?"


@pytest.mark.parametrize(
    "instruction",
    [
        "give the house a hat", "make it brighter", "add two birds", "turn the house into a castle",
        "make the sky darker", "paint the house light blue",
    ],
)  # fmt: skip
def test_what_no_rule_knows_is_let_through(instruction: str) -> None:
    assert checked(instruction).instruction == instruction


def test_a_colour_of_two_words_is_no_part_of_the_things_name() -> None:
    asked = checked("paint the boat light blue").text
    assert asked == "There is no boat. Which one shall I paint light blue: the house or the tree?"


@pytest.mark.parametrize(
    ("caption", "instruction"),
    [
        ("a man in the middle of a street in a city", "remove the car"),
        ("a man standing on the left in the snow", "remove the skis"),
        ("an empty beach with two palm trees and an umbrella", "remove the umbrella"),
        ("two cats on the left and a dog on the right, in a meadow", "remove the cat"),
        ("a red car on the left, in a city on a rainy evening", "make the weather clear"),
        ("a red car on the left, in a city on a rainy evening", "make it day"),
        ("a red cat on the left and a blue cat on the right, in a meadow", "paint the cat red"),
    ],
)
def test_a_caption_in_other_words_may_mean_more_than_the_rules_see(caption: str, instruction: str) -> None:
    assert checked(instruction, caption).instruction == instruction


def test_capitals_change_nothing() -> None:
    assert checked("paint the house red", ROOM.capitalize()).text == "The house is red already."


def test_what_was_done_since_counts() -> None:
    assert checked("paint the house blue", done=["paint the house blue"]).text == "The house is blue already."
    assert checked("paint the house red", done=["paint the house blue"]).kind is ReplyKind.EDIT
    assert checked("remove the tree", done=["remove the tree"]).kind is ReplyKind.CLARIFICATION


def test_of_two_instructions_the_sensible_one_stays_and_the_other_is_spoken_of() -> None:
    answer = checked("remove the tree; paint the house red")
    assert (answer.instruction, answer.text) == ("remove the tree", "I'll remove the tree. The house is red already.")
    answer = checked("make it night; paint the house blue")
    assert (answer.instruction, answer.text) == (
        "paint the house blue", "I'll paint the house blue. It is night already.",
    )  # fmt: skip
    answer = checked("paint the fish orange; make it day")
    assert (answer.instruction, answer.text) == ("make it day", "I'll make it day. There is no fish.")
    assert checked("remove the tree; add a blue tree on the right").instruction is not None


@pytest.mark.parametrize("caption", ["", "a photo of a house", "a man riding a red motorcycle down a road"])
def test_a_caption_that_may_leave_things_out_forbids_nothing(caption: str) -> None:
    assert checked("paint the fish orange", caption).instruction == "paint the fish orange"


@pytest.mark.parametrize("seed", range(200))
def test_whatever_can_be_done_is_let_through(seed: int) -> None:
    rng = random.Random(seed)
    scene = world.sample_scene(rng)
    caption, done = world.caption(scene, rng), list[str]()
    for _ in range(rng.randint(1, 4)):
        change = sample_change(rng, scene)
        scene = apply(scene, change)
        assert checked(phrase(change), caption, done).instruction == phrase(change)
        done.append(phrase(change))


@pytest.mark.parametrize(
    "text",
    [
        "undo", "Undo that!", "no, undo that", "oops, undo it please", "put it back as it was", "go back",
        "hmm no, go back one step", "can you undo the last change?", "take that back", "change it back, please",
        "actually I liked it before, go back", "it was better before",
        "I liked it the way it was before", "make it like it was", "revert", "no no no, undo that", "as it was before",
        "let's go back",
    ],
)  # fmt: skip
def test_plain_words_for_undo(text: str) -> None:
    assert asks_to_undo(text)


@pytest.mark.parametrize(
    "text",
    [
        "change it back to red", "bring the tree back", "make it night", "undo the roof",
        "put the cat back on the left",
        "go back to the beach", "make it bigger again", "no", "back", "turn it blue",
    ],
)  # fmt: skip
def test_words_for_something_else(text: str) -> None:
    assert not asks_to_undo(text)


@pytest.mark.parametrize(
    "text",
    ["thanks!", "Thank you so much", "great, thanks a lot!", "ty :)", "thx", "Bye!", "lovely, thank you, bye bye"],
)
def test_thanks_are_no_answer_to_a_question(text: str) -> None:
    answer = thanked(compose(ReplyKind.EDIT, "replace the car with a yellow cat"), text)
    assert (answer.kind, answer.instruction) == (ReplyKind.CHAT, None)


@pytest.mark.parametrize(
    "text", ["thanks, now make it night", "a cat, thanks", "yes, thank you", "ok thanks", "thick fog"]
)
def test_thanks_that_come_with_a_wish_are(text: str) -> None:
    wish = compose(ReplyKind.EDIT, "make it night")
    assert thanked(wish, text) == wish


def edited(instruction: str) -> DialogueTurn:
    return DialogueTurn(user="…", reply_kind=ReplyKind.EDIT, reply="…", instruction=instruction)


def test_undo_takes_back_the_whole_last_turn() -> None:
    turns = [edited("make it rain"), edited("paint the house blue; remove the tree")]
    done = ["make it rain", "paint the house blue", "remove the tree"]
    request = DialogueRequest(caption=ROOM, instructions=done, turns=turns, text="undo that")
    answer = undoing(request, ROOM)
    assert answer is not None
    assert answer.instruction == "add a green tree on the right; paint the house red"


def test_what_cannot_be_taken_back_by_an_instruction_is_said() -> None:
    request = DialogueRequest(instructions=["paint the house blue"], text="undo")
    answer = undoing(request, "")
    assert answer is not None
    assert (answer.kind, answer.instruction) == (ReplyKind.CHAT, None)


def test_with_nothing_done_the_model_answers() -> None:
    assert undoing(DialogueRequest(caption=ROOM, text="undo"), ROOM) is None
