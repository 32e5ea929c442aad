"""What operators watch of a worker; no ids and no tenants as labels."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

STEP_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
RUN_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300)
ROWS = (1, 2, 3, 6, 9, 12, 16, 24, 32, 48, 96)


class WorkerMetrics:
    """The worker's counters, on a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.claims = Counter("edit_claims", "Answers to claims", ("result",), registry=self.registry)
        self.finishes = Counter("edit_finishes", "Answers to endings", ("ending", "result"), registry=self.registry)
        self.in_flight = Gauge("edits_in_flight", "Edits being carried out", registry=self.registry)
        self.run_seconds = Histogram(
            "edit_run_seconds", "From claim to written ending", buckets=RUN_SECONDS, registry=self.registry
        )
        self._step_seconds = Histogram(
            "engine_step_seconds", "Time of one shared denoising step", buckets=STEP_SECONDS, registry=self.registry
        )
        self._step_rows = Histogram(
            "engine_step_rows", "U-Net rows in one denoising step", buckets=ROWS, registry=self.registry
        )

    def stepped(self, rows: int, seconds: float) -> None:
        """Count one step of the engine."""
        self._step_rows.observe(rows)
        self._step_seconds.observe(seconds)

    def serve(self, port: int) -> None:
        """Answer `/metrics` on this port."""
        start_http_server(port, registry=self.registry)
