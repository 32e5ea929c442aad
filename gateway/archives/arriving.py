"""An archive on its way in: from the network into a file, from there into the stores, or nowhere."""

import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cached_property
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import anyio
import anyio.to_thread
import structlog
from fastapi import Request, Response

from gateway.archives.reading import ArchiveLimits, ArchiveReader
from gateway.dependencies import ports_of
from gateway.idempotency import IdempotentRoute
from gateway.pictures import PictureLimits
from gateway.ports import Ports
from shared.errors import DialogPaintError, StorageUnavailable, UnsupportedMediaType
from shared.ids import NewId
from shared.schemas.archive import Archive, ArchivedImage
from shared.schemas.conversation import Conversation
from shared.storage.archives import Names
from shared.storage.files import ImageFiles
from shared.storage.records import NewImage, Operation, describe_image, imported_file

log = structlog.get_logger(__name__)

ZIP = "application/zip"
PIECE = 2**20  # bytes that are written to the file at once

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class SpooledRoute(IdempotentRoute):
    """A route whose POSTs take a body that is too large for memory: it is in `request.state.body_file`."""

    def get_route_handler(self) -> Handler:
        """Return the handler that writes the body to a file before anything else."""
        handler = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handler

        async def handle(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != ZIP:
                raise UnsupportedMediaType(f"Send an exported conversation as {ZIP}.")
            async with ports_of(request).imports:
                return await _spooled(request, handler)

        return handle


async def import_archive(tenant: str, file: BinaryIO, operation: Operation | None, ports: Ports) -> Conversation:
    """Create the conversation that an archive holds, under new ids; raises InvalidArchive and leaves nothing behind."""
    if operation and operation.resource_id:  # an interrupted run of the same request got this far
        return await ports.stores.conversations.get(tenant, operation.resource_id)
    reader = await anyio.to_thread.run_sync(ArchiveReader, file, _limits(ports), limiter=ports.decoders)
    names = _names(reader.archive, ports.new_id)
    arrival = Arrival(tenant, reader, names, ports.stores.files)
    kept: list[NewImage] = []
    try:
        for image in reader.archive.images:
            kept.append(await anyio.to_thread.run_sync(arrival.keep, image, limiter=ports.decoders))
    except BaseException:
        await _forget(kept, ports)
        raise
    try:
        return await ports.stores.archives.add(tenant, reader.archive, names, kept, operation)
    except StorageUnavailable:
        raise  # it may be there all the same; if it is not, the search for orphans finds the files
    except DialogPaintError:
        await _forget(kept, ports)
        raise


@dataclass(frozen=True)
class Arrival:
    """The pictures of one archive, on their way into the image files."""

    tenant: str
    reader: ArchiveReader
    names: Names
    files: ImageFiles

    @cached_property
    def made_by(self) -> dict[str, tuple[str, int]]:
        """The edit that made a picture, and the place among its pictures."""
        edits = self.reader.archive.edits
        return {made: (self.names[edit.id], index) for edit in edits for index, made in enumerate(edit.image_ids)}

    def keep(self, image: ArchivedImage) -> NewImage:
        """Check a picture and store its bytes as they are; raises InvalidArchive."""
        data, new_id = self.reader.picture(image), self.names[image.id]
        made_by = self.made_by.get(image.id)
        file = imported_file(self.tenant, *made_by) if made_by else f"{self.tenant}/{new_id}.png"
        self.files.put(file, data)
        return describe_image(new_id, file, data, image.media_type, (image.width, image.height))


async def _spooled(request: Request, handler: Handler) -> Response:
    with TemporaryFile() as file:
        request.state.body_sha256 = await _spool(request, file)
        request.state.body_file = file
        return await handler(request)


async def _spool(request: Request, file: BinaryIO) -> str:
    """Write a body to a file and return its hash."""
    digest, waiting = hashlib.sha256(), bytearray()
    async for chunk in request.stream():
        digest.update(chunk)
        waiting += chunk
        if len(waiting) >= PIECE:
            await anyio.to_thread.run_sync(file.write, bytes(waiting))
            waiting.clear()
    await anyio.to_thread.run_sync(file.write, bytes(waiting))
    return digest.hexdigest()


def _limits(ports: Ports) -> ArchiveLimits:
    settings = ports.settings
    pictures = PictureLimits(settings.max_import_bytes, settings.max_pixels, settings.max_side)
    return ArchiveLimits(settings.max_import_bytes, pictures)


def _names(archive: Archive, new_id: NewId) -> dict[str, str]:
    return {
        archive.conversation.id: new_id("conv"),
        **{image.id: new_id("img") for image in archive.images},
        **{revision.id: new_id("rev") for revision in archive.revisions},
        **{edit.id: new_id("edit") for edit in archive.edits},
    }


async def _forget(images: list[NewImage], ports: Ports) -> None:
    """Delete the files of pictures that belong to nothing."""
    with anyio.CancelScope(shield=True):
        try:
            for image in images:
                await anyio.to_thread.run_sync(ports.stores.files.delete, image.file)
        except DialogPaintError as error:  # what the archive was refused for is the better answer
            log.warning("pictures_not_deleted", error=error.code)
