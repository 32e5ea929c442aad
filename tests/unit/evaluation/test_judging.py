import numpy as np
import pytest

from evaluation.judging import judge, judge_all, nearest_to
from evaluation.pixels import pixels_of, psnr
from training.datasets.changes import Change, Recolour, SetTime, apply
from training.datasets.edits import Triple
from training.datasets.world import Scene, Thing

SCENE = Scene("meadow", things=(Thing("house", "red", "left"),))
SOURCE = pixels_of(SCENE)


def triple(change: Change) -> Triple:
    return Triple(SCENE, change, apply(SCENE, change))


def flat(level: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((4, 4, 3), level, np.uint8)


def test_the_true_picture_is_a_success_with_nothing_lost() -> None:
    blue = triple(Recolour("house", "blue"))
    result = judge(blue, SOURCE, pixels_of(blue.after))
    assert result.success
    assert result.preserved_db == result.detail_db == pytest.approx(60, abs=1)


def test_an_untouched_picture_is_no_success() -> None:
    assert not judge(triple(Recolour("house", "blue")), SOURCE, SOURCE).success


def test_another_colour_is_no_success() -> None:
    wrong = pixels_of(apply(SCENE, Recolour("house", "green")))
    assert not judge(triple(Recolour("house", "blue")), SOURCE, wrong).success


def test_a_slightly_spoilt_truth_is_still_nearest() -> None:
    blue = triple(Recolour("house", "blue"))
    noise = np.random.default_rng(0).integers(-9, 10, SOURCE.shape)
    spoilt = np.clip(pixels_of(blue.after).astype(int) + noise, 0, 255).astype(np.uint8)
    result = judge(blue, SOURCE, spoilt)
    assert result.success
    assert result.preserved_db < 40


def test_detail_is_left_out_where_an_edit_holds_chance() -> None:
    night = triple(SetTime("night"))
    assert judge(night, SOURCE, pixels_of(night.after)).detail_db is None


def test_outputs_judged_together_are_judged_as_each_alone() -> None:
    blue = triple(Recolour("house", "blue"))
    outputs = [SOURCE, pixels_of(blue.after), pixels_of(apply(SCENE, Recolour("house", "green")))]
    assert [result.success for result in judge_all(blue, SOURCE, outputs)] == [False, True, False]


def test_what_is_as_near_to_another_picture_is_not_nearest() -> None:
    assert nearest_to(flat(100), [flat(120), flat(110), flat(111)], [flat(120)]) == [False, False, False]
    assert nearest_to(flat(100), [flat(109)], [flat(120)]) == [True]


def test_psnr_of_a_known_difference() -> None:
    assert psnr(flat(0), flat(255)) == pytest.approx(0)
