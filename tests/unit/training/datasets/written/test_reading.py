"""Hand-written dialogues: what is read, what is refused, and what becomes of them in training."""

from __future__ import annotations

import random

import pytest

from shared.schemas.dialogue import ReplyKind
from training.datasets.dialogue_examples import examples_of
from training.datasets.written.reading import (
    Malformed,
    Written,
    exchanged,
    faults,
    read,
    told,
    written_dialogue,
    written_dialogues,
)

MEADOW = "@ a red house on the left and a small green tree on the right, in a meadow"


def one(*lines: str) -> Written:
    """A block of lines."""
    (written,) = read("\n".join(lines))
    return written


def test_a_block_is_a_caption_and_what_was_said_and_answered() -> None:
    written = one(
        MEADOW, "< make it night", "!", "> hello", "~ Hello! Tell me what to change in the picture.", "> x", "= y"
    )
    assert (written.fixed, written.before, len(written.turns)) == (True, ("make it night",), 2)
    assert written.turns[0].kind is ReplyKind.CHAT
    assert written.turns[0].answer == "hello! tell me what to change in the picture."


@pytest.mark.parametrize(
    "lines", [[MEADOW], [MEADOW, "> x"], ["> x", "= y"], [MEADOW, "> x", "> y", "= z"], [MEADOW, "?"]]
)
def test_a_block_of_another_form_is_refused_by_its_first_line(lines: list[str]) -> None:
    with pytest.raises(Malformed, match=lines[0][:10]):
        list(read("\n".join(lines)))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("= paint the house", "is no instruction"),
        ("~ sure!", "none of the assistant's words"),
        ("? which one?", "none of the assistant's questions"),
        ("? which one shall i remove: the tree or the house?", "in this order"),
        ("? where shall i put the red boat: left or right?", "free are middle"),
        ("? what shall i add, for example a cat, a tree or a car?", "the three examples are cat, car, star"),
    ],
)
def test_what_cannot_be_right_is_told(answer: str, fault: str) -> None:
    (found,) = faults(one(MEADOW, "> whatever", answer))
    assert fault in found


def test_things_and_colours_are_exchanged_throughout_but_for_what_only_follows_from_the_words() -> None:
    block = one(
        MEADOW, "> paint the house blue", "= paint the house blue", "> and the leafy one", "= paint the tree blue"
    )
    captions = set()
    for number in range(20):
        other = exchanged(random.Random(number), block)
        said, answered = other.turns[0].user, other.turns[0].answer
        captions.add(other.caption)
        assert said == answered
        assert other.turns[1].answer == "paint the tree blue"
        assert "tree on the right" in other.caption
    assert len(captions) > 10


def test_a_style_is_no_colour_and_articles_fit_what_comes_behind_them() -> None:
    block = one(MEADOW, "> an hour ago it was black and white with a red boat", "= make it black and white")
    for number in range(20):
        (turn,) = exchanged(random.Random(number), block).turns
        assert turn.answer == "make it black and white"
        assert turn.user.startswith("an hour ago it was black and white with a")
        article, colour = turn.user.split()[-3:-1]
        assert (article == "an") == (colour[0] in "aeiou")


def test_what_cannot_be_becomes_the_words_of_the_rules_and_is_learnt_as_meant() -> None:
    dialogue = told(one(MEADOW, "> the house in red please", "= paint the house red"))
    (turn,) = dialogue["turns"]
    assert (turn["reply_kind"], turn["reply"]) == ("chat", "the house is red already.")
    (example,) = examples_of(dialogue)
    assert example.taught == (ReplyKind.EDIT, "paint the house red")


def test_examples_in_a_question_are_of_things_that_are_not_there() -> None:
    question = "? what shall i add, for example a cat, a car or a star?"
    block = one("@ a red tree on the left, in a meadow", "> add something", question)
    for number in range(20):
        other = exchanged(random.Random(number), block)
        (turn,) = told(other)["turns"]
        thing = other.caption.split()[2]
        assert thing not in turn["reply"]


def test_every_written_dialogue_is_sound_and_few_are_kept_from_training() -> None:
    learnt, kept = written_dialogues(), written_dialogues(held_out=True)
    assert [fault for written in (*learnt, *kept) for fault in faults(written)] == []
    assert len(learnt) > 10 * len(kept) > 0
    assert not {*learnt} & {*kept}


def test_the_same_seed_draws_the_same_dialogue() -> None:
    first, again = (written_dialogue(random.Random("seed")) for _ in range(2))
    assert first == again
    assert examples_of(first)
