"""A circuit breaker: stop calling what keeps failing, and try again after a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]


@dataclass
class CircuitBreaker:
    """Opens after `failures` in a row; lets one call through every `pause_s` until one succeeds."""

    failures: int = 3
    pause_s: float = 2.0
    clock: Clock = time.monotonic
    _in_a_row: int = field(default=0, init=False)
    _closed_until: float = field(default=0.0, init=False)

    @property
    def is_open(self) -> bool:
        """Whether enough calls failed in a row."""
        return self._in_a_row >= self.failures

    def allow(self) -> bool:
        """Whether a call may be made now; while open, the first asker after each pause is the probe."""
        if not self.is_open:
            return True
        if self.clock() < self._closed_until:
            return False
        self._closed_until = self.clock() + self.pause_s
        return True

    def succeeded(self) -> None:
        """Close the breaker."""
        self._in_a_row = 0

    def failed(self) -> None:
        """Count a failure and, once there are enough, pause the calls."""
        self._in_a_row += 1
        self._closed_until = self.clock() + self.pause_s

    @property
    def retry_after_s(self) -> float:
        """Seconds until the next probe is allowed."""
        return max(0.0, self._closed_until - self.clock()) if self.is_open else 0.0
