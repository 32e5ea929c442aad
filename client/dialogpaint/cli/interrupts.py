"""Ctrl-C while something begins that has to be cancelled: it waits until that is known by its id."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class HeldInterrupt:
    """Remembers a Ctrl-C for later; a second one is not held back."""

    def __init__(self) -> None:
        self._is_held = False
        self._came = False

    def hold(self) -> None:
        """From now on remember it, where it would have raised KeyboardInterrupt (so not in the background)."""
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._is_held = True
            signal.signal(signal.SIGINT, self._remember)

    def let_go(self) -> None:
        """Hold nothing back any more; raises KeyboardInterrupt if there was one."""
        self.release()
        if self._came:
            self._came = False
            raise KeyboardInterrupt

    def release(self) -> None:
        """Hold nothing back any more, and let what came be."""
        if self._is_held:
            self._is_held = False
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def _remember(self, _signal: int, _frame: FrameType | None) -> None:
        self._came = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def held_interrupt() -> Iterator[HeldInterrupt]:
    """Hold a Ctrl-C back until `let_go`, at the latest until the block is over; an error of the block tells more."""
    held = HeldInterrupt()
    held.hold()
    try:
        yield held
    except BaseException:
        held.release()
        raise
    held.let_go()
