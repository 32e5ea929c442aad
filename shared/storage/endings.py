"""Edits that are over, called out by the scripts as it happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from shared.storage.client import MAX_BLOCK_S, AsyncRedis, redis_errors
from shared.storage.keys import ENDED


@dataclass(frozen=True)
class EndingReader:
    """Hears the ids of edits as they end, over a connection of its own; what is said while nobody listens is lost."""

    reader: AsyncRedis

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AsyncIterator[str]]:
        """Subscribe, and give the ids from now on; raises StorageUnavailable."""
        subscription = self.reader.pubsub(ignore_subscribe_messages=True)
        try:
            with redis_errors():
                await subscription.subscribe(ENDED)
            yield _ids(subscription)
        finally:
            await subscription.aclose()


async def _ids(subscription: AsyncRedis) -> AsyncIterator[str]:
    while True:
        with redis_errors():
            message = await subscription.get_message(timeout=MAX_BLOCK_S)
        if message is not None and message["type"] == "message":
            yield message["data"]
