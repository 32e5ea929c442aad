from pathlib import Path

import numpy as np
import pytest

from evaluation.editing import judge, pixels_of, psnr, summarise
from evaluation.report import save_grid
from training.datasets.changes import Change, Recolour, SetTime, apply
from training.datasets.edits import Triple
from training.datasets.world import Scene, Thing

SCENE = Scene("meadow", things=(Thing("house", "red", "left"),))
SOURCE = pixels_of(SCENE)


def triple(change: Change) -> Triple:
    return Triple(SCENE, change, apply(SCENE, change))


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


def test_a_summary_counts_by_family(tmp_path: Path) -> None:
    blue, night = triple(Recolour("house", "blue")), triple(SetTime("night"))
    results = [judge(blue, SOURCE, SOURCE), judge(night, SOURCE, pixels_of(night.after))]
    report = summarise([*results, judge(blue, SOURCE, pixels_of(blue.after))])
    assert report.success == pytest.approx(200 / 3)
    assert report.by_family == {"recolour": 50.0, "time": 100.0}
    save_grid(results, tmp_path / "grid.png")
    assert (tmp_path / "grid.png").exists()


def test_psnr_of_a_known_difference() -> None:
    flat = np.zeros((4, 4, 3), np.uint8)
    assert psnr(flat, flat + 255) == pytest.approx(0)
