import numpy as np
import pytest

from evaluation.frechet import frechet_distance

MANY = 200_000


def drawn(mean: list[float], deviations: list[float], seed: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(mean, deviations, (MANY, len(mean)))


def test_a_set_is_at_no_distance_from_itself() -> None:
    features = np.random.default_rng(0).normal(size=(50, 8))
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-9)


def test_moving_a_set_costs_the_square_of_the_way() -> None:
    features = np.random.default_rng(0).normal(size=(50, 2))
    assert frechet_distance(features, features + np.array([3.0, 4.0])) == pytest.approx(25)


def test_normal_distributions_are_as_far_apart_as_the_formula_says() -> None:
    # Diagonal covariances: |μa − μb|² + Σ (σa − σb)² = 1 + (2 − 1)² + (5 − 2)².
    found = frechet_distance(drawn([0, 0], [2, 5], 1), drawn([0, 1], [1, 2], 2))
    assert found == pytest.approx(11, rel=0.02)


def test_covariances_that_do_not_commute() -> None:
    turned = np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2)
    a, b = drawn([0, 0], [3, 1], 1), drawn([0, 0], [3, 1], 2) @ turned
    of_a, of_b = np.diag([9.0, 1.0]), turned.T @ np.diag([9.0, 1.0]) @ turned
    shared = np.sqrt(np.linalg.eigvals(of_a @ of_b)).real.sum()
    assert frechet_distance(a, b) == pytest.approx(20 - 2 * shared, rel=0.02)


def test_fewer_pictures_than_features_still_give_a_number() -> None:
    rng = np.random.default_rng(0)
    assert np.isfinite(frechet_distance(rng.normal(size=(5, 40)), rng.normal(size=(6, 40))))


def test_one_picture_is_no_distribution() -> None:
    with pytest.raises(ValueError):
        frechet_distance(np.zeros((1, 2)), np.zeros((9, 2)))
