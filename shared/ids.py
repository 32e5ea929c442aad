"""Opaque ids: a prefix that says what it is, and 128 random bits."""

import secrets
from collections.abc import Callable

NewId = Callable[[str], str]


def new_id(prefix: str) -> str:
    """Return a fresh id such as `edit_5bO1…` (22 url-safe characters after the prefix)."""
    return f"{prefix}_{secrets.token_urlsafe(16)}"
