"""Conversations: their turns, and the tree of revisions."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.errors import EditInProgress, InvalidRequest, NotFound, VersionMismatch
from shared.schemas.adjustment import TurnAdjustment
from shared.schemas.base import Page
from shared.schemas.conversation import Conversation, ConversationPatch, Revision
from shared.schemas.dialogue import HISTORY_TURNS
from shared.schemas.parameters import EditParameters
from shared.schemas.turn import HEAD, ROOT, Reply, Turn
from shared.storage.client import redis_errors
from shared.storage.decode import adjustment_of, conversation_of, reply_of, revision_of, revisions_of, turn_of
from shared.storage.edits import EditStore, edit_fields
from shared.storage.keys import tenant_key
from shared.storage.pages import newest_first, start_of
from shared.storage.records import NewConversation, NewEdit, NewTurn, Operation
from shared.storage.scripts import AsyncScripts

Turns = list[Turn]
Revisions = list[Revision]


@dataclass(frozen=True)
class PastTurn:
    """What was said before, without the edits."""

    text: str
    reply: Reply
    instruction: str | None
    edit_id: str | None = None
    adjust: TurnAdjustment | None = None


@dataclass(frozen=True)
class Made:
    """A revision on the way to another, and the instructions that made it, in the order in which they were done."""

    id: str
    instructions: tuple[str, ...]


@dataclass(frozen=True)
class TurnContext:
    """All that a new turn depends on, read at one moment."""

    conversation: Conversation
    base: Revision
    path: list[Made]  # root → base
    head_path: list[Made]  # root → head
    turns: list[PastTurn]  # the latest, oldest first


@dataclass(frozen=True)
class ConversationStore:
    """Creates, reads, changes and deletes conversations; every change adds one to the version."""

    scripts: AsyncScripts
    edits: EditStore

    async def create(self, tenant: str, new: NewConversation, operation: Operation | None = None) -> Conversation:
        """Create a conversation about a stored picture; raises NotFound if there is no such picture."""
        fields = {
            "id": new.id,
            "root_revision_id": new.root_revision_id,
            "root_image_id": new.image_id,
            "title": new.title,
            "caption": new.caption,
            "defaults": _defaults(new.defaults),
        }
        await self.scripts.run("create_conversation", tenant=tenant, conversation=fields, operation=_mark(operation))
        return await self.get(tenant, new.id)

    async def get(self, tenant: str, conversation_id: str) -> Conversation:
        """Read one conversation; raises NotFound."""
        with redis_errors():
            record = await self.scripts.redis.hgetall(_key(tenant, conversation_id))
        if not record:
            raise NotFound()
        return conversation_of(record)

    async def list(self, tenant: str, limit: int, cursor: str | None = None) -> Page[Conversation]:
        """Read the tenant's conversations, newest first."""
        redis = self.scripts.redis
        ids, more = await newest_first(redis, tenant_key(tenant, "conversations"), limit, cursor)
        with redis_errors():
            pipeline = redis.pipeline(transaction=False)
            for conversation_id in ids:
                pipeline.hgetall(_key(tenant, conversation_id))
            records = await pipeline.execute()
        return Page(items=[conversation_of(record) for record in records if record], next_cursor=more)

    async def update(
        self, tenant: str, conversation_id: str, patch: ConversationPatch, if_version: int | None = None
    ) -> Conversation:
        """Change the fields that the patch names; raises NotFound or VersionMismatch."""
        fields = {name: getattr(patch, name) for name in patch.model_fields_set}
        if isinstance(fields.get("defaults"), EditParameters):
            fields["defaults"] = _defaults(fields["defaults"])
        await self.scripts.run(
            "update_conversation",
            tenant=tenant,
            conversation_id=conversation_id,
            set=fields,
            clear=[name for name, value in fields.items() if value is None],
            if_version=if_version,
        )
        return await self.get(tenant, conversation_id)

    async def delete(self, tenant: str, conversation_id: str, if_version: int | None = None) -> None:
        """Delete it with its turns, revisions, edits, and pictures that nobody else uses; a running edit is stopped."""
        await self.scripts.run(
            "delete_conversation", tenant=tenant, conversation_id=conversation_id, if_version=if_version
        )

    async def begin_turn(
        self, tenant: str, conversation_id: str, base: str = HEAD, if_version: int | None = None
    ) -> TurnContext:
        """Read what a new turn needs, of the turns before it only the latest `HISTORY_TURNS`.

        Raises NotFound, EditInProgress or VersionMismatch.
        """
        key = _key(tenant, conversation_id)
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            pipeline.hgetall(key).hgetall(f"{key}:revisions").lrange(f"{key}:turns", -HISTORY_TURNS, -1)
            record, revisions, turns = await pipeline.execute()
        if not record:
            raise NotFound()
        conversation = conversation_of(record)
        if if_version is not None and if_version != conversation.version:
            raise VersionMismatch(conversation.version)
        if conversation.unfinished_edit_id:
            raise EditInProgress(conversation.unfinished_edit_id)
        return _context(conversation, revisions, [json.loads(turn) for turn in turns], base)

    async def append_turn(
        self,
        tenant: str,
        conversation_id: str,
        turn: NewTurn,
        version: int,
        edit: NewEdit | None = None,
        operation: Operation | None = None,
    ) -> Turn:
        """Record both halves of a turn and accept its edit, or nothing at all.

        Raises NotFound, EditInProgress, ConcurrentChange (`version` is no longer the present one), QueueFull or
        TooManyOpenEdits.
        """
        reply = await self.scripts.run(
            "append_turn",
            tenant=tenant,
            conversation_id=conversation_id,
            turn=_turn_fields(turn, edit),
            edit=edit_fields(edit) if edit else None,
            head_revision_id=turn.head_revision_id,
            version=version,
            operation=_mark(operation),
        )
        return await self.turn(tenant, conversation_id, int(reply[0]))

    async def turn(self, tenant: str, conversation_id: str, number: int) -> Turn:
        """Read the turn with this number (from 1); raises NotFound."""
        found = await self._turns(tenant, conversation_id, number - 1, number - 1) if number > 0 else []
        if not found:
            raise NotFound()
        return found[0]

    async def turns(self, tenant: str, conversation_id: str, limit: int, cursor: str | None = None) -> Page[Turn]:
        """Read the turns, oldest first."""
        conversation = await self.get(tenant, conversation_id)
        start = start_of(cursor) or 0
        if start > conversation.turn_count:
            raise InvalidRequest("The cursor lies behind the last turn; leave it away to start again.")
        items = await self._turns(tenant, conversation_id, start, start + limit - 1)
        end = start + len(items)
        return Page(items=items, next_cursor=str(end) if items and end < conversation.turn_count else None)

    async def revisions(self, tenant: str, conversation_id: str) -> Revisions:
        """Read the whole tree, the root first."""
        with redis_errors():
            records = await self.scripts.redis.hgetall(f"{_key(tenant, conversation_id)}:revisions")
        if not records:
            raise NotFound()
        return revisions_of(records)

    async def move_head(
        self, tenant: str, conversation_id: str, revision_id: str, if_version: int | None = None
    ) -> Conversation:
        """Let the next turn start from another revision; raises NotFound, EditInProgress or VersionMismatch."""
        await self.scripts.run(
            "move_head",
            tenant=tenant,
            conversation_id=conversation_id,
            revision_id=revision_id,
            if_version=if_version,
        )
        return await self.get(tenant, conversation_id)

    async def _turns(self, tenant: str, conversation_id: str, first: int, last: int) -> Turns:
        with redis_errors():
            stored = await self.scripts.redis.lrange(f"{_key(tenant, conversation_id)}:turns", first, last)
        records = [json.loads(text) for text in stored]
        edits = await self.edits.get_many(tenant, [record["edit_id"] for record in records if "edit_id" in record])
        return [
            turn_of(record, first + index + 1, edits.get(record.get("edit_id", "")))
            for index, record in enumerate(records)
        ]


def _context(
    conversation: Conversation, revisions: Mapping[str, str], turns: list[dict[str, str]], base: str
) -> TurnContext:
    named = {HEAD: conversation.head_revision_id, ROOT: conversation.root_revision_id}.get(base, base)
    if named not in revisions:
        raise NotFound("The conversation has no such revision to start from.")
    past = [_past(turn) for turn in turns]
    path = _path(revisions, named)
    head_path = path if named == conversation.head_revision_id else _path(revisions, conversation.head_revision_id)
    return TurnContext(conversation, revision_of(revisions[named]), path, head_path, past)


def _past(turn: Mapping[str, str]) -> PastTurn:
    return PastTurn(turn["text"], reply_of(turn), turn.get("instruction"), turn.get("edit_id"), adjustment_of(turn))


def _path(revisions: Mapping[str, str], revision_id: str) -> list[Made]:
    """The revisions from the root to this one; of a long conversation every turn reads them all, so they stay light."""
    path, at = [], revision_id
    while at:
        record = json.loads(revisions[at])
        done = (*json.loads(record.get("prior_instructions", "[]")), record.get("instruction"))
        path.append(Made(at, tuple(text for text in done if text)))
        at = record.get("parent_id")
    return path[::-1]


def _key(tenant: str, conversation_id: str) -> str:
    return tenant_key(tenant, "conversation", conversation_id)


def _defaults(parameters: EditParameters | None) -> str | None:
    return parameters.model_dump_json(exclude_none=True) if parameters else None


def _mark(operation: Operation | None) -> dict[str, Any] | None:
    return asdict(operation) if operation else None


def _turn_fields(turn: NewTurn, edit: NewEdit | None) -> dict[str, str | None]:
    return {
        "id": turn.id,
        "text": turn.text,
        "reply_kind": turn.reply.kind.value,
        "head_revision_id": turn.head_revision_id,
        "reply_text": turn.reply.text,
        "instruction": turn.instruction,
        "adjust": turn.adjust.model_dump_json() if turn.adjust else None,
        "base_revision_id": turn.base_revision_id,
        "edit_id": edit.id if edit else None,
    }
