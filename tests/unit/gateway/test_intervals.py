"""Intervals against what textbooks print."""

import pytest

from gateway.intervals import mean, share, t_quantile


@pytest.mark.parametrize(
    ("degrees", "printed"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)],
)
def test_the_t_quantile_is_the_printed_one(degrees: int, printed: float) -> None:
    assert t_quantile(degrees) == pytest.approx(printed, rel=0.0015)


def test_a_share_has_wilsons_interval() -> None:
    # Newcombe (1998), table I: 81 of 263, and 0 of 20
    known = share(81, 263)
    assert (known.low, known.high) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    none = share(0, 20)
    assert (none.value, none.low, none.high) == pytest.approx((0.0, 0.0, 0.1611), abs=1e-4)
    assert (known.method, known.count) == ("wilson", 263)


def test_a_mean_has_students_interval() -> None:
    told = mean([3, 4, 5, 4], 1, 5)
    # s = 0.8165, t(3) = 3.182: 4 ± 1.299, cut at the scale's end
    assert (told.value, told.low, told.high) == pytest.approx((4.0, 2.701, 5.0), abs=0.002)
    assert (told.method, told.count) == ("t", 4)


def test_too_little_to_tell_has_no_interval() -> None:
    assert share(0, 0).value is mean([], 1, 5).value is None
    for values in ([4], [4, 4, 4]):
        alike = mean(values, 1, 5)
        assert (alike.value, alike.low, alike.high, alike.count) == (4, None, None, len(values))
