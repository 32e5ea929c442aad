"""Names of Redis keys for plain reads; the scripts build the same ones in `lua/common.lua`."""

QUEUED, OPEN, LEASES = "dp:queued", "dp:open", "dp:leases"
LINE = "dp:line"
"""The edits that wait, as their turns will come; QUEUED has them as they came."""
API_KEYS = "dp:keys"
OUTBOX, GARBAGE = "dp:outbox", "dp:garbage"
FILES_SINCE, FILES_LOOKED_AT = "dp:files:since", "dp:files:looked-at"
WORKERS = "dp:workers"
ENDED = "dp:ended"
"""A channel, not a key: the ids of edits as they end."""
WEBHOOKS, DEAD_WEBHOOKS = "dp:webhooks", "dp:webhooks:dead"
WEBHOOKS_WAKE = "dp:webhooks:wake"
"""Holds something when a sleeping worker should look at WEBHOOKS again."""


def tenant_key(tenant: str, *parts: str) -> str:
    """A key that belongs to one tenant."""
    return ":".join(["dp:t", tenant, *parts])


def worker_key(worker_id: str) -> str:
    """Where a worker's last heartbeat is."""
    return f"dp:worker:{worker_id}"
