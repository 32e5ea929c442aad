import random

import pytest

from training.datasets.changes import (
    FAMILIES,
    Add,
    CannotApply,
    Change,
    Recolour,
    Remove,
    Replace,
    Resize,
    SetPlace,
    SetStyle,
    SetTime,
    SetWeather,
    apply,
    family_of,
    possible_changes,
    sample_change,
)
from training.datasets.instructions import Split, parse, phrase
from training.datasets.world import Scene, Thing, sample_scene

SCENE = Scene("meadow", things=(Thing("house", "red", "left"), Thing("tree", "green", "right", "big")))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Recolour("house", "orange"), "paint the house orange"),
        (Replace("ball", "umbrella", "green"), "replace the ball with a green umbrella"),
        (Remove("tree"), "remove the tree"),
        (Add("balloon", "yellow", "right"), "add a yellow balloon on the right"),
        (Add("balloon", "orange", "middle"), "add an orange balloon in the middle"),
        (Resize("star", "bigger"), "make the star bigger"),
        (SetPlace("beach"), "move it to the beach"),
        (SetTime("night"), "make it night"),
        (SetWeather("snowfall"), "make it snowy"),
        (SetWeather("rain"), "make it rain"),
        (SetStyle("black and white"), "make it black and white"),
        (SetStyle("pencil sketch"), "make it a pencil sketch"),
        (SetStyle("sepia"), "make it sepia"),
        (SetStyle("negative"), "invert the colours"),
        (SetStyle("pixel art"), "make it pixel art"),
        (SetStyle("normal"), "make it a normal picture again"),
    ],
)
def test_the_canonical_wording_is_the_documented_one(change: Change, text: str) -> None:
    assert phrase(change) == text
    assert parse(text) == change


def test_every_wording_of_every_change_is_read_back() -> None:
    rng = random.Random(0)
    for seed in range(30):
        for change in rng.sample(possible_changes(sample_scene(random.Random(seed))), 40):
            splits: tuple[Split, ...] = ("train", "test")
            for split in splits:
                assert parse(phrase(change, rng, split)) == change


def test_american_spelling_and_a_full_stop_are_read_too() -> None:
    assert parse("Change the color of the house to blue.") == Recolour("house", "blue")


@pytest.mark.parametrize("text", ["", "make it more fun", "paint the dragon red", "paint the house plaid"])
def test_what_is_no_instruction_of_the_world_is_not_read(text: str) -> None:
    assert parse(text) is None


def test_wordings_of_the_test_split_never_occur_in_training() -> None:
    rng = random.Random(0)
    trained = {phrase(Recolour("house", "red"), rng, "train") for _ in range(300)}
    assert phrase(Recolour("house", "red"), rng, "test") not in trained


def test_a_replacement_without_a_colour_keeps_the_old_one() -> None:
    assert apply(SCENE, Replace("house", "car")).things[0] == Thing("car", "red", "left")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Recolour("cat", "red"), "no cat"),
        (Recolour("house", "red"), "changes nothing"),
        (Replace("house", "tree", "red"), "already a tree"),
        (Add("cat", "red", "left"), "no room on the left"),
        (Add("tree", "red", "middle"), "already a tree"),
        (Resize("tree", "bigger"), "cannot get any bigger"),
        (SetTime("day"), "changes nothing"),
    ],
)
def test_what_cannot_be_done_says_why(change: Change, why: str) -> None:
    with pytest.raises(CannotApply, match=why):
        apply(SCENE, change)


def test_possible_changes_can_all_be_applied_and_differ() -> None:
    pictures = [apply(SCENE, change) for change in possible_changes(SCENE)]
    assert SCENE not in pictures
    assert len(set(pictures)) == len(pictures)


def test_sampling_reaches_every_family() -> None:
    rng = random.Random(0)
    assert {family_of(sample_change(rng, SCENE)) for _ in range(400)} == set(FAMILIES)
