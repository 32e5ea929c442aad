"""Answers by the place of a choice in the question, and by what is not meant."""

from __future__ import annotations

import random

import pytest

from training.datasets.language.assistant import answer
from training.datasets.language.listed_answers import listed_answer, ordinal_words
from training.datasets.language.picture import Picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.language.wish import Wish
from training.datasets.world import Scene, Thing

SCENE = Scene(things=(Thing("house", "red", "left"), Thing("cat", "black", "right")))


class Exact(Speaker):
    """Says which section it was asked for, instead of a phrase."""

    def bare(self, section: str, **slots: str) -> str:
        return " ".join([section, *slots.values()])


def talk_of(seed: int) -> Talk:
    rng = random.Random(seed)
    return Talk(rng, Exact(rng, "train"), Picture(SCENE, "a red house on the left and a black cat on the right"))


@pytest.mark.parametrize(
    ("wish", "said", "meant"),
    [
        (Wish("weather"), "answer.first", Wish("weather", value="clear")),
        (Wish("weather"), "answer.last", Wish("weather", value="snowfall")),
        (Wish("style"), "answer.fourth", Wish("style", value="negative")),
        (Wish("style"), "answer.last", Wish("style", value="normal")),
        (Wish("place"), "answer.fifth", Wish("place", value="city")),
        (Wish("place"), "answer.last_but_one", Wish("place", value="city")),
        (Wish("add"), "answer.first", Wish("add", new="tree")),
        (Wish("change", "cat"), "answer.second", Wish("resize", "cat")),
        (Wish("change", "cat"), "answer.last", Wish("remove", "cat")),
        (Wish("any"), "answer.second", Wish("change", "cat")),
        (Wish("any"), "answer.third", Wish("place")),
        (Wish("resize", "cat"), "answer.former", Wish("resize", "cat", size="bigger")),
        (Wish("resize", "cat"), "answer.excluded.short bigger", Wish("resize", "cat", size="smaller")),
        (Wish("recolour", colour="blue"), "answer.latter", Wish("recolour", "cat", colour="blue")),
        (Wish("resize", size="bigger"), "answer.excluded the cat", Wish("resize", "house", size="bigger")),
    ],
)
def test_a_choice_is_meant_by_its_place_in_the_question(wish: Wish, said: str, meant: Wish) -> None:
    answers = set()
    for seed in range(150):
        talk = talk_of(seed)
        answers.add(listed_answer(talk, answer(talk.picture, wish)))
    assert {found[1] for found in answers if found and found[0] == said} == {meant}


def test_a_question_without_a_list_has_no_such_answer() -> None:
    talk = talk_of(0)
    assert listed_answer(talk, answer(talk.picture, Wish("recolour", "cat"))) is None


def test_nobody_counts_beyond_the_fifth() -> None:
    talk = talk_of(0)
    assert ordinal_words(talk, 5, 9) is None
    assert ordinal_words(talk, 8, 9) == "answer.last"
    assert {ordinal_words(talk_of(seed), 1, 2) for seed in range(30)} == {
        "answer.second",
        "answer.last",
        "answer.latter",
    }
