"""`Prefer: wait=N`: hold an answer until its edit is over, by listening rather than asking again and again."""

import asyncio

from gateway.events import EventHub
from gateway.feed import FeedEnded, tells_the_end
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
        try:
            return await self.insist(tenant, edit, wait_s)
        except (FeedEnded, StorageUnavailable):
            return edit

    async def insist(self, tenant: str, edit: Edit, wait_s: int | None) -> Edit:
        """As `until_over`; raises FeedEnded or StorageUnavailable where something else than time ends the wait."""
        if not wait_s or edit.status.is_terminal:
            return edit
        return await self._follow(tenant, edit, asyncio.get_running_loop().time() + wait_s)

    async def _follow(self, tenant: str, edit: Edit, deadline: float) -> Edit:
        """Listen until the edit's terminal event or the deadline (of the event loop's clock), then read the edit."""
        async with self._hub.follow(tenant, EventStore.stream_of(edit), after=None) as feed:
            present = await self._edits.get(tenant, edit.id)  # it may have ended before anybody listened
            while not present.status.is_terminal:
                batch = await feed.batch(deadline - asyncio.get_running_loop().time())
                if batch is None:
                    return await self._edits.get(tenant, edit.id)
                if batch.reset or tells_the_end(batch, edit.id):
                    present = await self._edits.get(tenant, edit.id)
            return present
