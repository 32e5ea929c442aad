"""Who waits for an edit's end is told of it: one subscription for the whole process, and no stream is read for it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Protocol

import structlog

from gateway.feed import FeedEnded
from shared.errors import StorageUnavailable

log = structlog.get_logger(__name__)

PAUSE_S = 0.5  # between attempts while Redis is away


class Announcements(Protocol):
    """Where the ids of edits are called out as they end."""

    def listening(self) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Subscribe, and give the ids from now on; raises StorageUnavailable."""


class Ending:
    """What one waiter knows of its edit: that it may be over, or that this process is going down."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self.process_ends = False

    async def until(self, deadline: float) -> bool:
        """Wait until there is reason to look at the record; False when the deadline (of the loop's clock) came first.

        Raises FeedEnded when the process goes down.
        """
        try:
            async with asyncio.timeout_at(deadline):
                await self.told.wait()
        except TimeoutError:
            return False
        if self.process_ends:
            raise FeedEnded
        self.told.clear()
        return True


class Endings:
    """Passes on what is announced. An announcement may be lost: after each gap everybody looks for themselves."""

    def __init__(self, announcements: Announcements) -> None:
        self._announcements = announcements
        self._waiting: dict[str, set[Ending]] = {}
        self._ended = False

    @contextmanager
    def of(self, edit_id: str) -> Iterator[Ending]:
        """Listen for one edit: look at its record once after this began, then whenever `Ending.until` says so."""
        ending = Ending()
        self._waiting.setdefault(edit_id, set()).add(ending)
        if self._ended:
            self._tell_end(ending)
        try:
            yield ending
        finally:
            self._waiting[edit_id].discard(ending)
            if not self._waiting[edit_id]:
                del self._waiting[edit_id]

    async def run(self) -> None:
        """Listen until canceled; Redis may go away and come back."""
        while True:
            try:
                async with self._announcements.listening() as ended:
                    self._tell(list(self._waiting))
                    async for edit_id in ended:
                        self._tell([edit_id])
            except StorageUnavailable:
                await asyncio.sleep(PAUSE_S)
            except Exception:
                log.exception("endings_failed")
                await asyncio.sleep(PAUSE_S)

    def end(self) -> None:
        """Tell everybody, and those yet to come, that the process is going down."""
        self._ended = True
        for endings in self._waiting.values():
            for ending in endings:
                self._tell_end(ending)

    def _tell(self, edit_ids: list[str]) -> None:
        for edit_id in edit_ids:
            for ending in self._waiting.get(edit_id, ()):
                ending.told.set()

    @staticmethod
    def _tell_end(ending: Ending) -> None:
        ending.process_ends = True
        ending.told.set()
