"""Which edits may be in this process together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Company:
    """Edits run together, except one that may be what brings processes down: it runs when nothing else is here."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._together = 0
        self._wanted_alone = 0
        self._is_alone = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Be one of many; waits while somebody is, or waits to be, alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._wanted_alone)
            self._together += 1
        try:
            yield
        finally:
            with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one; waits for those who are here, and keeps others from coming meanwhile."""
        with self._changed:
            self._wanted_alone += 1
            self._changed.wait_for(lambda: not self._together and not self._is_alone)
            self._is_alone = True
        try:
            yield
        finally:
            with self._changed:
                self._is_alone = False
                self._wanted_alone -= 1
                self._changed.notify_all()
