"""Every metric that the processes expose, read from their registries.

`python -m tests.exposed_metrics` prints the rows of the table in docs/operations.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from dialogue_service.metrics import DialogueMetrics
from editing_service.metrics import WorkerMetrics
from gateway.metrics import GatewayMetrics
from gateway.webhooks.metrics import WebhookMetrics

SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


@dataclass(frozen=True)
class Metric:
    """One metric, and the processes that expose it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    processes: tuple[str, ...]
    meaning: str

    @property
    def series(self) -> tuple[str, ...]:
        """The names of its series in a query."""
        return tuple(self.name.removesuffix("_total") + suffix for suffix in SUFFIXES[self.kind])

    @property
    def row(self) -> str:
        """Its row in the table of docs/operations.md."""
        cells = (f"`{self.name}`", self.kind, ", ".join(self.labels), ", ".join(self.processes), self.meaning)
        return f"| {' | '.join(cells)} |"


def registries() -> list[tuple[str, CollectorRegistry]]:
    """What each process answers `/metrics` from."""
    gateway = GatewayMetrics()
    return [
        ("gateway", gateway.registry),
        ("gateway", gateway.of_storage),
        ("dialogue", DialogueMetrics().registry),
        ("editing", WorkerMetrics().registry),
        ("webhooks", WebhookMetrics().registry),
    ]


def exposed() -> list[Metric]:
    """All metrics, by name."""
    found: dict[str, Metric] = {}
    for process, registry in registries():
        for collector in registry._collector_to_names:
            for family in collector.collect():
                kind: str = family.type
                name = family.name + ("_total" if kind == "counter" else "")
                processes = (*(found[name].processes if name in found else ()), process)
                found[name] = Metric(name, kind, _labels(collector), processes, family.documentation)
    return [found[name] for name in sorted(found)]


def _labels(collector: Any) -> tuple[str, ...]:
    return tuple(getattr(collector, "_labelnames", ()))


if __name__ == "__main__":
    print("\n".join(metric.row for metric in exposed()))
