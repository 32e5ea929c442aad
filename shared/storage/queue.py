"""The queue from the gateway's side: the outbox to send from, the sweep, and how much waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis.exceptions import ResponseError

from shared.errors import PoisonEdit
from shared.schemas.operations import QueueState, Worker
from shared.storage.client import MAX_BLOCK_S, AsyncRedis, redis_errors
from shared.storage.keys import OPEN, OUTBOX, QUEUED, WORKERS, worker_key
from shared.storage.records import OutboxEntry, Swept
from shared.storage.scripts import AsyncScripts

RELAYS = "relays"  # the consumer group of the outbox
ABANDONED_AFTER_MS = 5_000


@dataclass(frozen=True)
class QueueLimits:
    """How many edits may wait, how often each is tried, and when a message counts as lost."""

    max_queue: int
    max_attempts: int
    resend_after_s: float


@dataclass(frozen=True)
class QueueStore:
    """What relay, sweeper and `GET /v1/queue` need; any number of gateways may use it at once."""

    scripts: AsyncScripts
    reader: AsyncRedis
    limits: QueueLimits

    async def take(self, consumer: str, limit: int = 100, block_s: float = 1.0) -> list[OutboxEntry]:
        """Wait for edits whose message has to be sent; includes what a lost relay left behind."""
        with redis_errors():
            try:
                return await self._take(consumer, limit, block_s)
            except ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
                await self._make_group()
                return await self._take(consumer, limit, block_s)

    async def sent(self, entries: Sequence[OutboxEntry]) -> None:
        """Strike entries off the outbox whose message is on its way."""
        if not entries:
            return
        ids = [entry.entry_id for entry in entries]
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            pipeline.xack(OUTBOX, RELAYS, *ids).xdel(OUTBOX, *ids)
            await pipeline.execute()

    async def lag(self) -> int:
        """How many edits wait for their message to be sent."""
        with redis_errors():
            return int(await self.scripts.redis.xlen(OUTBOX))

    async def check_room(self, tenant: str) -> None:
        """Raise QueueFull or TooManyOpenEdits if an edit would be refused now; only accepting one tells for sure."""
        await self.scripts.run("check_room", tenant=tenant, max_queue=self.limits.max_queue)

    async def sweep(self) -> Swept:
        """Requeue edits whose worker was lost, give up those tried too often, send lost messages again."""
        slots = sum(worker.slots for worker in await self.workers() if worker.warm)
        requeued, poisoned, resent = await self.scripts.run(
            "sweep",
            max_attempts=self.limits.max_attempts,
            poison=PoisonEdit().problem().model_dump_json(exclude_none=True),
            slots=slots,
            resend_after_us=round(self.limits.resend_after_s * 1e6),
        )
        return Swept(requeued, poisoned, resent)

    async def state(self) -> QueueState:
        """How much waits and runs, and who does it."""
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            pipeline.zcard(QUEUED).zcard(OPEN).zrange(QUEUED, 0, 0, withscores=True).time()
            depth, opened, oldest, (seconds, microseconds) = await pipeline.execute()
        workers = await self.workers()
        slots = sum(worker.slots for worker in workers if worker.warm)
        now = seconds + microseconds / 1e6
        return QueueState(
            depth=depth,
            running=opened - depth,
            oldest_age_s=max(0.0, now - oldest[0][1] / 1e6) if oldest else 0.0,
            max_depth=self.limits.max_queue,
            free_slots=max(0, slots - (opened - depth)),
            workers=workers,
        )

    async def workers(self) -> list[Worker]:
        """The workers that were heard of lately."""
        redis = self.scripts.redis
        with redis_errors():
            ids = sorted(await redis.smembers(WORKERS))
            beats = await redis.mget([worker_key(worker_id) for worker_id in ids]) if ids else []
            gone = [worker_id for worker_id, beat in zip(ids, beats, strict=True) if beat is None]
            if gone:
                await redis.srem(WORKERS, *gone)
        return [Worker.model_validate_json(beat) for beat in beats if beat]

    async def _take(self, consumer: str, limit: int, block_s: float) -> list[OutboxEntry]:
        left = await self.reader.xautoclaim(OUTBOX, RELAYS, consumer, ABANDONED_AFTER_MS, count=limit)
        if left[1]:
            return _entries(left[1])
        block_ms = max(1, round(min(block_s, MAX_BLOCK_S) * 1000))
        found = await self.reader.xreadgroup(RELAYS, consumer, {OUTBOX: ">"}, count=limit, block=block_ms)
        return [entry for _, entries in found or [] for entry in _entries(entries)]

    async def _make_group(self) -> None:
        try:
            await self.reader.xgroup_create(OUTBOX, RELAYS, id="0", mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):  # another relay was quicker
                raise


def _entries(raw: Sequence[tuple[str, dict[str, str] | None]]) -> list[OutboxEntry]:
    return [OutboxEntry(entry_id, fields["edit_id"]) for entry_id, fields in raw if fields]
