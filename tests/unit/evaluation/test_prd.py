import numpy as np
import pytest

from evaluation.frechet import Features
from evaluation.prd import curve_of, k_means, prd

FOUR = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0], [9.0, 9.0]])
"""Modes far apart."""


def around(modes: list[int], count: int = 400, seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)
    points: Features = FOUR[rng.choice(modes, count)] + rng.normal(0, 0.1, (count, 2))
    return points


def test_equal_histograms_are_fully_precise_and_recalled() -> None:
    curve = curve_of(np.array([0.25, 0.75]), np.array([0.25, 0.75]))
    assert curve.f8 == pytest.approx(1, abs=1e-3)
    assert curve.f1_8 == pytest.approx(1, abs=1e-3)


def test_histograms_without_overlap_share_nothing() -> None:
    curve = curve_of(np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    assert curve.precision.max() == curve.recall.max() == 0


def test_half_the_modes_left_out_is_precise_but_recalls_half() -> None:
    curve = curve_of(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    assert curve.recall.max() == pytest.approx(0.5)
    assert curve.precision.max() == pytest.approx(1)
    assert curve.f1_8 > 0.95
    assert curve.f8 == pytest.approx(0.5, abs=0.02)


def test_half_made_up_recalls_all_but_is_precise_by_half() -> None:
    curve = curve_of(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    assert curve.precision.max() == pytest.approx(0.5)
    assert curve.recall.max() == pytest.approx(1)


def test_two_draws_from_one_distribution_are_nearly_the_same() -> None:
    curve = prd(around([0, 1, 2, 3]), around([0, 1, 2, 3], seed=1))
    assert min(curve.f8, curve.f1_8) > 0.9


def test_a_lost_mode_costs_recall_and_not_precision() -> None:
    curve = prd(around([0, 1, 2, 3]), around([0, 1], seed=1))
    assert curve.recall.max() == pytest.approx(0.5, abs=0.08)
    assert curve.f1_8 > 0.9


def test_k_means_finds_modes_far_apart() -> None:
    points = around([0, 1, 2, 3])
    labels = k_means(points, 4, np.random.default_rng(0))
    modes = (points / 9).round() @ [1, 2]  # 0 to 3
    assert all(len(set(labels[modes == mode])) == 1 for mode in range(4))
    assert len(set(labels)) == 4


def test_k_means_takes_points_that_are_all_the_same() -> None:
    assert set(k_means(np.zeros((6, 2)), 3, np.random.default_rng(0))) == {0}
