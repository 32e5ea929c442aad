"""What the dialogue service counts, on a registry of its own."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.telemetry import HttpMetrics

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class DialogueMetrics:
    """HTTP requests, replies by kind, seconds by stage, rows that share steps, requests waiting."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.http = HttpMetrics(self.registry)
        self.replies = Counter("dialogue_replies", "Replies given", ["kind"], registry=self.registry)
        self.refused = Counter("dialogue_refused", "Requests refused because too many waited", registry=self.registry)
        self.queue_s = Histogram("dialogue_queue_seconds", "Wait to join", buckets=_SECONDS, registry=self.registry)
        self.generate_s = Histogram(
            "dialogue_generate_seconds", "Time of one answer on the device", buckets=_SECONDS, registry=self.registry
        )
        self.rows = Histogram(
            "dialogue_batch_rows",
            "Answers that took a step together",
            buckets=(1, 2, 4, 8, 16, 32),
            registry=self.registry,
        )
        self._waiting = Gauge("dialogue_waiting", "Requests that wait to join", registry=self.registry)

    def watch(self, waiting: Callable[[], float]) -> None:
        """Ask `waiting` for the number of waiting requests whenever somebody looks."""
        self._waiting.set_function(waiting)
