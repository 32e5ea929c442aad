"""Drills in which thing is meant: short, true, and without the name of what is meant."""

import random

import pytest

from training.datasets.changes import Recolour
from training.datasets.dialogue_examples import examples_of
from training.datasets.instructions import parse
from training.datasets.language.naming import described
from training.datasets.language.picture import WORLD, draw_picture
from training.datasets.language.pointing import pointing_dialogue
from training.dialogue_words import random_words

DRAWS = 300


@pytest.fixture(scope="module")
def drills() -> list[dict[str, str]]:
    rng = random.Random("pointing")
    dialogues = [pointing_dialogue(rng, WORLD) for _ in range(DRAWS)]
    return [{"caption": dialogue["caption"], **dialogue["turns"][0]} for dialogue in dialogues]


def test_a_drill_is_one_turn_that_is_an_edit() -> None:
    (example,) = examples_of(pointing_dialogue(random.Random(1), WORLD))
    assert example.kind == "edit"
    assert example.answer == example.taught[1]


def test_what_a_drill_means_is_said_in_instructions(drills: list[dict[str, str]]) -> None:
    assert all(parse(part.strip()) for drill in drills for part in drill["instruction"].split(";"))


def test_most_things_that_shall_change_are_not_named(drills: list[dict[str, str]]) -> None:
    def names(drill: dict[str, str]) -> bool:
        change = parse(drill["instruction"])
        return change is None or getattr(change, "kind", "") in drill["user"]

    assert sum(names(drill) for drill in drills) < 0.4 * DRAWS


def test_a_description_never_says_the_name_and_fits_one_thing_alone() -> None:
    rng = random.Random("described")
    for _ in range(DRAWS):
        picture = draw_picture(rng, "train", WORLD)
        if picture.known:
            told = {
                thing.kind: {described(rng, picture, thing) for _ in range(20)} - {None}
                for thing in picture.scene.things
            }
            assert not any(kind in (said or "") for kind, all_said in told.items() for said in all_said)
            kinds = list(told)
            assert not any(told[one] & told[two] for one in kinds for two in kinds if one < two), picture.caption


def test_swapped_colours_are_those_of_the_two() -> None:
    rng = random.Random("swap")
    swaps = 0
    while swaps < 20:
        dialogue = pointing_dialogue(rng, WORLD)
        steps = [parse(part.strip()) for part in dialogue["turns"][0]["instruction"].split(";")]
        if len(steps) == 2:
            first, second = steps
            assert isinstance(first, Recolour)
            assert isinstance(second, Recolour)
            assert f"{second.colour} {first.kind}" in dialogue["caption"]
            assert f"{first.colour} {second.kind}" in dialogue["caption"]
            swaps += 1


def test_other_words_can_fill_the_slots() -> None:
    rng = random.Random("strange")
    words = random_words(rng, [a + b + c for a in "bdfgk" for b in "aeiou" for c in "lmnrstvz"])
    drawn = [pointing_dialogue(rng, words) for _ in range(20)]
    assert any(kind in dialogue["turns"][0]["instruction"] for dialogue in drawn for kind in words.kinds)
