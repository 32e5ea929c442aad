"""`Prefer: wait=N`: hold an answer until its edit is over, by listening rather than asking again and again."""

import asyncio

from gateway.endings import Endings
from gateway.feed import FeedEnded
from shared.errors import StorageUnavailable
from shared.schemas.edit import Edit
from shared.storage.edits import EditStore


class Waiter:
    """Waits for edits to come to their end."""

    def __init__(self, edits: EditStore, endings: Endings) -> None:
        self._edits = edits
        self._endings = endings

    async def until_over(self, tenant: str, edit: Edit, wait_s: int | None) -> Edit:
        """Return the edit as soon as it is over, or as it is after `wait_s` seconds; never fails for waiting."""
        try:
            return await self.insist(tenant, edit, wait_s)
        except (FeedEnded, StorageUnavailable):
            return edit

    async def insist(self, tenant: str, edit: Edit, wait_s: int | None) -> Edit:
        """As `until_over`; raises FeedEnded or StorageUnavailable where something else than time ends the wait."""
        if not wait_s or edit.status.is_terminal:
            return edit
        return await self._until(tenant, edit, asyncio.get_running_loop().time() + wait_s)

    async def _until(self, tenant: str, edit: Edit, deadline: float) -> Edit:
        """Look at the record whenever there is reason to, until the edit is over or the deadline has come."""
        with self._endings.of(edit.id) as ending:
            present = await self._edits.get(tenant, edit.id)  # it may have ended before anybody listened
            while not present.status.is_terminal and await ending.until(deadline):
                present = await self._edits.get(tenant, edit.id)
            return present if present.status.is_terminal else await self._edits.get(tenant, edit.id)
