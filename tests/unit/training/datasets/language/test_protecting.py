"""Wishes that name another thing, colour or wish than the one that is meant."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from training.datasets.language.picture import Picture
from training.datasets.language.protecting import protect, protect_all_but
from training.datasets.language.reasons import reasoned, tired_of
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.language.unfinished import half_clear
from training.datasets.world import Scene, Thing

SCENE = Scene(things=(Thing("house", "red", "left"), Thing("cat", "black", "right")))
CAPTION = "a red house on the left and a black cat on the right, in the meadow"


def talk_of(seed: int) -> Talk:
    rng = random.Random(seed)
    return Talk(rng, Speaker(rng, "train"), Picture(SCENE, CAPTION))


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("way", [protect, protect_all_but, reasoned, tired_of])
def test_it_is_one_edit_of_one_thing(way: Callable[[Talk], None], seed: int) -> None:
    talk = talk_of(seed)
    way(talk)
    assert [turn.reply.kind for turn in talk.turns] == ["edit"]
    assert ";" not in (talk.turns[0].instruction or "")


@pytest.mark.parametrize("seed", range(30))
def test_who_is_tired_of_a_colour_means_the_thing_that_has_it(seed: int) -> None:
    talk = talk_of(seed)
    tired_of(talk)
    kind, colour = ("house", "red") if "house" in (talk.turns[0].instruction or "") else ("cat", "black")
    assert talk.turns[0].instruction not in (None, f"paint the {kind} {colour}")


def test_the_half_that_was_not_clear_is_asked_for_when_it_is_called_for() -> None:
    asked = []
    for seed in range(40):
        talk = talk_of(seed)
        half_clear(talk)
        assert talk.turns[0].reply.kind == "edit"
        asked += [turn.reply.asks for turn in talk.turns[1:2]]
    assert len(asked) > 20
    assert all(asked)
