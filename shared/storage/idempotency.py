"""Idempotency keys: the same request twice has one effect and one answer."""

import hashlib
import json
from dataclasses import asdict, dataclass

from shared.ids import NewId, new_id
from shared.storage.records import Answer, Operation
from shared.storage.scripts import AsyncScripts


@dataclass(frozen=True)
class IdempotencyStore:
    """Remembers for `ttl_s` what became of each key; a first request that is silent for `busy_s` counts as lost."""

    scripts: AsyncScripts
    ttl_s: int
    busy_s: int
    new_id: NewId = new_id

    async def begin(self, tenant: str, key: str, fingerprint: str) -> Operation | Answer:
        """Return the right to carry the request out, or the answer that it got before.

        Raises IdempotencyMismatch (another request had this key) or IdempotencyInProgress (the first still runs).
        """
        digest = hashlib.sha256(key.encode()).hexdigest()
        token = self.new_id("op")
        kind, value = await self.scripts.run(
            "begin_operation",
            tenant=tenant,
            key=digest,
            fingerprint=fingerprint,
            token=token,
            busy_us=self.busy_s * 1_000_000,
            ttl_s=self.ttl_s,
        )
        if kind == "answer":
            return Answer(**json.loads(value))
        return Operation(digest, token, value or None)

    async def complete(self, tenant: str, operation: Operation, answer: Answer) -> None:
        """Keep the answer for whoever repeats the request."""
        await self.scripts.run(
            "complete_operation",
            tenant=tenant,
            key=operation.key,
            token=operation.token,
            answer=json.dumps(asdict(answer)),
            ttl_s=self.ttl_s,
        )

    async def release(self, tenant: str, operation: Operation) -> None:
        """Free the key of a request that failed, unless its effect happened after all."""
        await self.scripts.run("release_operation", tenant=tenant, key=operation.key, token=operation.token)
