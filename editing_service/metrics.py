"""What operators watch of a worker; no ids and no tenants as labels."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from shared.errors import PoisonEdit
from shared.storage.records import Claim, Skip, Written
from shared.telemetry import ModelMetrics, new_registry

STEP_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
RUN_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300)
ROWS = (1, 2, 3, 6, 9, 12, 16, 24, 32, 48, 96)
RELEASED = "released"
"""The ending of an attempt that is none of its edit."""


class WorkerMetrics:
    """The worker's counters, on a registry of their own."""

    def __init__(self) -> None:
        registry = self.registry = new_registry()
        self.model = ModelMetrics(registry)
        self._claims = Counter("dialogpaint_edit_claims", "answers to claims", ("result",), registry=registry)
        self._finishes = Counter(
            "dialogpaint_edit_finishes", "answers to endings of attempts", ("ending", "result"), registry=registry
        )
        self._finished = Counter(
            "dialogpaint_edits_finished", "edits ended, by error code", ("state", "reason"), registry=registry
        )
        self._finished.labels("failed", PoisonEdit.code)  # an alert sees it increase only if it began at 0
        self.in_flight = Gauge("dialogpaint_edits_in_flight", "edits being carried out", registry=registry)
        self._queue_seconds = Histogram(
            "dialogpaint_edit_queue_seconds", "from acceptance to first claim", buckets=RUN_SECONDS, registry=registry
        )
        self.run_seconds = Histogram(
            "dialogpaint_edit_run_seconds", "from claim to written ending", buckets=RUN_SECONDS, registry=registry
        )
        self._step_seconds = Histogram(
            "dialogpaint_step_seconds",
            "time of one shared denoising step, by longest side in pixels",
            ("side",),
            buckets=STEP_SECONDS,
            registry=registry,
        )
        self._step_rows = Histogram(
            "dialogpaint_step_rows", "U-Net rows in one denoising step", buckets=ROWS, registry=registry
        )

    def claimed(self, claim: Claim | Skip) -> None:
        """Count the answer to a claim; the claim of an edit that was tried too often ends it."""
        if isinstance(claim, Skip):
            self._claims.labels(str(claim)).inc()
            if claim is Skip.POISON:
                self._finished.labels("failed", PoisonEdit.code).inc()
            return
        self._claims.labels("claimed").inc()
        if claim.attempt == 1:
            self._queue_seconds.observe(claim.queue_s)

    def ended(self, ending: str, reason: str, written: Written) -> None:
        """Count the answer to an attempt's ending, and the edit's end where it is one."""
        self._finishes.labels(ending, str(written)).inc()
        if ending != RELEASED and written is not Written.FENCED:
            self._finished.labels(ending, reason).inc()

    def stepped(self, rows: int, side: int, seconds: float) -> None:
        """Count one step of the engine; sides are told by the next power of two, so that they are few."""
        self._step_rows.observe(rows)
        self._step_seconds.labels(str(1 << (side - 1).bit_length())).observe(seconds)

    def serve(self, host: str, port: int) -> None:
        """Answer `/metrics` on this address."""
        start_http_server(port, host, registry=self.registry)
