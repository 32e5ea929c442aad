"""The keys of files: `tenant/name.png`, which can't lead out of where the files are."""

from pathlib import PurePosixPath


def checked(key: str) -> str:
    """The key itself; raises ValueError for one that could lead elsewhere."""
    parts = PurePosixPath(key).parts
    if not parts or ".." in parts or key.startswith("/"):
        raise ValueError(f"{key!r} is no file key")
    return key
