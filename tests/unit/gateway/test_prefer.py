"""`Prefer: wait=N` as clients write it."""

import pytest

from gateway.prefer import wait_seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("wait=20", 20),
        ("respond-async, wait=5", 5),
        ("wait=5; foo=bar", 5),
        ('Wait = "7"', 7),
        ("wait=0", 0),
        ("wait=600", 60),
        ("wait=soon", None),
        ("wait=-1", None),
        ("await=3", None),
        ("wait=1.5", None),
    ],
)
def test_the_wait_is_read_and_capped(header: str | None, seconds: int | None) -> None:
    assert wait_seconds(header) == seconds
