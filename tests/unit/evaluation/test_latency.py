import pytest

from evaluation.latency import durations


def test_durations_are_summed_up_by_median_and_95th_percentile() -> None:
    found = durations([index / 100 for index in range(101)])
    assert found.median_s == pytest.approx(0.5)
    assert found.p95_s == pytest.approx(0.95)
    assert str(found) == "500 ms, p95 950 ms (101 calls)"
