"""The last edit once more: which words ask for it, which don't, and when."""

from __future__ import annotations

import time

import pytest

from dialogue_service.adjusting import adjusting
from shared.schemas.adjustment import Adjustment, Way
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind

WEAKER, STRONGER = Adjustment(text_guidance=Way.LOWER), Adjustment(text_guidance=Way.HIGHER)
KEEP_MORE, KEEP_LESS = Adjustment(image_guidance=Way.HIGHER), Adjustment(image_guidance=Way.LOWER)
SNOW = "make it snowy"


def edited(instruction: str | None) -> DialogueTurn:
    kind = ReplyKind.EDIT if instruction else ReplyKind.CHAT
    return DialogueTurn(user="…", reply_kind=kind, reply="…", instruction=instruction)


ASKED = DialogueTurn(user="change it", reply_kind=ReplyKind.CLARIFICATION, reply="What?")


def wanted(text: str, last: str = SNOW) -> Adjustment | None:
    done = last.split("; ")
    found = adjusting(DialogueRequest(instructions=done, turns=[edited(last)], text=text))
    return found.adjustment if found else None


@pytest.mark.parametrize(
    "text",
    [
        "less", "a bit less", "a bit less of that", "A little less, please", "less than that", "no, less", "much less",
        "too strong", "that's too strong!", "it's too strong now", "way too strong", "a bit too intense", "too much",
        "that's too much", "that was far too much", "whoa, too much", "now that's too much", "it's a bit much",
        "the change is too strong", "tone it down", "tone it down a bit", "can you tone that down?", "dial it back",
        "make it less strong", "do it less strongly", "make it less extreme", "make it more subtle", "not so strong",
        "not so much", "not that much please", "nice, but a bit less", "you overdid it", "over the top", "weaker",
        "I’d like a bit less", "you went too far",
    ],
)  # fmt: skip
def test_words_for_weaker(text: str) -> None:
    assert wanted(text) == WEAKER


@pytest.mark.parametrize(
    "text",
    [
        "stronger", "make it stronger", "much stronger please", "could you make it a bit stronger?", "more strongly",
        "make it more intense", "more of that", "a bit more of that", "no, more of that", "I can hardly see it",
        "i can barely see a difference", "it's hardly visible", "it's too weak", "too subtle", "not strong enough",
        "that's not enough", "it isn't strong enough",
    ],
)  # fmt: skip
def test_words_for_stronger(text: str) -> None:
    assert wanted(text) == STRONGER


@pytest.mark.parametrize(
    "text",
    [
        "keep more of the picture", "keep more of the original", "please keep more of my photo",
        "keep more of the rest as it was", "stay closer to the original", "Stay closer to the original picture",
        "closer to the original please", "change less of the rest", "change less", "change the rest less",
        "you changed too much of the picture", "make it look more like the original", "too far from the original",
    ],
)  # fmt: skip
def test_words_for_keeping_more(text: str) -> None:
    assert wanted(text) == KEEP_MORE


@pytest.mark.parametrize(
    "text", ["keep less of the original", "change more of the picture", "it's still too close to the original"]
)
def test_words_for_keeping_less(text: str) -> None:
    assert wanted(text) == KEEP_LESS


@pytest.mark.parametrize(
    "text",
    [
        "less rain", "more red", "make the house less red", "too much snow", "too dark", "make it darker", "too bright",
        "less cloudy", "more clouds", "a stronger colour", "stronger wind", "the house is too much", "more", "no more",
        "no more of that", "more of them", "make it less blue", "undo", "go back", "take it back", "turn that back",
        "too big", "bigger", "not so big", "keep more of the tree", "keep the house", "keep the original",
        "too much red in the sky", "closer to the tree", "move it closer", "make it night", "change the rest",
        "i can hardly see the house", "i can't see any difference", "less is more", "make it snow less",
        "less snow please", "less of the snow", "tone down the red", "too strong a red", "show more of the sky",
        "more like a painting", "keep more of the picture and make it night", "too much, undo it", "not enough snow",
        "stronger and make it night", "add more", "zoom out a bit", "the effect is too much", "thanks", "",
    ],
)  # fmt: skip
def test_words_for_something_else(text: str) -> None:
    assert wanted(text) is None


@pytest.mark.parametrize("last", ["make the house bigger", "make it darker", "remove the tree; make it brighter"])
def test_what_has_steps_of_its_own_is_the_models_to_answer(last: str) -> None:
    assert wanted("too much", last) is None


def test_the_reply_repeats_the_whole_instruction_and_says_how() -> None:
    last = "remove the tree; make it snowy"
    again = adjusting(DialogueRequest(instructions=last.split("; "), turns=[edited(last)], text="less"))
    assert again is not None
    assert (again.answer.kind, again.answer.instruction) == (ReplyKind.EDIT, last)
    assert again.answer.text == "I'll do it again, less strongly."


@pytest.mark.parametrize(
    ("done", "turns"),
    [
        ([], []),
        ([SNOW], [edited(SNOW), ASKED]),
        (["make it night"], [edited(SNOW), edited(None)]),
        ([], [edited(SNOW)]),
        ([SNOW, "make it night"], [edited(SNOW)]),
    ],
    ids=[
        "nothing was done",
        "a question was asked since",
        "it was undone in words",
        "it was taken back",
        "another edit came after it",
    ],
)
def test_only_the_newest_edit_is_done_again(done: list[str], turns: list[DialogueTurn]) -> None:
    assert adjusting(DialogueRequest(instructions=done, turns=turns, text="less")) is None


def test_small_talk_in_between_changes_nothing() -> None:
    request = DialogueRequest(instructions=[SNOW], turns=[edited(SNOW), edited(None)], text="keep more of the picture")
    assert adjusting(request) is not None


@pytest.mark.parametrize("piece", ["no ", "!", "no, please ", "a bit ", "less ", "x ", "too much "])
def test_long_texts_are_read_in_no_time(piece: str) -> None:
    began = time.perf_counter()
    assert wanted((piece * 2_000)[:2_000] + "z") is None
    assert time.perf_counter() - began < 1.0
