"""Pictures in object storage: a real client, and an S3 server on this machine."""

import time
from collections.abc import Iterator

import pytest

from shared.errors import NotFound, StorageUnavailable
from shared.settings import Settings
from shared.storage.buckets import BucketImageFiles
from shared.storage.files import open_image_files
from shared.storage.stores import open_stores
from tests.buckets import URL, s3_server


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketImageFiles]:
    """An empty bucket."""
    with s3_server() as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        files = open_image_files(URL)
        assert isinstance(files, BucketImageFiles)
        yield files


def test_bytes_come_back_as_they_were(files: BucketImageFiles) -> None:
    data = bytes(range(256)) * 5000
    files.put("local/a.png", b"one")
    files.put("local/a.png", data)
    assert files.get("local/a.png") == data
    pieces = list(files.pieces("local/a.png"))
    assert (len(pieces) > 1, b"".join(pieces)) == (True, data)


def test_an_unknown_key_is_not_found_and_deleting_it_is_fine(files: BucketImageFiles) -> None:
    files.put("local/a.png", b"one")
    for _ in range(2):
        files.delete("local/a.png")
    with pytest.raises(NotFound):
        files.get("local/a.png")
    with pytest.raises(NotFound):
        list(files.pieces("local/a.png"))


def test_what_was_kept_lately_is_listed_under_its_own_key(files: BucketImageFiles) -> None:
    before = time.time() - 2
    files.put("local/a.png", b"one")
    files.put("ann/b.png", b"two")
    assert sorted(files.kept_between(before, time.time() + 2)) == ["ann/b.png", "local/a.png"]
    assert list(files.kept_between(before - 10, before)) == []


def test_a_look_leaves_nothing_behind(files: BucketImageFiles) -> None:
    files.check()
    assert list(files.kept_between(0, time.time() + 2)) == []


@pytest.mark.parametrize("key", ["../a.png", "/etc/passwd", "local/../../a", ""])
def test_a_key_cannot_leave_the_folder(files: BucketImageFiles, key: str) -> None:
    for use in (files.get, files.delete, lambda key: files.put(key, b"x"), lambda key: list(files.pieces(key))):
        with pytest.raises(ValueError):
            use(key)


def test_a_bucket_that_is_away_or_unknown_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_server() as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(StorageUnavailable):
            open_image_files("s3://another").check()
        files = open_image_files(URL)
    for use in (files.check, lambda: files.get("local/a.png"), lambda: list(files.kept_between(0, 1))):
        with pytest.raises(StorageUnavailable):
            use()


def test_a_bucket_that_lacks_its_account_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"^IMAGE_STORE_URL is 'az://pictures'.*[Aa]ccount[^\n]*$"):
        open_image_files("az://pictures")


async def test_a_picture_lives_and_dies_in_a_bucket(files: BucketImageFiles, settings: Settings) -> None:
    stores = open_stores(settings.model_copy(update={"image_store_url": URL}))
    try:
        image = await stores.images.add("local", b"bytes", "image/png", (1, 1))
        assert await stores.images.read("local", image.id) == b"bytes"
        await stores.images.discard("local", image.id)
        assert await stores.images.collect_garbage() == 1
        assert list(files.kept_between(0, time.time() + 2)) == []
    finally:
        await stores.close()
