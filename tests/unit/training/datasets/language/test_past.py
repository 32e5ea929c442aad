"""Wishes for what was before the newest changes."""

from __future__ import annotations

import random

import pytest

from training.datasets.changes import Add, Change, Recolour, SetWeather
from training.datasets.language.past import first_colour, former_setting, lent_colour, of_remembered
from training.datasets.language.picture import Picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.world import Scene, Thing

SCENE = Scene(things=(Thing("house", "red", "left"), Thing("cat", "black", "right")), weather="rain")


def talk_after(*changes: Change, seed: int = 0) -> Talk:
    rng = random.Random(seed)
    talk = Talk(rng, Speaker(rng, "train"), Picture(SCENE, "a red house on the left and a black cat on the right"))
    for change in changes:
        talk.carry_out(change)
    return talk


def test_the_first_colour_is_the_one_before_all_paint() -> None:
    talk = talk_after(Recolour("house", "blue"), Recolour("house", "green"))
    assert first_colour(talk)
    assert talk.turns[-1].instruction == "paint the house red"


def test_a_colour_that_the_model_is_not_shown_any_more_is_not_asked_for() -> None:
    talk = talk_after(Recolour("house", "blue"), SetWeather("clear"), SetWeather("snowfall"))
    assert not first_colour(talk)


def test_a_former_colour_is_lent_to_the_other_thing() -> None:
    talk = talk_after(Recolour("house", "blue"))
    assert lent_colour(talk)
    assert talk.turns[-1].instruction == "paint the cat red"


def test_the_weather_of_before_comes_back_if_it_changed_once() -> None:
    talk = talk_after(SetWeather("clear"))
    assert former_setting(talk)
    assert talk.turns[-1].instruction == "make it rain"
    assert not former_setting(talk_after(SetWeather("clear"), SetWeather("snowfall")))


@pytest.mark.parametrize("seed", range(12))
def test_a_remembered_thing_is_the_only_one_that_it_can_be(seed: int) -> None:
    talk = talk_after(Add("ball", "blue", "middle"), Recolour("house", "blue"), seed=seed)
    of_remembered(talk)
    said, instruction = talk.turns[-1].user.lower(), talk.turns[-1].instruction or ""
    assert "house" not in instruction.split(" with ")[0], said
