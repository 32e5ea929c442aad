"""When a request is sent again, and after how long."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from dialogpaint.errors import ApiError, ConnectionFailed, DialogPaintError

RETRIED = frozenset({429, 502, 503, 504})
STILL_RUNNING = "idempotency-in-progress"  # the first try of the same request: its answer will be there soon


@dataclass(frozen=True)
class Retry:
    """How often and how patiently a request is sent again after a lost connection, 429, 502, 503 or 504.

    Pauses double from `first_s` to `longest_s`, and are as long as Retry-After says; if that is more than
    `patience_s`, the error is raised at once. All in seconds.
    """

    attempts: int = 6
    first_s: float = 0.25
    longest_s: float = 8.0
    patience_s: float = 60.0

    def pause_s(self, failures: int, error: DialogPaintError, random: float) -> float | None:
        """Return how long to wait after this many failures (1 or more), or None to give up; `random` is in [0, 1)."""
        asked_s = getattr(error, "retry_after_s", None) or 0.0
        if failures >= self.attempts or not _may_pass(error) or asked_s > self.patience_s:
            return None
        grown_s: float = min(self.longest_s, self.first_s * 2.0 ** (failures - 1))
        return max(asked_s, grown_s * (0.5 + random / 2))


ONCE = Retry(attempts=1)


def retry_after_s(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Return the seconds that a Retry-After header asks for, in either of its forms; None if there is none."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds()) if moment.tzinfo else None


def _may_pass(error: DialogPaintError) -> bool:
    if isinstance(error, ApiError):
        return error.status in RETRIED or error.code == STILL_RUNNING
    return isinstance(error, ConnectionFailed)
