"""The folder that keeps pictures; object storage: tests/integration/storage/test_buckets.py."""

import os
import threading
from pathlib import Path

import pytest

from shared.errors import NotFound, StorageUnavailable
from shared.storage.files import FolderImageFiles, open_image_files


@pytest.fixture
def files(tmp_path: Path) -> FolderImageFiles:
    """An empty folder."""
    return FolderImageFiles(tmp_path / "images")


def test_bytes_come_back_as_they_were(files: FolderImageFiles) -> None:
    files.put("local/a.png", b"one")
    files.put("local/a.png", b"two")
    assert files.get("local/a.png") == b"two"


def test_an_unknown_key_is_not_found_and_deleting_it_is_fine(files: FolderImageFiles) -> None:
    files.delete("local/a.png")
    with pytest.raises(NotFound):
        files.get("local/a.png")


def test_nothing_is_left_beside_the_file(files: FolderImageFiles) -> None:
    files.put("local/a.png", b"one")
    assert [path.name for path in (files.folder / "local").iterdir()] == ["a.png"]


def test_a_failed_write_leaves_the_old_bytes_and_no_rubbish(
    files: FolderImageFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put("local/a.png", b"old")

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageUnavailable):
        files.put("local/a.png", b"new")
    assert files.get("local/a.png") == b"old"
    assert [path.name for path in (files.folder / "local").iterdir()] == ["a.png"]


def test_a_reader_never_sees_half_a_file(files: FolderImageFiles) -> None:
    contents = [bytes([number]) * 200_000 for number in range(4)]
    files.put("local/a.png", contents[0])
    writers = [threading.Thread(target=files.put, args=("local/a.png", content)) for content in contents]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert files.get("local/a.png") in contents
    for writer in writers:
        writer.join()


@pytest.mark.parametrize("key", ["../a.png", "/etc/passwd", "local/../../a", ""])
def test_a_key_cannot_leave_the_folder(files: FolderImageFiles, key: str) -> None:
    with pytest.raises(ValueError):
        files.put(key, b"x")


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageUnavailable):
        FolderImageFiles(tmp_path / "file").check()


def test_the_url_says_where_the_files_are(tmp_path: Path) -> None:
    for url in (str(tmp_path), f"file://{tmp_path}"):
        open_image_files(url).put("a", b"x")
        assert (tmp_path / "a").read_bytes() == b"x"
    with pytest.raises(ValueError, match="IMAGE_STORE_URL"):
        open_image_files("ftp://bucket")
