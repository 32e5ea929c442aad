"""When a webhook is tried again."""

from datetime import UTC, datetime

import pytest

from gateway.webhooks.schedule import LONGEST_PAUSE_S, PAUSES_S, TRIES, pause_after, read_retry_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_ten_tries_take_some_three_days_and_the_tenth_is_the_last() -> None:
    pauses = [pause_after(attempt, None, 1, lambda: 0) for attempt in range(1, 11)]
    assert pauses == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None]
    assert 3 < sum(PAUSES_S) / 86400 < 4
    assert TRIES == 10


def test_pauses_are_scaled_and_stretched_by_chance() -> None:
    assert pause_after(2, None, 0.1, lambda: 0) == 30
    assert pause_after(2, None, 1, lambda: 1) == 360
    assert pause_after(2, None, 1, lambda: 0.5) == 330


def test_a_receiver_may_ask_for_more_time_but_not_for_ever() -> None:
    assert pause_after(1, 60, 1, lambda: 0) == 60
    assert pause_after(2, 60, 1, lambda: 0) == 300
    assert pause_after(1, 1e12, 1, lambda: 0) == LONGEST_PAUSE_S
    assert pause_after(10, 60, 1, lambda: 0) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 12:02:00 -0000", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
        ("²", None),
        ("", None),
        ("Sun, 01 Mar 2026 12:02:00 +99999999999999999999", None),
        ("Sun, 01 Mar 99999999 12:02:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(header: str | None, seconds: float | None) -> None:
    assert read_retry_after(header, NOW) == seconds
