"""What the dialogue service counts, on a registry of its own."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import Counter, Gauge, Histogram

from shared.telemetry import HttpMetrics, ModelMetrics, new_registry

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class DialogueMetrics:
    """HTTP requests, the model, replies by kind, seconds by stage, rows that share steps, requests waiting."""

    def __init__(self) -> None:
        registry = self.registry = new_registry()
        self.http, self.model = HttpMetrics(registry), ModelMetrics(registry)
        self.replies = Counter("dialogpaint_dialogue_replies", "replies given", ["kind"], registry=registry)
        self.refused = Counter(
            "dialogpaint_dialogue_refused", "requests refused because too many waited", registry=registry
        )
        self.queue_s = Histogram(
            "dialogpaint_dialogue_queue_seconds", "wait to join", buckets=_SECONDS, registry=registry
        )
        self.generate_s = Histogram(
            "dialogpaint_dialogue_generate_seconds",
            "time of one answer on the device",
            buckets=_SECONDS,
            registry=registry,
        )
        self.rows = Histogram(
            "dialogpaint_dialogue_batch_rows",
            "answers that took a step together",
            buckets=(1, 2, 4, 8, 16, 32),
            registry=registry,
        )
        self._waiting = Gauge("dialogpaint_dialogue_waiting", "requests that wait to join", registry=registry)

    def watch(self, waiting: Callable[[], float]) -> None:
        """Ask `waiting` for the number of waiting requests whenever somebody looks."""
        self._waiting.set_function(waiting)
