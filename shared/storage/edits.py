"""Edits as the gateway sees them: accept, read, cancel, rate."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from shared.errors import NotFound
from shared.schemas.base import Page
from shared.schemas.edit import Edit, EditStatus, Rating
from shared.storage.client import redis_errors
from shared.storage.decode import edit_of
from shared.storage.keys import LINE, tenant_key
from shared.storage.pages import newest_first
from shared.storage.records import NewEdit, Operation
from shared.storage.scripts import AsyncScripts
from shared.tracing import traceparent


@dataclass(frozen=True)
class EditStore:
    """The durable records of edits; `max_queue` of them may wait."""

    scripts: AsyncScripts

    async def accept(
        self, tenant: str, edit: NewEdit, operation: Operation | None = None, if_version: int | None = None
    ) -> Edit:
        """Take on an edit: record, place in the queue, outbox and event, or nothing at all.

        Raises NotFound (picture, conversation, revision), EditInProgress, VersionMismatch, QueueFull or
        TooManyOpenEdits.
        """
        await self.scripts.run(
            "accept",
            tenant=tenant,
            edit=edit_fields(edit),
            operation=asdict(operation) if operation else None,
            if_version=if_version,
        )
        return await self.get(tenant, edit.id)

    async def get(self, tenant: str, edit_id: str) -> Edit:
        """Read one edit; raises NotFound."""
        found = await self.get_many(tenant, [edit_id])
        if edit_id not in found:
            raise NotFound()
        return found[edit_id]

    async def get_many(self, tenant: str, edit_ids: Sequence[str]) -> dict[str, Edit]:
        """Read several edits at one moment, by id; those that do not exist are absent."""
        if not edit_ids:
            return {}
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            for edit_id in edit_ids:
                pipeline.hgetall(tenant_key(tenant, "edit", edit_id)).zrank(LINE, edit_id)
            answers = await pipeline.execute()
        rows = zip(edit_ids, answers[::2], answers[1::2], strict=True)
        return {edit_id: edit_of(record, rank) for edit_id, record, rank in rows if record}

    async def list(
        self, tenant: str, limit: int, cursor: str | None = None, status: EditStatus | None = None
    ) -> Page[Edit]:
        """Read the tenant's edits, newest first, all or those of one status."""
        index = tenant_key(tenant, "edits", status.value if status else "all")
        ids, more = await newest_first(self.scripts.redis, index, limit, cursor)
        found = await self.get_many(tenant, ids)
        return Page(items=[found[edit_id] for edit_id in ids if edit_id in found], next_cursor=more)

    async def cancel(self, tenant: str, edit_id: str, if_ended: Callable[[], None] | None = None) -> Edit:
        """End a waiting edit, or ask the worker of a running one to stop; a finished one stays. Raises NotFound.

        Calls `if_ended` if it was this call that ended the edit.
        """
        ended = await self.scripts.run("cancel", tenant=tenant, edit_id=edit_id)
        if ended and if_ended:
            if_ended()
        return await self.get(tenant, edit_id)

    async def rate(self, tenant: str, edit_id: str, rating: Rating) -> Edit:
        """Keep what a person thinks of an edit; raises NotFound, or EditNotFinished unless it succeeded."""
        await self.scripts.run("rate_edit", tenant=tenant, edit_id=edit_id, rating=rating.model_dump_json())
        return await self.get(tenant, edit_id)


def edit_fields(edit: NewEdit) -> dict[str, object]:
    """The fields of a new edit's hash that do not depend on when it is accepted."""
    return {
        **asdict(edit),
        "traceparent": traceparent(),
        "parameters": edit.parameters.model_dump_json(),
        "prior_instructions": json.dumps(edit.prior_instructions),
        "steps": edit.parameters.steps * (1 + len(edit.prior_instructions)),
        "count": edit.parameters.count,
    }
