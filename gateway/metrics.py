"""What the gateway tells Prometheus; no ids and no tenants as labels."""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from shared.errors import PoisonEdit, StorageUnavailable
from shared.storage.records import Swept
from shared.storage.retention import Expired, FilesFound
from shared.storage.stores import Stores
from shared.telemetry import HttpMetrics, new_registry

PATIENCE_S = 1.5
OF_STORAGE = {
    "queue_depth": "edits that wait",
    "queue_oldest_age_seconds": "how long the oldest waiting edit has waited",
    "edits_open": "edits that wait or run",
    "free_slots": "edits that warm workers could begin now",
    "workers_warm": "editing workers whose model is loaded",
    "outbox_entries": "accepted edits whose message is not sent yet",
    "webhooks_owed": "ends of edits that are still to be told",
    "webhooks_dead": "webhooks that were given up and are kept for an operator",
    "redis_memory_bytes": "memory that Redis has taken",
    "redis_memory_limit_bytes": "memory that Redis may take; 0 for no limit",
    "redis_append_only_ok": "1 while the append-only file takes what is written",
}
OF_PROCESS = {
    "storage_up": "1 if Redis answers",
    "dialogue_breaker_open": "1 while the dialogue service is not called because it keeps failing",
    "event_listeners": "open event streams",
}


class GatewayMetrics:
    """The gateway's counters and gauges, on registries of their own.

    What only Redis knows is left out while it does not answer: whoever scales by it shall not take 0 for the truth.
    """

    def __init__(self) -> None:
        self.registry, self.of_storage = new_registry(), CollectorRegistry()
        self.http = HttpMetrics(self.registry)
        self.turns = Counter("dialogpaint_turns", "turns taken", ("reply",), registry=self.registry)
        self.edits = Counter("dialogpaint_edits_submitted", "edits accepted", ("by",), registry=self.registry)
        self._swept = Counter("dialogpaint_swept_edits", "edits that a sweep moved", ("act",), registry=self.registry)
        self._finished = Counter(
            "dialogpaint_edits_finished", "edits ended, by error code", ("state", "reason"), registry=self.registry
        )
        self._finished.labels("failed", PoisonEdit.code)  # an alert sees it increase only if it began at 0
        self._expired = Counter("dialogpaint_expired", "records that had their time", ("kind",), registry=self.registry)
        for kind in Expired.__dataclass_fields__:
            self._expired.labels(kind)  # told of as 0 before anything was deleted
        self._orphans = Counter("dialogpaint_orphans", "files that belonged to nothing", registry=self.registry)
        self._gauges = {
            name: Gauge(f"dialogpaint_{name}", what, registry=registry)
            for registry, gauges in ((self.registry, OF_PROCESS), (self.of_storage, OF_STORAGE))
            for name, what in gauges.items()
        }

    def count_swept(self, swept: Swept) -> None:
        """Count what one sweep did."""
        for act, edit_ids in vars(swept).items():
            self._swept.labels(act).inc(len(edit_ids))
        self._finished.labels("failed", PoisonEdit.code).inc(len(swept.poisoned))

    def count_canceled(self) -> None:
        """Count an edit that was canceled while it waited; a worker counts those that run."""
        self._finished.labels("canceled", "").inc()

    def count_expired(self, expired: Expired) -> None:
        """Count the records that were deleted in their time."""
        for kind, count in vars(expired).items():
            self._expired.labels(kind).inc(count)

    def count_orphans(self, found: FilesFound) -> None:
        """Count the files that were deleted."""
        self._orphans.inc(found.orphans)

    async def expose(self, stores: Stores, *, breaker_is_open: bool, listeners: int) -> bytes:
        """Return everything in Prometheus' text format, with the gauges as they are now."""
        self._gauges["dialogue_breaker_open"].set(breaker_is_open)
        self._gauges["event_listeners"].set(listeners)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._read(stores)
        except (StorageUnavailable, TimeoutError):
            self._gauges["storage_up"].set(0)
            return generate_latest(self.registry)
        self._gauges["storage_up"].set(1)
        return generate_latest(self.registry) + generate_latest(self.of_storage)

    async def _read(self, stores: Stores) -> None:
        state, lag, (owed, dead), redis = await asyncio.gather(
            stores.queue.state(), stores.queue.lag(), stores.webhooks.counts(), stores.redis_state()
        )
        read = {
            "queue_depth": state.depth,
            "queue_oldest_age_seconds": state.oldest_age_s,
            "edits_open": state.depth + state.running,
            "free_slots": state.free_slots,
            "workers_warm": sum(worker.warm for worker in state.workers),
            "outbox_entries": lag,
            "webhooks_owed": owed,
            "webhooks_dead": dead,
            "redis_memory_bytes": redis.memory_bytes,
            "redis_memory_limit_bytes": redis.memory_limit_bytes,
            "redis_append_only_ok": redis.append_only_ok,
        }
        for name, value in read.items():
            self._gauges[name].set(value)
