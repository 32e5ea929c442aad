"""Things told by nothing but a feature of theirs."""

from __future__ import annotations

import random

from training.datasets.language.describing import by_feature, feature_said
from training.datasets.language.lexicon import FEATURES
from training.datasets.language.picture import Picture
from training.datasets.world import KINDS, Scene, Thing

CAT, BIRD = Thing("cat", "black", "left"), Thing("bird", "red", "right")
PICTURE = Picture(Scene(things=(CAT, BIRD)), "a black cat on the left and a red bird on the right")


def test_what_both_things_have_tells_neither() -> None:
    said = {feature_said(random.Random(seed), PICTURE, CAT) for seed in range(300)}
    assert "has whiskers" in said
    assert not any("eyes" in (words or "") for words in said)
    named = {by_feature(random.Random(seed), PICTURE, BIRD) for seed in range(3000)}
    assert {"whatever has wings", "what flies"} <= named


def test_strange_words_have_no_known_features() -> None:
    picture = Picture(PICTURE.scene, PICTURE.caption, closed=False)
    assert feature_said(random.Random(0), picture, CAT) is None


def test_features_belong_to_things_of_the_world() -> None:
    assert {kind for kinds in FEATURES.values() for kind in kinds} <= set(KINDS)
