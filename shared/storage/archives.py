"""Whole conversations: read piece by piece for an archive, and written out of one in one breath."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.errors import NotFound
from shared.schemas.archive import Archive, ArchivedEdit, ArchivedRevision, ArchivedTurn
from shared.schemas.conversation import Conversation, Revision
from shared.schemas.edit import Edit
from shared.schemas.turn import Turn
from shared.storage.client import redis_errors
from shared.storage.conversations import ConversationStore
from shared.storage.decode import EPOCH, conversation_of, revisions_of, stored_image_of
from shared.storage.edits import EditStore
from shared.storage.keys import tenant_key
from shared.storage.records import NewImage, Operation
from shared.storage.scripts import AsyncScripts

CHUNK = 100
"""Records read at once."""

Fields = dict[str, Any]
Names = Mapping[str, str]
"""The ids of an archive, and what they become here."""


@dataclass(frozen=True)
class Snapshot:
    """A conversation at one moment, with the ids of its edits but an unfinished one, oldest first, and its pictures."""

    conversation: Conversation
    revisions: list[Revision]
    edit_ids: list[str]
    image_ids: list[str]


@dataclass(frozen=True)
class ArchiveStore:
    """Reads a conversation that may be larger than memory, and creates one that was read out of an archive."""

    scripts: AsyncScripts
    edits: EditStore
    conversations: ConversationStore

    async def snapshot(self, tenant: str, conversation_id: str) -> Snapshot:
        """Read the conversation, its tree, and what else there is to be read; raises NotFound."""
        key = tenant_key(tenant, "conversation", conversation_id)
        with redis_errors():
            pipeline = self.scripts.redis.pipeline(transaction=True)
            pipeline.hgetall(key).hgetall(f"{key}:revisions").smembers(f"{key}:edits")
            record, revisions, edit_ids = await pipeline.execute()
        if not record:
            raise NotFound()
        conversation, tree, began = conversation_of(record), revisions_of(revisions), dict[str, datetime]()
        image_ids = {revision.image_id for revision in tree}
        async for edit in self.edits_of(tenant, sorted(edit_ids - {conversation.unfinished_edit_id})):
            began[edit.id] = edit.created_at
            image_ids |= {edit.source_image_id, *edit.image_ids, *filter(None, [edit.mask_image_id])}
        return Snapshot(conversation, tree, sorted(began, key=began.__getitem__), sorted(image_ids))

    async def edits_of(self, tenant: str, edit_ids: Sequence[str]) -> AsyncIterator[Edit]:
        """Yield the edits, in their order; raises NotFound if one has been deleted meanwhile."""
        for ids in _chunks(edit_ids):
            found = await self.edits.get_many(tenant, ids)
            if len(found) != len(ids):
                raise NotFound()
            for edit_id in ids:
                yield found[edit_id]

    async def turns_of(self, tenant: str, conversation: Conversation) -> AsyncIterator[Turn]:
        """Yield the turns that the conversation had at that moment."""
        cursor: str | None = "0"
        while cursor is not None:
            page = await self.conversations.turns(tenant, conversation.id, CHUNK, cursor)
            for turn in page.items:
                if turn.number <= conversation.turn_count:
                    yield turn
            cursor = page.next_cursor

    async def images_of(self, tenant: str, image_ids: Sequence[str]) -> AsyncIterator[NewImage]:
        """Yield what is known of the pictures, in their order; raises NotFound if one has been deleted meanwhile."""
        for ids in _chunks(image_ids):
            with redis_errors():
                pipeline = self.scripts.redis.pipeline(transaction=False)
                for image_id in ids:
                    pipeline.hgetall(tenant_key(tenant, "image", image_id))
                records = await pipeline.execute()
            if not all(records):
                raise NotFound()
            for record in records:
                yield stored_image_of(record)

    async def add(
        self,
        tenant: str,
        archive: Archive,
        names: Names,
        images: Sequence[NewImage],
        operation: Operation | None = None,
    ) -> Conversation:
        """Create the conversation of an archive under new names, or nothing; its pictures' bytes are stored already."""
        hashes = {image.id: image.sha256 for image in images}
        renamed = _Renaming(names, names[archive.conversation.id], hashes)
        await self.scripts.run(
            "import_conversation",
            tenant=tenant,
            conversation=renamed.conversation(archive),
            images=[asdict(image) for image in images],
            edits=[renamed.edit(edit) for edit in sorted(archive.edits, key=lambda edit: edit.created_at)],
            revisions=[renamed.revision(revision) for revision in archive.revisions],
            turns=[renamed.turn(turn, f"turn_imported-{turn.number}") for turn in archive.turns],
            operation=asdict(operation) if operation else None,
        )
        return await self.conversations.get(tenant, names[archive.conversation.id])


@dataclass(frozen=True)
class _Renaming:
    """The fields of an archive's records, as they are stored here."""

    names: Names
    conversation_id: str
    hashes: Mapping[str, str]

    def conversation(self, archive: Archive) -> Fields:
        """All fields but those that depend on when it is written."""
        told = archive.conversation
        return {
            "id": self.conversation_id,
            "title": told.title,
            "caption": told.caption,
            "defaults": told.defaults.model_dump_json(exclude_none=True),
            "head_revision_id": self.names[told.head_revision_id],
            "root_revision_id": self.names[told.root_revision_id],
            "root_image_id": self.names[told.root_image_id],
        }

    def revision(self, revision: ArchivedRevision) -> Fields:
        """As `finish.lua` writes one."""
        return {
            "id": self.names[revision.id],
            "parent_id": self._new(revision.parent_id),
            "image_id": self.names[revision.image_id],
            "instruction": revision.instruction,
            "prior_instructions": json.dumps(revision.prior_instructions),
            "edit_id": self._new(revision.edit_id),
            "created_at": _stored(revision.created_at),
        }

    def turn(self, turn: ArchivedTurn, turn_id: str) -> Fields:
        """As `append_turn.lua` writes one."""
        return {
            "id": turn_id,
            "text": turn.text,
            "reply_kind": turn.reply.kind.value,
            "reply_text": turn.reply.text,
            "instruction": turn.instruction,
            "edit_id": self._new(turn.edit_id),
            "base_revision_id": self.names[turn.base_revision_id],
            "head_revision_id": self._new(turn.head_revision_id),
            "created_at": _stored(turn.created_at),
        }

    def edit(self, edit: ArchivedEdit) -> Fields:
        """A record that has come to its end elsewhere; it never stands in a queue here."""
        image_ids = [self.names[image_id] for image_id in edit.image_ids]
        return {
            "id": self.names[edit.id],
            "imported": "1",
            "status": edit.status.value,
            "instruction": edit.instruction,
            "prior_instructions": json.dumps(edit.prior_instructions),
            "source_image_id": self.names[edit.source_image_id],
            "mask_image_id": self._new(edit.mask_image_id),
            "image_ids": json.dumps(image_ids),
            "hashes": " ".join(self.hashes[image_id] for image_id in image_ids),
            "parameters": edit.parameters.model_dump_json(),
            "step": edit.progress.step,
            "steps": edit.progress.steps,
            "count": edit.parameters.count,
            "attempt": edit.attempt,
            "fence": 0,
            "conversation_id": self.conversation_id,
            "turn": edit.turn,
            "base_revision_id": self._new(edit.base_revision_id),
            "revision_ids": json.dumps([self.names[revision_id] for revision_id in edit.revision_ids]),
            "rerun_of": self._new(edit.rerun_of),
            "identical": None if edit.identical is None else int(edit.identical),
            "error": edit.error.model_dump_json(exclude_none=True) if edit.error else None,
            "created_at": _stored(edit.created_at),
            "started_at": _stored(edit.started_at) if edit.started_at else None,
            "finished_at": _stored(edit.finished_at) if edit.finished_at else None,
            "timings": edit.timings.model_dump_json(exclude_none=True),
            "model": edit.model,
            "rating": edit.rating.model_dump_json() if edit.rating else None,
        }

    def _new(self, old: str | None) -> str | None:
        """The new name of something that may not be there, or may not have come along."""
        return self.names.get(old) if old else None


def _stored(moment: datetime) -> str:
    return str((moment - EPOCH) // timedelta(microseconds=1))


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK))
