"""What the gateway tells Prometheus; no ids and no tenants as labels."""

import asyncio

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from shared.errors import StorageUnavailable
from shared.storage.records import Swept
from shared.storage.retention import Expired, FilesFound
from shared.storage.stores import Stores
from shared.telemetry import HttpMetrics

PATIENCE_S = 1.5
GAUGES = {
    "storage_up": "1 if Redis answers",
    "queue_depth": "edits that wait",
    "queue_oldest_age_seconds": "how long the oldest waiting edit has waited",
    "edits_open": "edits that wait or run",
    "free_slots": "edits that warm workers could begin now",
    "workers_warm": "editing workers whose model is loaded",
    "outbox_entries": "accepted edits whose message is not sent yet",
    "webhooks_owed": "ends of edits that are still to be told",
    "webhooks_dead": "webhooks that were given up and are kept for an operator",
    "dialogue_breaker_open": "1 while the dialogue service is not called because it keeps failing",
    "event_listeners": "open event streams and waiting requests",
}


class GatewayMetrics:
    """The gateway's counters and gauges in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.http = HttpMetrics(self._registry)
        self.turns = Counter("dialogpaint_turns", "turns taken", ("reply",), registry=self._registry)
        self.edits = Counter("dialogpaint_edits_submitted", "edits accepted", ("by",), registry=self._registry)
        self._swept = Counter("dialogpaint_swept_edits", "edits that a sweep moved", ("act",), registry=self._registry)
        self._expired = Counter(
            "dialogpaint_expired", "records that had their time", ("kind",), registry=self._registry
        )
        self._orphans = Counter("dialogpaint_orphans", "files that belonged to nothing", registry=self._registry)
        self._gauges = {
            name: Gauge(f"dialogpaint_{name}", what, registry=self._registry) for name, what in GAUGES.items()
        }

    def count_swept(self, swept: Swept) -> None:
        """Count what one sweep did."""
        for act, edit_ids in vars(swept).items():
            self._swept.labels(act).inc(len(edit_ids))

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
        return generate_latest(self._registry)

    async def _read(self, stores: Stores) -> None:
        state, lag, (owed, dead) = await asyncio.gather(
            stores.queue.state(), stores.queue.lag(), stores.webhooks.counts()
        )
        read = {
            "storage_up": 1,
            "queue_depth": state.depth,
            "queue_oldest_age_seconds": state.oldest_age_s,
            "edits_open": state.depth + state.running,
            "free_slots": state.free_slots,
            "workers_warm": sum(worker.warm for worker in state.workers),
            "outbox_entries": lag,
            "webhooks_owed": owed,
            "webhooks_dead": dead,
        }
        for name, value in read.items():
            self._gauges[name].set(value)
