"""What is read out of an archive, and what is refused in words before it does any harm."""

import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin

from gateway.archives.reading import ArchiveLimits, ArchiveReader
from gateway.pictures import PictureLimits
from shared.errors import InvalidArchive
from tests.archives import AT, PICTURES, Json, archive, described

LIMITS = ArchiveLimits(max_bytes=1_000_000, pictures=PictureLimits(1_000_000, 1_000_000, 2048))


def read(data: bytes) -> ArchiveReader:
    reader = ArchiveReader(io.BytesIO(data), LIMITS)
    for image in reader.archive.images:
        reader.picture(image)
    return reader


def set_in(*path: str | int, to: object) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        at = document
        for name in path[:-1]:
            at = at[name]  # type: ignore[index]
        at[path[-1]] = to  # type: ignore[index]

    return change


def with_picture(data: bytes) -> bytes:
    """An archive whose second picture is this, rightly described."""
    return archive(set_in("images", 1, to=described("img_b", data)), {"images/img_b.png": data})


def circle(document: Json) -> None:
    third = {**document["revisions"][1], "id": "rev_c", "parent_id": "rev_b", "created_at": AT.format(5)}
    document["revisions"].append(third)
    document["revisions"][1]["parent_id"] = "rev_c"


def noted() -> bytes:
    buffer = io.BytesIO()
    notes = PngImagePlugin.PngInfo()
    notes.add_text("note", "secret")
    Image.new("RGB", (16, 8)).save(buffer, "PNG", pnginfo=notes)
    return buffer.getvalue()


def twice() -> bytes:
    buffer = io.BytesIO(archive())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "a") as made:
            made.writestr("images/img_b.png", PICTURES["img_b"])
    return buffer.getvalue()


def lying(name: bytes, size: int) -> bytes:
    """An archive that says of a file that it unpacks to fewer bytes than it does."""
    data = bytearray(archive(files={name.decode(): b"\0" * 5_000_000}, packed=True))
    at = data.rindex(b"PK\1\2", 0, data.rindex(name))
    struct.pack_into("<I", data, at + 24, size)
    return bytes(data)


def test_an_archive_is_read_packed_or_not() -> None:
    for packed in (False, True):
        reader = read(archive(packed=packed, files={"transcript.md": b"# the house"}))
        assert [revision.parent_id for revision in reader.archive.revisions] == [None, "rev_a"]
        assert [reader.picture(image) for image in reader.archive.images] == list(PICTURES.values())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no ZIP archive"),
        (b"PK\5\6" + bytes(18), "no conversation.json"),
        (archive()[:-1], "no ZIP archive"),
        (archive()[100:], "no ZIP archive"),
        (archive() + b"more", "no ZIP archive"),
        (archive(files={"images/../../etc/passwd": b"x"}), "belongs to no conversation"),
        (archive(files={"/etc/passwd": b"x"}), "belongs to no conversation"),
        (archive(files={"images/img_c.png": PICTURES["img_b"]}), "belongs to no conversation"),
        (archive(files={"conversation.json": b"{"}), "does not hold together"),
        (archive(files={"conversation.json": b"[" * 100_000}), "does not hold together"),
        (archive(files={"conversation.json": b" " * 9_000_000}, packed=True), "unpacks to"),
        (archive(files={"transcript.md": b"\0" * 50_000_000}, packed=True), "unpacks to"),
        (lying(b"conversation.json", 400), "no ZIP archive"),
        (twice(), "the same name"),
    ],
)
def test_a_file_that_is_no_such_archive_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(InvalidArchive, match=words):
        read(data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_in("schema_version", to=2), "version 2"),
        (set_in("revisions", 1, "parent_id", to="rev_x"), "no revision rev_x"),
        (set_in("revisions", 1, "parent_id", to=None), "every other revision has one"),
        (set_in("revisions", 0, "parent_id", to="rev_b"), "every other revision has one"),
        (set_in("revisions", 1, "parent_id", to="rev_b"), "not younger"),
        (circle, "not younger"),
        (set_in("revisions", to=[]), "at least 1 item"),
        (set_in("conversation", "head_revision_id", to="rev_x"), "no revision rev_x"),
        (set_in("conversation", "root_image_id", to="img_b"), "another picture"),
        (set_in("revisions", 1, "image_id", to="img_x"), "no picture img_x"),
        (set_in("revisions", 1, "id", to="edit_a"), "the same id"),
        (set_in("revisions", 1, "id", to="rev_b:x"), "pattern"),
        (set_in("revisions", 1, "created_at", to="9999-12-31T23:59:59-14:00"), "less than"),
        (set_in("edits", 0, "status", to="running"), "not come to its end"),
        (set_in("edits", 0, "image_ids", to=[]), "pictures exactly if"),
        (set_in("edits", 0, "image_ids", to=["img_a", "img_b"]), "2 pictures and not 1"),
        (lambda document: document["edits"].append({**document["edits"][0], "id": "edit_b"}), "made before"),
        (set_in("edits", 0, "parameters", "steps", to=10**9), "less than"),
        (set_in("turns", 0, "number", to=2), "not numbered"),
        (set_in("turns", 0, "edit_id", to="edit_x"), "no edit edit_x"),
        (set_in("images", 1, "id", to="img_a"), "the same id"),
        (set_in("images", 1, "sha256", to="0" * 64), "its hash is another"),
        (set_in("images", 1, "width", to=17), "not as large as"),
        (set_in("images", 1, "width", to=10**9), "not as large as"),
        (set_in("images", 1, "media_type", to="image/svg+xml"), "image/png"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused_in_words(change: Callable[[Json], None], words: str) -> None:
    with pytest.raises(InvalidArchive, match=words):
        read(archive(change))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"hello", "no PNG"),
        (PICTURES["img_b"] + b"PK\3\4 appended", "more than a picture"),
        (noted(), "more than a picture"),
        (PICTURES["img_b"][:-20], "more than a picture"),
        (PICTURES["img_b"].replace(zlib.compress(b"")[:2], b"\0\0"), "damaged"),
    ],
)
def test_a_picture_that_was_never_exported_is_refused_though_its_hash_is_right(data: bytes, words: str) -> None:
    with pytest.raises(InvalidArchive, match=words):
        read(with_picture(data))


def test_a_missing_picture_is_named() -> None:
    with pytest.raises(InvalidArchive, match=r"no images/img_c\.png"):
        read(archive(lambda document: document["images"].append(described("img_c", b"x"))))
