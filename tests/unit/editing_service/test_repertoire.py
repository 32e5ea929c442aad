"""Which edits any picture can have, and which need one that the model understands."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import numpy as np
import pytest

from editing_service.canvas import Canvas, Carry
from editing_service.carrying import carry_over_as_grey, keep_unchanged, repaint, restage
from editing_service.failures import UnfamiliarPicture
from editing_service.model_folder import open_model_folder
from editing_service.repertoire import Repertoire, WholePictureEdit, share_of_flat
from training.datasets.changes import Add, Change, Recolour, Remove, Resize, SetPlace, SetTime, SetWeather
from training.datasets.drawing import render
from training.datasets.instructions import phrase
from training.datasets.textures import ANYWHERE
from training.datasets.world import PLACES, STYLES, TIMES, WEATHERS, sample_scene
from training.editing import FLAT_SHARE

SEPIA = WholePictureEdit(("make it sepia", "turn it sepia"), 512)
PIXELS = WholePictureEdit(("make it pixel art",), 128)
KNOWN = Repertoire((SEPIA, PIXELS), flat_share=0.5)
PICTURE = np.full((16, 16, 3), 100, np.uint8)
NOISE = np.random.default_rng(0).integers(0, 255, PICTURE.shape).astype(np.uint8)


@pytest.mark.parametrize(
    ("instructions", "size", "side"),
    [
        (["make it sepia"], (640, 480), 512),
        (["Turn it sepia."], (640, 480), 512),
        (["make it sepia"], (300, 200), 300),  # never larger than the picture
        (["make it sepia"], (100, 80), 128),  # never smaller than the model's usual
        (["make it pixel art"], (640, 480), 128),
        (["make it sepia", "make it pixel art"], (640, 480), 128),
        (["make it sepia", "remove the ball"], (640, 480), 128),
        (["remove the ball"], (640, 480), 128),
    ],
)
def test_edits_of_the_whole_picture_run_at_their_own_size(
    instructions: list[str], size: tuple[int, int], side: int
) -> None:
    assert KNOWN.longest_side(instructions, size, usual=128) == side


def test_a_picture_full_of_texture_gets_words_instead_of_other_edits() -> None:
    with pytest.raises(UnfamiliarPicture, match="make it sepia, make it pixel art"):
        KNOWN.check(["make it sepia", "remove the ball"], NOISE)


def test_edits_of_any_picture_and_familiar_pictures_pass() -> None:
    KNOWN.check(["make it sepia"], NOISE)
    KNOWN.check(["remove the ball"], PICTURE)


@pytest.mark.parametrize("style", STYLES)
def test_every_drawn_scene_is_familiar_also_in_another_style_and_weather(style: str) -> None:
    rng, limit = random.Random(style), Repertoire.from_json({"flat_share": FLAT_SHARE})
    for weather in WEATHERS:
        for _ in range(4):
            scene = replace(sample_scene(rng), style=style, weather=weather)
            limit.check(["remove the ball"], np.asarray(render(scene)))


def test_how_much_is_flat_is_a_share_of_the_picture() -> None:
    half = np.concatenate(
        [np.full((64, 128, 3), 90, np.uint8), np.random.default_rng(1).integers(0, 255, (64, 128, 3))]
    )
    assert share_of_flat(PICTURE) == 1
    assert share_of_flat(half.astype(np.uint8)) == pytest.approx(0.5, abs=0.05)
    assert share_of_flat(PICTURE[:1, :1]) == 1


def test_edits_that_take_detail_away_are_told_apart() -> None:
    redrawn = Repertoire((SEPIA, WholePictureEdit(("make it pixel art",), 128, redrawn=True)))
    assert redrawn.redraws(["make it sepia", "make it pixel art"])
    assert not redrawn.redraws(["make it sepia", "remove the ball"])
    assert redrawn.recolours(["make it sepia"])
    assert not redrawn.recolours(["make it sepia", "make it pixel art"])
    assert not redrawn.recolours(["make it sepia", "remove the ball"])


def test_edits_that_are_one_map_of_colours_and_those_that_paint_things_are_told_apart() -> None:
    known = Repertoire(
        (replace(SEPIA, one_map=True), PIXELS), repaints=(re.compile("(?:paint|colour) the [a-z -]+ (?:red|blue)"),)
    )
    assert known.maps_as_one(["make it sepia"])
    assert not known.maps_as_one(["make it sepia", "make it pixel art"])
    assert known.repaints_things(["Paint the sewing machine red.", "color the cat blue"])
    assert not known.repaints_things(["paint the cat red", "remove the cat"])
    assert not known.repaints_things(["paint the cat"])
    assert not Repertoire().repaints_things(["paint the cat red"])


def test_what_leaves_no_colours_is_told_by_the_last_instruction() -> None:
    known = open_model_folder("checkpoints/mini-editor").defaults.repertoire
    assert known.greys(["make it sepia", "make it black and white"])
    assert not known.greys(["make it black and white", "make it sepia"])
    assert not known.greys(["remove the ball"])


def test_the_shipped_mini_paints_in_every_wording_it_knows() -> None:
    repertoire = open_model_folder("checkpoints/mini-editor").defaults.repertoire
    said = [phrase(Recolour("cat", "pink"), random.Random(seed), "train") for seed in range(40)]
    assert repertoire.repaints_things([*sorted(set(said)), phrase(Recolour("cat", "pink"), random.Random(0), "test")])
    assert not any(repertoire.repaints_things([phrase(change)]) for change in (Resize("cat", "bigger"), *ANYWHERE))


def test_a_model_that_says_nothing_of_it_does_everything() -> None:
    Repertoire().check(["remove the ball"], NOISE)
    assert Repertoire().longest_side(["make it sepia"], (640, 480), usual=512) == 512


def test_american_spelling_is_the_same() -> None:
    inverted = Repertoire((WholePictureEdit(("invert the colours",), 512),))
    assert inverted.longest_side(["Invert the colors!"], (640, 480), usual=128) == 512


def test_what_a_folder_says_is_read() -> None:
    sepia = {"wordings": ["make it sepia", "turn it sepia"], "longest_side": 512}
    assert Repertoire.from_json({"flat_share": 0.4, "whole_picture": [sepia]}) == Repertoire((SEPIA,), 0.4)


@pytest.mark.parametrize(
    "record",
    [
        {"whole_picture": [{"wordings": ["make it sepia"]}]},
        {"whole_picture": [{"wordings": "make it sepia", "longest_side": 512}]},
        {"whole_picture": [{"wordings": [], "longest_side": 512}]},
        {"familiar_db": 26},
        [],
    ],
)
def test_a_record_with_something_wrong_is_refused(record: object) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Repertoire.from_json(record)


def test_the_shipped_mini_knows_its_limits() -> None:
    defaults = open_model_folder("checkpoints/mini-editor").defaults
    assert defaults.repertoire.flat_share == FLAT_SHARE
    assert {edit.wordings[0] for edit in defaults.repertoire.whole_picture} == {phrase(change) for change in ANYWHERE}


def test_the_shipped_mini_tells_scenery_from_things_in_every_wording_it_knows() -> None:
    repertoire = open_model_folder("checkpoints/mini-editor").defaults.repertoire
    scenery: list[Change] = [*map(SetTime, TIMES), *map(SetWeather, WEATHERS), *map(SetPlace, PLACES)]
    for change in scenery:
        said = {phrase(change, random.Random(seed), "train") for seed in range(40)}
        assert all(repertoire.changes_scenery([text]) for text in (*said, phrase(change, random.Random(0), "test")))
        assert repertoire.changes_scenery(["remove the cat", phrase(change)])
    others: tuple[Change, ...] = (
        Resize("cat", "bigger"),
        Recolour("cat", "pink"),
        Remove("cat"),
        Add("cat", "red", "left"),
        *ANYWHERE,
    )
    assert not any(repertoire.changes_scenery([phrase(change)]) for change in others)


@pytest.mark.parametrize(
    ("instructions", "way"),
    [
        (["make it black and white"], carry_over_as_grey),
        (["paint the cat red"], repaint),
        (["make it night"], restage),
        (["remove the star", "make it night"], restage),
        (["remove the star"], keep_unchanged),
    ],
)
def test_each_edit_gets_into_the_source_in_the_way_that_fits_it(instructions: list[str], way: Carry) -> None:
    repertoire = open_model_folder("checkpoints/mini-editor").defaults.repertoire
    assert Canvas(128, 8, "mini", True, repertoire).way_to_carry(instructions) is way
