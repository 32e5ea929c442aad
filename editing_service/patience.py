"""How long an attempt waits for pictures' files that are not to be had: an outage should not use up its attempts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from editing_service.progress import EditProgress
from editing_service.runs import monotonic
from shared.errors import StorageUnavailable
from shared.storage.records import Verdict

Result = TypeVar("Result")

PAUSE_S = 0.5


class Patience:
    """Repeats what the storage refuses, for as long as the claim holds, nobody cancels, and there is time."""

    def __init__(self, progress: EditProgress, deadline: float) -> None:
        self._progress, self._deadline = progress, deadline

    def insist(self, call: Callable[[], Result]) -> Result:
        """Call until it succeeds; raises StorageUnavailable when the patience is over."""
        while True:
            try:
                return call()
            except StorageUnavailable:
                if self._progress.verdict is not Verdict.CONTINUE or monotonic() >= self._deadline:
                    raise
                time.sleep(PAUSE_S)
