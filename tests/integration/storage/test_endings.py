"""Every way in which an edit ends is called out, and only those."""

from __future__ import annotations

import asyncio

from tests.storage_world import World


async def test_finished_failed_and_canceled_edits_are_called_out_once_each(world: World) -> None:
    async with world.stores.ending_reader().listening() as ended:
        succeeded, canceled = await world.edit(await world.conversation()), await world.edit(await world.conversation())
        world.succeed(world.claim(succeeded.id))
        await world.stores.edits.cancel(world.tenant, canceled.id)
        async with asyncio.timeout(5):
            assert [await anext(ended), await anext(ended)] == [succeeded.id, canceled.id]
