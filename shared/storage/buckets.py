"""Pictures' bytes in object storage: S3 and what speaks it, Google Cloud Storage, Azure Blob Storage (obstore)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Literal

from shared.errors import NotFound, StorageUnavailable
from shared.storage.file_keys import checked

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = frozenset(("s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss"))
PIECE = 512 * 1024
"""Bytes of a piece, about; what a picture's file tells of its making is in its first piece."""
REQUEST_S, CONNECT_S, RETRIED_S = 30, 3, 10
"""Longest times of one request, of its connection, and of all its tries; what fails then is told to the caller."""


def open_bucket(url: str) -> BucketImageFiles:
    """Open the bucket, and the folder in it, that a URL names; raises ValueError where none can be meant.

    Credentials, region and endpoint come from the environment as the providers name them (`AWS_ACCESS_KEY_ID`,
    `AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_KEY` …) or from the machine's role.
    """
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    seconds = timedelta(seconds=1)
    try:
        store = from_url(
            url,
            client_options={
                "timeout": REQUEST_S * seconds,
                "connect_timeout": CONNECT_S * seconds,
                "allow_http": True,  # only where the endpoint that somebody set is plain HTTP
            },
            retry_config={"max_retries": 3, "retry_timeout": RETRIED_S * seconds},
        )
    except (BaseError, ValueError) as error:
        why = str(error).partition("\n")[0]
        raise ValueError(f"IMAGE_STORE_URL is {url!r}, and no bucket can be opened by it: {why}") from error
    return BucketImageFiles(store)


@dataclass(frozen=True)
class BucketImageFiles:
    """Objects in a bucket; see `ImageFiles`. A put object is there as a whole or not at all."""

    store: ObjectStore

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes; when this returns they are durable and whole."""
        with _bucket_errors(missing="the bucket itself"):
            self.store.put(checked(key), data)

    def get(self, key: str) -> bytes:
        """Return the bytes; raises NotFound."""
        with _bucket_errors():
            return bytes(self.store.get(checked(key)).bytes())

    def pieces(self, key: str) -> Generator[bytes, None, None]:
        """Yield the bytes as they come, piece by piece; raises NotFound."""
        with _bucket_errors():
            for piece in self.store.get(checked(key)).stream(min_chunk_size=PIECE):
                yield bytes(piece)

    def delete(self, key: str) -> None:
        """Forget the bytes."""
        try:
            with _bucket_errors():
                self.store.delete(checked(key))
        except NotFound:
            pass  # some providers say so

    def kept_between(self, first: float, last: float) -> Iterator[str]:
        """The keys of what was kept between two times."""
        with _bucket_errors(missing="the bucket itself"):
            for page in self.store.list():
                yield from (each["path"] for each in page if first <= each["last_modified"].timestamp() <= last)

    def check(self) -> None:
        """Write and delete a small object."""
        probe = f"probe/{token_hex(8)}"
        self.put(probe, b"probe")
        self.delete(probe)


@contextmanager
def _bucket_errors(missing: Literal["an object", "the bucket itself"] = "an object") -> Iterator[None]:
    """Tell errors of the provider in this project's words; `missing` is what "not found" means here."""
    from obstore.exceptions import BaseError, NotFoundError

    try:
        yield
    except (BaseError, OSError) as error:
        if missing == "an object" and isinstance(error, NotFoundError | FileNotFoundError):
            raise NotFound() from error
        raise StorageUnavailable("The image store does not take or give files.", retry_after_s=1) from error
