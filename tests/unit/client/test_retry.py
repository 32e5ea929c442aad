"""How long a Retry-After header asks to wait."""

from datetime import UTC, datetime

import pytest

from dialogpaint.retry import retry_after_s

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Sun, 01 Mar 2026 09:30:20 GMT", 20.0),
        ("Sun, 01 Mar 2026 09:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_both_forms_are_read_and_nonsense_is_none(header: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": header}, NOW) == seconds
