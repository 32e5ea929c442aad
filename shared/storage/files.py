"""Where pictures' bytes are kept; IMAGE_STORE_URL says which kind of place."""

import os
import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from shared.errors import NotFound, StorageUnavailable
from shared.storage.buckets import PIECE, SCHEMES, open_bucket
from shared.storage.file_keys import checked


class ImageFiles(Protocol):
    """Bytes by key (`tenant/name.png`); blocking, for threads."""

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes; when this returns they are durable and whole. Raises StorageUnavailable."""

    def get(self, key: str) -> bytes:
        """Return the bytes; raises NotFound or StorageUnavailable."""

    def pieces(self, key: str) -> Generator[bytes, None, None]:
        """Yield the bytes, at most PIECE at once; raises NotFound or StorageUnavailable."""

    def delete(self, key: str) -> None:
        """Forget the bytes; unknown keys are fine. Raises StorageUnavailable."""

    def kept_between(self, first: float, last: float) -> Iterator[str]:
        """The keys of what was kept between two times, in seconds since 1970. Raises StorageUnavailable."""

    def check(self) -> None:
        """Raise StorageUnavailable unless bytes can be kept now."""


def open_image_files(url: str) -> ImageFiles:
    """Open the folder or bucket that a path or URL names; raises ValueError for other kinds of URL."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return FolderImageFiles(Path(url))
    if scheme == "file" and rest:
        return FolderImageFiles(Path(rest))
    if scheme in SCHEMES and rest:
        return open_bucket(url)
    raise ValueError(
        f"IMAGE_STORE_URL is {url!r}; give a folder, as a path or a file:// URL, or a bucket: s3://, gs:// or az://"
    )


@dataclass(frozen=True)
class FolderImageFiles:
    """Files in a folder; each is written aside, synced, then renamed, so that nobody ever sees half of one."""

    folder: Path

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes; when this returns they are durable and whole."""
        target = self._path(key)
        with _file_errors():
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
            try:
                _write_and_sync(aside, data)
                aside.rename(target)
            finally:
                aside.unlink(missing_ok=True)
            _sync_folder(target.parent)

    def get(self, key: str) -> bytes:
        """Return the bytes; raises NotFound."""
        path = self._path(key)
        with _file_errors():
            try:
                return path.read_bytes()
            except FileNotFoundError as error:
                raise NotFound() from error

    def pieces(self, key: str) -> Generator[bytes, None, None]:
        """Yield the bytes, piece by piece; raises NotFound."""
        with _file_errors():
            try:
                with self._path(key).open("rb") as file:
                    while piece := file.read(PIECE):
                        yield piece
            except FileNotFoundError as error:
                raise NotFound() from error

    def delete(self, key: str) -> None:
        """Forget the bytes."""
        with _file_errors():
            self._path(key).unlink(missing_ok=True)

    def kept_between(self, first: float, last: float) -> Iterator[str]:
        """The keys of what was kept between two times, leftovers of torn writes too."""
        with _file_errors():
            for folder, _, names in os.walk(self.folder):
                for path in (Path(folder, name) for name in names):
                    with suppress(FileNotFoundError):  # deleted meanwhile
                        if first <= path.stat().st_mtime <= last:
                            yield path.relative_to(self.folder).as_posix()

    def check(self) -> None:
        """Write and delete a small file."""
        probe = f"probe/{secrets.token_hex(8)}"
        self.put(probe, b"probe")
        self.delete(probe)

    def _path(self, key: str) -> Path:
        return self.folder / checked(key)


@contextmanager
def _file_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable("The image store does not take or give files.", retry_after_s=1) from error


def _write_and_sync(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the file system can."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
