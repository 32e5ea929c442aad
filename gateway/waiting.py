"""`Prefer: wait=N`: hold an answer until its edit is over, by listening rather than asking again and again."""

import asyncio

from gateway.events import EventHub
from gateway.feed import FeedEnded
from shared.errors import StorageUnavailable
from shared.schemas.edit import Edit
from shared.storage.edits import EditStore
from shared.storage.events import EventStore


class Waiter:
    """Waits for edits to come to their end."""

    def __init__(self, edits: EditStore, hub: EventHub) -> None:
        self._edits = edits
        self._hub = hub

    async def until_over(self, tenant: str, edit: Edit, wait_s: int | None) -> Edit:
        """Return the edit as soon as it is over, or as it is after `wait_s` seconds; never fails for waiting."""
        if not wait_s or edit.status.is_terminal:
            return edit
        try:
            async with asyncio.timeout(wait_s):
                return await self._follow(tenant, edit)
        except TimeoutError:
            return await self._present(tenant, edit)
        except (FeedEnded, StorageUnavailable):
            return edit

    async def _follow(self, tenant: str, edit: Edit) -> Edit:
        async with self._hub.follow(tenant, EventStore.stream_of(edit), after=None) as feed:
            present = await self._edits.get(tenant, edit.id)  # it may have ended before anybody listened
            while not present.status.is_terminal:
                batch = await feed.batch(patience_s=60)
                ours = [event for event in batch.events if event.edit_id == edit.id] if batch else []
                if (batch and batch.reset) or any(event.event.is_terminal for event in ours):
                    present = await self._edits.get(tenant, edit.id)
            return present

    async def _present(self, tenant: str, edit: Edit) -> Edit:
        try:
            return await self._edits.get(tenant, edit.id)
        except StorageUnavailable:
            return edit
