"""An archive as it is sent: made while it is read, so that none of it has to fit into memory but a piece."""

import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing, closing
from typing import BinaryIO, cast

import anyio.to_thread

from gateway.archives.transcript import edit_text, heading, turn_text
from gateway.ports import Ports
from shared.schemas.archive import (
    DOCUMENT,
    PICTURES,
    SCHEMA_VERSION,
    TRANSCRIPT,
    ArchivedConversation,
    ArchivedImage,
    ArchivedTurn,
)
from shared.schemas.base import Resource
from shared.schemas.turn import Turn
from shared.storage.archives import Snapshot
from shared.storage.records import NewImage

LEAST_SENT = 64 * 1024  # bytes at once, but for the last
NOT_KEPT = {
    "urls",
    "queue_position",
    "imported",
    "cells",
}  # of an edit: what is true here alone, or follows from the rest


class Outbox:
    """A file that is only ever written to, and emptied."""

    def __init__(self) -> None:
        self._written = bytearray()

    @property
    def size(self) -> int:
        """How many bytes are waiting to be taken."""
        return len(self._written)

    def write(self, data: bytes) -> int:
        """Take some bytes."""
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """Give what was written since the last time."""
        taken, self._written = bytes(self._written), bytearray()
        return taken


async def archive_of(tenant: str, snapshot: Snapshot, ports: Ports) -> AsyncIterator[bytes]:
    """Yield a ZIP archive of a conversation, its pictures as they are."""
    outbox = Outbox()
    with zipfile.ZipFile(cast("BinaryIO", outbox), "w") as archive:
        async with aclosing(_written(archive, tenant, snapshot, ports)) as pieces:
            async for _ in pieces:
                if outbox.size >= LEAST_SENT:
                    yield outbox.take()
    yield outbox.take()


async def _written(
    archive: zipfile.ZipFile, tenant: str, snapshot: Snapshot, ports: Ports
) -> AsyncGenerator[None, None]:
    """Write file after file, and yield between pieces of them."""
    for name, texts in (
        (DOCUMENT, _document(tenant, snapshot, ports)),
        (TRANSCRIPT, _transcript(tenant, snapshot, ports)),
    ):
        with archive.open(_entry(name, snapshot, zipfile.ZIP_DEFLATED), "w") as file:
            async for text in texts:
                file.write(text.encode())
                yield
    async for image in ports.stores.archives.images_of(tenant, snapshot.image_ids):
        with (
            archive.open(_entry(f"{PICTURES}{image.id}.png", snapshot, zipfile.ZIP_STORED), "w") as file,
            closing(ports.stores.files.pieces(image.file)) as pieces,
        ):
            while piece := await anyio.to_thread.run_sync(next, pieces, b""):
                file.write(piece)
                yield


def _entry(name: str, snapshot: Snapshot, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, snapshot.conversation.updated_at.timetuple()[:6])
    entry.compress_type = compression
    return entry


async def _document(tenant: str, snapshot: Snapshot, ports: Ports) -> AsyncIterator[str]:
    """The JSON of everything but the pictures' bytes."""
    conversation = ArchivedConversation.model_validate(snapshot.conversation.model_dump())
    yield f'{{"schema_version": {SCHEMA_VERSION}, "conversation": {_json(conversation)}'
    archives = ports.stores.archives
    for name, things in (
        ("images", _images(archives.images_of(tenant, snapshot.image_ids))),
        ("revisions", _each(snapshot.revisions)),
        ("edits", archives.edits_of(tenant, snapshot.edit_ids)),
        ("turns", _turns(archives.turns_of(tenant, snapshot.conversation), set(snapshot.edit_ids))),
    ):
        yield f', "{name}": ['
        comma = "\n"
        async for thing in things:
            yield comma + _json(thing)
            comma = ",\n"
        yield "]"
    yield "}\n"


async def _transcript(tenant: str, snapshot: Snapshot, ports: Ports) -> AsyncIterator[str]:
    """The turns, and between them the edits that no turn asked for, as they came."""
    yield heading(snapshot.conversation)
    edits = ports.stores.archives.edits_of(tenant, snapshot.edit_ids)
    alone = [edit async for edit in edits if edit.turn is None]
    async for turn in ports.stores.archives.turns_of(tenant, snapshot.conversation):
        while alone and alone[0].created_at < turn.created_at:
            yield edit_text(alone.pop(0))
        yield turn_text(turn)
    for edit in alone:
        yield edit_text(edit)


async def _images(images: AsyncIterator[NewImage]) -> AsyncIterator[ArchivedImage]:
    async for image in images:
        yield ArchivedImage.model_validate(vars(image))


async def _turns(turns: AsyncIterator[Turn], edit_ids: set[str]) -> AsyncIterator[ArchivedTurn]:
    """Each with the id of its edit, unless that was not over yet."""
    async for turn in turns:
        edit_id = turn.edit.id if turn.edit and turn.edit.id in edit_ids else None
        yield ArchivedTurn.model_validate({**turn.model_dump(exclude={"edit"}), "edit_id": edit_id})


async def _each(things: Iterable[Resource]) -> AsyncIterator[Resource]:
    for thing in things:
        yield thing


def _json(thing: Resource) -> str:
    return thing.model_dump_json(exclude=NOT_KEPT, exclude_none=True)
