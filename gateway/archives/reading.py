"""An archive that somebody sent: opened without trusting a word of it.

Nothing is ever unpacked to a path. What the directory says is bounded before it is read, and what is unpacked is
counted while it is.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from pydantic import ValidationError

from gateway.pictures import PictureLimits, check_png
from shared.errors import InvalidArchive, InvalidPicture, PictureTooLarge
from shared.schemas.archive import DOCUMENT, PICTURES, SCHEMA_VERSION, TRANSCRIPT, Archive, ArchivedImage
from shared.schemas.base import Resource
from shared.schemas.problem import FieldError

MAX_DOCUMENT = 8 * 2**20  # bytes of conversation.json: what it is read into takes ten times as much
MAX_DIRECTORY = 2 * 2**20  # bytes; of the six thousand pictures that there may be it takes one
PIECE = 2**20  # bytes that are unpacked at once
END = struct.Struct("<4s4H2IH")  # signature, disk numbers, entries, size and place of the directory, comment
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, LookupError, OverflowError,
    NotImplementedError, RuntimeError,
)  # fmt: skip
DAMAGED = "The upload is no ZIP archive as they are exported, or it is damaged."


class _Version(Resource):
    schema_version: int


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold, in bytes unpacked, and how large each of its pictures may be."""

    max_bytes: int
    pictures: PictureLimits


class ArchiveReader:
    """An opened archive whose `conversation.json` holds together; the pictures are still to be looked at."""

    def __init__(self, file: BinaryIO, limits: ArchiveLimits) -> None:
        """Read everything but the pictures; raises InvalidArchive."""
        self._limits = limits
        with _told():
            _check_end(file)
            self._zip = zipfile.ZipFile(file)
            self._entries = _entries(self._zip, limits)
            self.archive = _document(self._read(self._entries[DOCUMENT], MAX_DOCUMENT))
        _check_names(set(self._entries), self.archive)

    def picture(self, image: ArchivedImage) -> bytes:
        """The bytes of a picture that is what is said of it; raises InvalidArchive."""
        pictures = self._limits.pictures
        width, height = (min(side, pictures.max_side) for side in (image.width, image.height))
        most = replace(pictures, max_bytes=4 * width * height + PIECE)
        if image.size > most.max_bytes:
            raise InvalidArchive(f"{image.name} is larger than a picture of its size can be.")
        with _told():
            data = self._read(self._entries[image.name], image.size)
        if len(data) != image.size or hashlib.sha256(data).hexdigest() != image.sha256:
            raise InvalidArchive(f"{image.name} is not the picture that {DOCUMENT} tells of: its hash is another.")
        try:
            check_png(data, most, (image.width, image.height))
        except (InvalidPicture, PictureTooLarge) as error:
            raise InvalidArchive(f"{image.name}: {error.detail}") from error
        return data

    def _read(self, entry: zipfile.ZipInfo, most: int) -> bytes:
        if entry.file_size > most:
            raise InvalidArchive(f"{entry.filename} has {entry.file_size} bytes; at most {most} are taken.")
        unpacked = io.BytesIO()
        with self._zip.open(entry) as file:
            while piece := file.read(PIECE):
                unpacked.write(piece)
        return unpacked.getvalue()


@contextmanager
def _told() -> Iterator[None]:
    """Say in our words what is wrong with an archive."""
    try:
        yield
    except BROKEN as error:
        raise InvalidArchive(DAMAGED) from error


def _check_end(file: BinaryIO) -> None:
    """Look at what the archive says of its own directory before anybody reads all of that."""
    end = file.seek(0, io.SEEK_END) - END.size
    file.seek(max(0, end))
    signature, disk, first_disk, _, entries, size, at, comment = END.unpack(file.read(END.size))
    if signature != b"PK\5\6" or disk or first_disk or comment or at + size != end:
        raise InvalidArchive(DAMAGED)
    if size > MAX_DIRECTORY or entries == 0xFFFF:
        raise InvalidArchive("The archive holds more files than a conversation that can be imported.")


def _entries(archive: zipfile.ZipFile, limits: ArchiveLimits) -> dict[str, zipfile.ZipInfo]:
    found = [entry for entry in archive.infolist() if entry.filename != PICTURES]  # a folder is no file
    by_name = {entry.filename: entry for entry in found}
    if len(by_name) != len(found):
        raise InvalidArchive("Two files of the archive have the same name.")
    if any(entry.flag_bits & 1 for entry in found):
        raise InvalidArchive("The archive is encrypted; send it as it was exported.")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in found):
        raise InvalidArchive("The archive is packed in a way that is not read here; send it as it was exported.")
    unpacked = sum(entry.file_size for entry in found)
    if unpacked > limits.max_bytes:
        raise InvalidArchive(f"The archive unpacks to {unpacked} bytes; at most {limits.max_bytes} are taken.")
    if DOCUMENT not in by_name:
        raise InvalidArchive(f"The archive has no {DOCUMENT}.")
    return by_name


def _document(text: bytes) -> Archive:
    try:
        version = _Version.model_validate_json(text).schema_version
        if version != SCHEMA_VERSION:
            raise InvalidArchive(f"The archive is of version {version}, and only {SCHEMA_VERSION} is read here.")
        return Archive.model_validate_json(text)
    except ValidationError as error:
        wrong = [FieldError(field=".".join(map(str, each["loc"])), message=each["msg"]) for each in error.errors()[:10]]
        said = "; ".join(f"{each.field}: {each.message}".removeprefix(": ") for each in wrong[:1])
        raise InvalidArchive(f"{DOCUMENT} does not hold together: {said}", errors=wrong) from error


def _check_names(names: set[str], archive: Archive) -> None:
    needed = {image.name for image in archive.images}
    if missing := sorted(needed - names):
        raise InvalidArchive(f"The archive has no {missing[0]}.")
    if more := sorted(names - needed - {DOCUMENT, TRANSCRIPT}):
        raise InvalidArchive(f"The archive holds {more[0]!r}, which belongs to no conversation.")
