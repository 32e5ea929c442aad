"""Idempotency keys: the same request twice has one effect and one answer."""

import hashlib
import json
from collections import deque
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from shared.errors import StorageUnavailable
from shared.ids import NewId, new_id
from shared.storage.records import Answer, Operation
from shared.storage.scripts import AsyncScripts

MOST_LEFT = 10_000


@dataclass(frozen=True)
class IdempotencyStore:
    """Remembers for `ttl_s` what became of each key; a first request that is silent for `busy_s` counts as lost.

    Keys that could not be freed because Redis was away are freed before the next one is begun: who asked during an
    outage may ask again right after it. (Redis may carry out what it was sent even though nobody got its answer.)
    """

    scripts: AsyncScripts
    ttl_s: int
    busy_s: int
    new_id: NewId = new_id
    _left: deque[tuple[str, Operation]] = field(default_factory=partial(deque, maxlen=MOST_LEFT), init=False)

    async def begin(self, tenant: str, key: str, fingerprint: str) -> Operation | Answer:
        """Return the right to carry the request out, or the answer that it got before.

        Raises IdempotencyMismatch (another request had this key) or IdempotencyInProgress (the first still runs).
        """
        await self._release_left()
        begun = Operation(hashlib.sha256(key.encode()).hexdigest(), self.new_id("op"))
        try:
            kind, value = await self.scripts.run(
                "begin_operation",
                tenant=tenant,
                key=begun.key,
                fingerprint=fingerprint,
                token=begun.token,
                busy_us=self.busy_s * 1_000_000,
                ttl_s=self.ttl_s,
            )
        except StorageUnavailable:
            self._left.append((tenant, begun))
            raise
        return Answer(**json.loads(value)) if kind == "answer" else replace(begun, resource_id=value or None)

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
        try:
            await self.scripts.run("release_operation", tenant=tenant, key=operation.key, token=operation.token)
        except StorageUnavailable:
            self._left.append((tenant, operation))
            raise

    async def _release_left(self) -> None:
        while self._left:
            await self.release(*self._left.popleft())
