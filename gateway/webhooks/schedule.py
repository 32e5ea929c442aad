"""When a webhook is tried again: ten tries in some three days, as the Standard Webhooks specification suggests."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

PAUSES_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
TRIES = len(PAUSES_S) + 1
LONGEST_PAUSE_S = 86_400.0
JITTER = 0.2  # of a pause, added by chance, so that what failed together does not come back together

Chance = Callable[[], float]
"""A random number from 0 to 1."""


def pause_after(attempt: int, asked_s: float | None, scale: float, chance: Chance) -> float | None:
    """Return the seconds to wait after a failed try (the first is 1), at least those asked for; None after the last."""
    if attempt >= TRIES:
        return None
    pause_s = PAUSES_S[attempt - 1] * scale * (1 + JITTER * chance())
    return max(pause_s, min(asked_s or 0.0, LONGEST_PAUSE_S))


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either of its forms; None if it can't be read."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds())
