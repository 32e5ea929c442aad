import random

import pytest

from dialogue_service.instruction import as_sentence
from evaluation.questions import read_question
from training.datasets.language import openings
from training.datasets.language.picture import WORLD, draw_picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk

OPENINGS = (
    openings.open_colour, openings.open_new, openings.open_size, openings.open_change, openings.open_target,
    openings.add_openly, openings.add_beside, openings.add_member, openings.open_setting, openings.vague,
)  # fmt: skip
ASKED = {"any", "which", "about", "colour", "new", "size", "add", "where", "colour_where"}
ASKED |= {"place", "time", "weather", "style"}


def test_every_question_of_the_simulated_assistant_is_understood_as_the_assistant_means_it() -> None:
    asked = set()
    for seed in range(150):
        rng = random.Random(seed)
        talk = Talk(rng, Speaker(rng, "train"), draw_picture(rng, "train", WORLD))
        for opening in OPENINGS:
            opening(talk)
        for reply in (turn.reply for turn in talk.turns if turn.reply.kind == "clarification"):
            assert read_question(as_sentence(reply.text, "?")).asks == reply.asks, reply.text
            asked.add(reply.asks)
    assert asked >= ASKED


@pytest.mark.parametrize(
    ("text", "kind", "does"),
    [
        ("Which colour should the house be?", "house", ""),
        ("Where shall I put the green umbrella: left or right?", "umbrella", ""),
        ("There is no boat. Which one shall I paint blue: the house or the tree?", "", "paint blue"),
        ("Shall I remove the tree?", "", "remove the tree"),
    ],
)
def test_what_it_is_about_is_read_too(text: str, kind: str, does: str) -> None:
    question = read_question(text)
    assert (question.kind, question.does) == (kind, does)


def test_words_that_are_no_question_of_ours_are_not_understood() -> None:
    assert read_question("Hello there!").asks == ""
