from pathlib import Path

import pytest
import torch

from tests.editing_models import make_picture
from tests.painting_models import save_clip
from training.datasets.generated.clip_filter import Clip, Similarities, Thresholds, chosen, similarities


def test_similarities_are_those_worked_out_by_hand() -> None:
    # Pictures along x and half-way to y; captions along x and along y.
    found = similarities(torch.tensor([[2.0, 0.0], [3.0, 3.0]]), torch.tensor([[1.0, 0.0], [0.0, 5.0]]))
    half = 0.5**0.5
    assert found.before == pytest.approx(1.0)
    assert found.after == pytest.approx(half)
    assert found.pictures == pytest.approx(half)
    # (half - 1, half) · (-1, 1) / (|(half - 1, half)| · sqrt 2) = 1 / (sqrt(2 - sqrt 2) · sqrt 2)
    assert found.direction == pytest.approx(1 / ((2 - 2**0.5) ** 0.5 * 2**0.5))


def test_each_threshold_turns_away_what_lies_below_it_and_the_best_direction_wins() -> None:
    found = [
        Similarities(0.3, 0.3, 0.25, 0.8),
        Similarities(0.3, 0.3, 0.5, 0.69),
        Similarities(0.3, 0.19, 0.5, 0.8),
        Similarities(0.3, 0.3, 0.19, 0.8),
        Similarities(0.3, 0.3, 0.6, 0.8),
        Similarities(0.2, 0.2, 0.2, 0.7),
    ]
    kept, lost = chosen(found, Thresholds(), most=2)
    assert kept == [4, 0]
    assert lost == {
        "the pictures have too little in common": 1,
        "a picture does not show its caption": 1,
        "the pictures do not differ as the captions do": 1,
        "others of the same captions are better": 1,
    }


def test_clip_judges_pairs_one_by_one_as_together_and_equal_pictures_as_equal(tmp_path: Path) -> None:
    clip = Clip(save_clip(tmp_path), "cpu")
    pairs = [(make_picture(1), make_picture(2)), (make_picture(3), make_picture(3)), (make_picture(4), make_picture(5))]
    together = clip.judge(("a red house", "a blue house"), pairs)
    assert together[1].pictures == pytest.approx(1.0, abs=1e-5)
    assert together[1].direction == pytest.approx(0.0, abs=1e-3)
    for pair, found in zip(pairs, together, strict=True):
        (alone,) = clip.judge(("a red house", "a blue house"), [pair])
        assert alone.before == pytest.approx(found.before, abs=1e-4)
        assert alone.pictures == pytest.approx(found.pictures, abs=1e-4)
