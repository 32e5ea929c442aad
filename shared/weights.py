"""Which weights may be served: those that the operator pinned by their digest, or any."""

from collections.abc import Callable

PREFIX = "sha256:"


def refusal(setting: str, pinned: str, digest: Callable[[], str]) -> str | None:
    """Say in one line why weights may not be served, or None if they may; their digest is taken where one is pinned."""
    if not pinned:
        return None
    found = digest()
    if pinned.removeprefix(PREFIX) == found.removeprefix(PREFIX):
        return None
    return f"{setting} is {pinned}, but the weights are {found}"
