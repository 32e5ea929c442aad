"""Things referred to by descriptions: each fits one thing of the picture and no other."""

from __future__ import annotations

import random
from itertools import combinations

from training.datasets.language.naming import refer
from training.datasets.language.picture import WORLD, Picture, draw_picture
from training.datasets.world import Scene, Thing

CAT, CAR = Thing("cat", "white", "left", "small"), Thing("car", "black", "right")
PICTURE = Picture(Scene(things=(CAT, CAR)), "a white cat on the left and a black car on the right")


def _said(picture: Picture, kind: str, count: int = 400) -> set[str]:
    return {refer(random.Random(seed), picture, kind) for seed in range(count)}


def test_no_description_of_one_thing_is_one_of_another() -> None:
    pictures = [draw_picture(random.Random(seed), "train", WORLD) for seed in range(60)]
    for picture in pictures:
        for first, second in combinations(picture.kinds, 2):
            assert not _said(picture, first) & _said(picture, second), picture.caption


def test_a_thing_is_told_by_side_colour_size_family_and_what_the_other_is() -> None:
    told = _said(PICTURE, "cat", 6000)
    assert {"the leftmost thing", "whatever is white", "the tiny one", "the animal", "the one that isn't black"} <= told
    assert {"the left of the two", "the smaller of the two", "the thing beside the car", "the pale one"} <= told


def test_a_description_is_not_used_where_it_fits_both() -> None:
    alike = Picture(Scene(things=(CAT, Thing("fish", "white", "right", "small"))), PICTURE.caption)
    told = _said(alike, "cat", 3000)
    assert not told & {"whatever is white", "the white one", "the tiny one", "the animal", "the smaller of the two"}


def test_without_a_caption_a_thing_is_named() -> None:
    untold = Picture(PICTURE.scene, None, full=False, closed=False)
    assert all("cat" in words for words in _said(untold, "cat"))


def test_most_things_are_described() -> None:
    named = sum("cat" in refer(random.Random(seed), PICTURE, "cat").split() for seed in range(1000))
    assert 400 <= named <= 600
