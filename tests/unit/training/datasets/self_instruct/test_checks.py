"""What is turned away, and why."""

from __future__ import annotations

import pytest

from training.datasets.changes import Add, Change, Recolour, Remove, Replace, Resize, SetTime
from training.datasets.instructions import phrase
from training.datasets.self_instruct import transcript
from training.datasets.self_instruct.checks import Asked, Reason, Rejected, check
from training.datasets.self_instruct.transcript import NotATranscript

CAPTION, KINDS = "a red house on the left and a green tree on the right, in a meadow", ("house", "tree")
PAINT = Recolour("house", "orange")


def verdict(text: str, *changes: Change) -> Reason | None:
    """Why a transcript that was to make these changes is turned away, if it is; its shape is as asked."""
    lines = transcript.read(text)
    try:
        check(Asked(CAPTION, KINDS, changes, tuple(line.kind for line in lines)), lines)
    except Rejected as error:
        return error.reason
    return None


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("the house in orange, if you can", PAINT),
        ("where the tree stands I want a blue boat", Replace("tree", "boat", "blue")),
        ("a cat for the tree, swap them", Replace("tree", "cat", "green")),
        ("that tree has to go, get it away", Remove("tree")),
        ("there's space for a pink star in the centre", Add("star", "pink", "middle")),
        ("let the tree grow", Resize("tree", "bigger")),
        ("I love the dark, moonlight everywhere", SetTime("night")),
    ],
)
def test_words_that_tell_everything_are_kept(said: str, change: Change) -> None:
    assert verdict(f"User: {said}\nEdit: {phrase(change)}", change) is None


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("the house should be warmer", PAINT),
        ("orange would be nice", PAINT),
        ("don't let the house be orange", PAINT),
        ("look at the tree", Remove("tree")),
        ("a pink star would be nice", Add("star", "pink", "middle")),
        ("let the tree grow, I mean shrink", Resize("tree", "bigger")),
        ("the house is lovely", SetTime("night")),
        ("a dark night in bright morning light", SetTime("night")),
    ],
)
def test_an_instruction_that_the_user_did_not_tell_is_turned_away(said: str, change: Change) -> None:
    assert verdict(f"User: {said}\nEdit: {phrase(change)}", change) is Reason.UNTOLD


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("User: that house in orange\nEdit: paint the house blue", Reason.INSTRUCTION),
        ("User: ok, paint the house orange now\nEdit: paint the house orange", Reason.GRAMMAR),
        ("User: orange house, I want it, I want it\nEdit: paint the house orange", Reason.REPEATED),
        ("User: Paint the house orange!\nEdit: paint the house orange", Reason.GRAMMAR),
        ("User: the house in orange (or *bold*)\nEdit: paint the house orange", Reason.WORDS),
        ("User: the house in orange like the fish\nEdit: paint the house orange", Reason.STRANGE),
        ("User: the house is dull\nAsk: Here you are.\nUser: orange\nEdit: paint the house orange", Reason.QUESTION),
        ("User: house in orange\nAsk: Which colour?\nUser: yes\nEdit: paint the house orange", Reason.QUESTION),
        (
            "User: dull house\nAsk: Should it be like the cat?\nUser: orange\nEdit: paint the house orange",
            Reason.STRANGE,
        ),
        ("User: dull\nAsk: What is dull?\nUser: dull\nEdit: paint the house orange", Reason.REPEATED),
        ("User: the house orange\nChat: Hi.\nUser: go on\nEdit: paint the house orange", Reason.CHAT),
    ],
)
def test_each_fault_has_its_reason(text: str, reason: Reason) -> None:
    assert verdict(text, PAINT) is reason


def test_what_was_said_before_a_question_still_counts() -> None:
    text = "User: the house is dull\nAsk: Which colour would you like?\nUser: orange\nEdit: paint the house orange"
    assert verdict(text, PAINT) is None


def test_it_means_the_last_thing_once_there_was_an_edit() -> None:
    second = Recolour("house", "blue")
    text = "User: the house in orange\nEdit: paint the house orange\nUser: no, it in blue\nEdit: paint the house blue"
    assert verdict(text, PAINT, second) is None
    assert verdict("User: have it in blue\nEdit: paint the house blue", second) is Reason.UNTOLD


def test_other_kinds_of_reply_than_asked_are_turned_away() -> None:
    lines = transcript.read("User: hello\nChat: Hello!")
    with pytest.raises(Rejected) as error:
        check(Asked(CAPTION, KINDS, (), ()), lines)
    assert error.value.reason is Reason.SHAPE


@pytest.mark.parametrize("text", ["", "User: hello", "hello\nthere", "Edit: remove it\nUser: thanks"])
def test_a_text_without_turns_is_no_transcript(text: str) -> None:
    with pytest.raises(NotATranscript):
        transcript.read(text)


def test_a_transcript_is_read_as_it_is_written() -> None:
    lines = transcript.read("User:  the  house in orange \n\nEdit: Paint the house orange.\nUser: thanks\nChat: Sure.")
    assert lines[0].words == "paint the house orange"
    assert transcript.read(transcript.write(lines)) == lines
