"""Webhooks that are owed: taken one worker at a time, settled, and kept for a while when all tries failed.

The scripts that end an edit write them (`owe_webhook` in `lua/common.lua`), so none can be forgotten.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from shared.schemas.edit import Edit
from shared.schemas.events import EventType, WebhookMessage
from shared.settings import Settings
from shared.storage.client import AsyncRedis, connect, connect_reader, redis_errors
from shared.storage.decode import Record, edit_of, maybe_moment, pairs
from shared.storage.keys import DEAD_WEBHOOKS, WEBHOOKS, WEBHOOKS_WAKE, tenant_key
from shared.storage.records import Written
from shared.storage.scripts import AsyncScripts

KEEP_S = 30 * 86_400  # how long a dead webhook can be looked at and sent again
LONGEST_SLEEP_S = 30.0  # after which a worker looks even if nobody woke it
READER_MARGIN_S = 5.0


@dataclass(frozen=True)
class Webhook:
    """One end of an edit that somebody has to be told; `attempt` counts the tries, this one included."""

    tenant: str
    id: str
    url: str
    edit: Edit
    attempt: int
    why: str | None = None
    died_at: datetime | None = None

    @property
    def member(self) -> str:
        """Its place in the queues."""
        return f"{self.tenant}:{self.id}"

    @property
    def event(self) -> EventType:
        """The event that it tells of."""
        return EventType(f"edit.{self.edit.status.value}")

    def body(self) -> bytes:
        """What is posted, the same bytes at every try."""
        assert self.edit.finished_at is not None
        message = WebhookMessage(type=self.event, timestamp=self.edit.finished_at, data=self.edit)
        return message.model_dump_json().encode()


@dataclass(frozen=True)
class Taken:
    """Webhooks to send now, and in how many seconds the next one is due; None if none is owed."""

    webhooks: list[Webhook]
    next_due_s: float | None


@dataclass(frozen=True)
class WebhookStore:
    """The door to owed and dead webhooks; any number of workers may use it at once."""

    scripts: AsyncScripts
    reader: AsyncRedis

    async def take(self, limit: int, lease_s: float, tries: int) -> Taken:
        """Take what is due for `lease_s`; what was not settled by then is due again, at most `tries` times."""
        lease_us, lost = round(lease_s * 1e6), "the worker was lost at the last try"
        pause, taken = await self.scripts.run(
            "take_webhooks", limit=limit, lease_us=lease_us, tries=tries, lost=lost, keep_s=KEEP_S
        )
        return Taken([_webhook(pairs(record)) for record in taken], int(pause) / 1e6 if pause else None)

    async def sleep(self, at_most_s: float | None) -> None:
        """Wait until there is reason to take again: something new is owed, or the time is over."""
        block_s = LONGEST_SLEEP_S if at_most_s is None else min(at_most_s, LONGEST_SLEEP_S)
        with redis_errors():
            await self.reader.blpop([WEBHOOKS_WAKE], timeout=max(0.01, block_s))

    async def delivered(self, webhook: Webhook) -> Written:
        """Strike it off: its receiver has it."""
        return await self._settle(webhook, outcome="delivered")

    async def again(self, webhook: Webhook, pause_s: float, why: str) -> Written:
        """Have it tried again after a pause."""
        return await self._settle(webhook, outcome="again", pause_us=round(pause_s * 1e6), why=why)

    async def bury(self, webhook: Webhook, why: str) -> Written:
        """Give it up, and keep it for an operator."""
        return await self._settle(webhook, outcome="dead", why=why, keep_s=KEEP_S)

    async def dead(self, limit: int) -> list[Webhook]:
        """Read what was given up, newest first."""
        with redis_errors():
            members = await self.scripts.redis.zrevrange(DEAD_WEBHOOKS, 0, limit - 1)
            pipeline = self.scripts.redis.pipeline(transaction=False)
            for member in members:
                pipeline.hgetall(_key(member))
            return [_webhook(record) for record in await pipeline.execute() if record]

    async def resend(self, ids: Collection[str] | None) -> list[str]:
        """Let dead webhooks begin anew, all of them or those with these ids; returns the ids of those it found."""
        with redis_errors():
            members = await self.scripts.redis.zrange(DEAD_WEBHOOKS, 0, -1)
        wanted = [member for member in members if ids is None or _id(member) in ids]
        (resent,) = await self.scripts.run("resend_webhooks", members=wanted)
        return [_id(member) for member in resent]

    async def counts(self) -> tuple[int, int]:
        """How many are owed, and how many were given up."""
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            owed, dead = await pipeline.zcard(WEBHOOKS).zcard(DEAD_WEBHOOKS).execute()
        return int(owed), int(dead)

    async def close(self) -> None:
        """Close the connections."""
        await self.reader.aclose()
        await self.scripts.redis.aclose()

    async def _settle(self, webhook: Webhook, **arguments: object) -> Written:
        return Written(
            (await self.scripts.run("settle_webhook", member=webhook.member, attempt=webhook.attempt, **arguments))[0]
        )


def open_webhooks(settings: Settings) -> WebhookStore:
    """Open the store of a process that does nothing else; nothing is connected before the first call."""
    reader = connect_reader(settings.redis_url, LONGEST_SLEEP_S + READER_MARGIN_S)
    return WebhookStore(AsyncScripts(connect(settings.redis_url)), reader)


def _webhook(record: Record) -> Webhook:
    tenant, _, webhook_id = record["member"].partition(":")
    return Webhook(
        tenant=tenant,
        id=webhook_id,
        url=record["url"],
        edit=edit_of(pairs(json.loads(record["edit"])), None),
        attempt=int(record["attempt"]),
        why=record.get("why"),
        died_at=maybe_moment(record.get("died_at")),
    )


def _id(member: str) -> str:
    return member.partition(":")[2]


def _key(member: str) -> str:
    tenant, _, webhook_id = member.partition(":")
    return tenant_key(tenant, "webhook", webhook_id)
