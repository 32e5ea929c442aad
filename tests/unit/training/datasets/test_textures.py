"""Pictures of nothing in particular, and the edits that any picture can have."""

from __future__ import annotations

import random

import numpy as np
import pytest

from training.datasets.changes import Relight, Remove, SetStyle, apply
from training.datasets.drawing import SIZE, render
from training.datasets.textures import ANYWHERE, after, texture
from training.datasets.world import STYLES, Scene, Thing

SCENE = Scene("beach", things=(Thing("car", "red", "left"),))


def test_the_same_seed_draws_the_same_picture_and_another_seed_another() -> None:
    first, again, other = (np.asarray(texture(random.Random(seed))) for seed in (1, 1, 2))
    assert first.shape == (SIZE, SIZE, 3)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_textures_have_all_lightnesses_and_no_colour_of_their_own() -> None:
    pictures = np.stack([np.asarray(texture(random.Random(seed))) for seed in range(40)])
    light = pictures.mean(axis=(1, 2, 3))
    assert light.min() < 90 < 150 < light.max()
    assert np.ptp(pictures.mean(axis=(0, 1, 2))) < 25


def test_every_style_and_both_lights_can_be_had_anywhere() -> None:
    assert set(ANYWHERE) == {*(SetStyle(style) for style in STYLES[1:]), Relight("brighter"), Relight("darker")}


@pytest.mark.parametrize("change", ANYWHERE, ids=str)
def test_a_scene_gets_what_its_record_says(change: SetStyle | Relight) -> None:
    truth = render(apply(SCENE, change))
    assert np.array_equal(np.asarray(after(render(SCENE), change)), np.asarray(truth))


def test_edits_that_depend_on_what_is_shown_are_none_of_them() -> None:
    with pytest.raises(ValueError, match="depends on what it shows"):
        after(render(SCENE), Remove("car"))
