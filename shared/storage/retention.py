"""What goes by itself: records that nobody has touched for long, and files that belong to no record."""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import anyio.to_thread

from shared.storage.client import redis_errors
from shared.storage.files import ImageFiles
from shared.storage.keys import FILES_LOOKED_AT, FILES_SINCE, tenant_key
from shared.storage.scripts import AsyncScripts

CHUNK = 500
"""Files looked up at once."""
UNRECORDED_S = 3600.0
"""How long a file may lack a record: its upload or its edit may be under way."""


@dataclass(frozen=True)
class Kept:
    """How many seconds things are kept, 0 for ever: conversations and free-standing edits after they last changed,
    pictures that nothing uses after they were stored, and studies after their last vote.
    """

    conversation_s: int
    edit_s: int
    image_s: int
    study_s: int = 0


@dataclass(frozen=True)
class Expired:
    """How many records went."""

    conversations: int
    edits: int
    images: int
    studies: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything to delete."""
        return bool(self.conversations or self.edits or self.images or self.studies)


@dataclass(frozen=True)
class FilesFound:
    """What a look through the image store found."""

    files: int
    orphans: int


@dataclass(frozen=True)
class RetentionStore:
    """Deletes what has had its time; any number of gateways may do so at once."""

    scripts: AsyncScripts
    files: ImageFiles
    kept: Kept

    async def expire(self) -> Expired:
        """Delete some of what has had its time; nothing found means that all of it is gone."""
        microseconds = {
            "conversation_us": self.kept.conversation_s * 1_000_000,
            "edit_us": self.kept.edit_s * 1_000_000,
            "image_us": self.kept.image_s * 1_000_000,
            "study_us": self.kept.study_s * 1_000_000,
        }
        return Expired(*await self.scripts.run("expire", **microseconds))

    async def is_time_to_look(self, interval_s: int) -> bool:
        """Whether the files are to be looked through now, and by whoever asks: one gateway in each interval."""
        with redis_errors():
            return bool(await self.scripts.redis.set(FILES_LOOKED_AT, "1", nx=True, ex=interval_s))

    async def delete_orphans(self, unrecorded_s: float = UNRECORDED_S) -> FilesFound:
        """Delete the files that belong to no picture: of uploads that were cut off, of workers that were killed.

        Files from before the first look are left alone: they may be of pictures recorded when records did not tell of
        their files yet, or in a Redis that was lost.
        """
        keys, files, orphans = self.files.kept_between(await self._since(), time.time() - unrecorded_s), 0, 0
        while chunk := await anyio.to_thread.run_sync(_next_of, keys):
            files += len(chunk)
            for key in await self._unrecorded(chunk):
                await anyio.to_thread.run_sync(self.files.delete, key)
                orphans += 1
            await asyncio.sleep(0)
        return FilesFound(files, orphans)

    async def all_missing(self) -> dict[str, list[str]]:
        """What `missing` says of every tenant that misses something."""
        with redis_errors():
            keys = [key async for key in self.scripts.redis.scan_iter(tenant_key("*", "files"), count=CHUNK)]
        tenants = sorted({key.removeprefix(tenant_key("")).removesuffix(":files") for key in keys})
        return await self._missing_of([tenant for tenant in tenants if ":" not in tenant])

    async def missing(self, tenant: str) -> list[str]:
        """The files of a tenant's pictures that are not in the image store; they should be none."""
        return (await self._missing_of([tenant])).get(tenant, [])

    async def _missing_of(self, tenants: Sequence[str]) -> dict[str, list[str]]:
        """The missing files of those that miss some, by one look through the image store."""
        recorded = {tenant: await self._recorded(tenant) for tenant in tenants}
        there = await anyio.to_thread.run_sync(lambda: set(self.files.kept_between(0.0, math.inf)))
        lost = {tenant: files - there for tenant, files in recorded.items() if not files <= there}
        still = {tenant: sorted(files & await self._recorded(tenant)) for tenant, files in lost.items()}
        return {tenant: files for tenant, files in still.items() if files}  # some may have gone with their pictures

    async def _recorded(self, tenant: str) -> set[str]:
        with redis_errors():
            return {key async for key in self.scripts.redis.sscan_iter(tenant_key(tenant, "files"))}

    async def _unrecorded(self, files: Sequence[str]) -> list[str]:
        by_tenant: dict[str, list[str]] = defaultdict(list)
        for file in files:
            by_tenant[file.partition("/")[0]].append(file)
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=False)
            for tenant, own in by_tenant.items():
                pipeline.smismember(tenant_key(tenant, "files"), own)
            answers = await pipeline.execute()
        return [
            file
            for own, known in zip(by_tenant.values(), answers, strict=True)
            for file, is_known in zip(own, known, strict=True)
            if not is_known
        ]

    async def _since(self) -> float:
        """When the files were first looked through, in seconds since 1970."""
        with redis_errors():
            await self.scripts.redis.set(FILES_SINCE, str(time.time()), nx=True)
            return float(await self.scripts.redis.get(FILES_SINCE))


def _next_of(keys: Iterator[str]) -> list[str]:
    return list(islice(keys, CHUNK))
