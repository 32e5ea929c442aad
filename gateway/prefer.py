"""The `Prefer: wait=N` request header (RFC 7240)."""

import re

MAX_WAIT_S = 60
_WAIT = re.compile(r'(?:^|[,\s])wait\s*=\s*"?(\d{1,9})"?\s*(?=$|[,;])', re.IGNORECASE)


def wait_seconds(prefer: str | None) -> int | None:
    """Return how long the client wants to wait, at most 60 s, or None when it did not ask.

    A preference that can't be read is ignored, as RFC 7240 section 2 wants it.
    """
    found = _WAIT.search(prefer or "")
    return min(int(found.group(1)), MAX_WAIT_S) if found else None
