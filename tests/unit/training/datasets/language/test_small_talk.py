"""Talk that is no wish, and the wish behind a question."""

from __future__ import annotations

import random

from training.datasets.language.picture import Picture
from training.datasets.language.small_talk import ask_back, digress
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.world import Scene, Thing

SCENE = Scene(things=(Thing("house", "red", "left"), Thing("cat", "black", "right")))


def talk_of(seed: int) -> Talk:
    rng = random.Random(seed)
    return Talk(rng, Speaker(rng, "train"), Picture(SCENE, "a red house on the left and a black cat on the right"))


def test_nothing_is_changed_by_talk_about_other_things() -> None:
    for seed in range(80):
        talk = talk_of(seed)
        digress(talk)
        assert [turn.reply.kind for turn in talk.turns] == ["chat"]


def test_that_one_is_the_thing_that_was_asked_about() -> None:
    followed = 0
    for seed in range(200):
        talk = talk_of(seed)
        ask_back(talk)
        if len(talk.turns) > 1 and talk.turns[1].instruction:
            followed += 1
            asked = "house" if "the house" in talk.turns[0].reply.text else "cat"
            assert f"the {asked}" in talk.turns[1].instruction
    assert followed > 10
