"""Which edits any picture can have, and which need one that the model understands."""

from __future__ import annotations

import numpy as np
import pytest

from editing_service.failures import UnfamiliarPicture
from editing_service.model_folder import open_model_folder
from editing_service.repertoire import Repertoire, WholePictureEdit
from training.datasets.instructions import phrase
from training.datasets.textures import ANYWHERE

SEPIA = WholePictureEdit(("make it sepia", "turn it sepia"), 512)
PIXELS = WholePictureEdit(("make it pixel art",), 128)
KNOWN = Repertoire((SEPIA, PIXELS), familiar_levels=8.0)
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


def test_a_picture_that_the_autoencoder_cannot_render_gets_words_instead_of_other_edits() -> None:
    with pytest.raises(UnfamiliarPicture, match="make it sepia, make it pixel art"):
        KNOWN.check(["make it sepia", "remove the ball"], NOISE, PICTURE)


def test_edits_of_any_picture_and_familiar_pictures_pass() -> None:
    KNOWN.check(["make it sepia"], NOISE, PICTURE)
    KNOWN.check(["remove the ball"], PICTURE, PICTURE + 5)


def test_edits_that_take_detail_away_are_told_apart() -> None:
    redrawn = Repertoire((SEPIA, WholePictureEdit(("make it pixel art",), 128, redrawn=True)))
    assert redrawn.redraws(["make it sepia", "make it pixel art"])
    assert not redrawn.redraws(["make it sepia", "remove the ball"])
    assert redrawn.recolours(["make it sepia"])
    assert not redrawn.recolours(["make it sepia", "make it pixel art"])
    assert not redrawn.recolours(["make it sepia", "remove the ball"])


def test_a_model_that_says_nothing_of_it_does_everything() -> None:
    Repertoire().check(["remove the ball"], NOISE, PICTURE)
    assert Repertoire().longest_side(["make it sepia"], (640, 480), usual=512) == 512


def test_american_spelling_is_the_same() -> None:
    inverted = Repertoire((WholePictureEdit(("invert the colours",), 512),))
    assert inverted.longest_side(["Invert the colors!"], (640, 480), usual=128) == 512


def test_what_a_folder_says_is_read() -> None:
    sepia = {"wordings": ["make it sepia", "turn it sepia"], "longest_side": 512}
    assert Repertoire.from_json({"familiar_levels": 8, "whole_picture": [sepia]}) == Repertoire((SEPIA,), 8.0)


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
    assert defaults.repertoire.familiar_levels is not None
    assert {edit.wordings[0] for edit in defaults.repertoire.whole_picture} == {phrase(change) for change in ANYWHERE}
