"""What operators watch of the webhook worker; how many are owed, the gateway tells."""

from prometheus_client import Counter, Histogram, start_http_server

from shared.telemetry import new_registry

RESULTS = ("delivered", "failed", "dead")
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30)


class WebhookMetrics:
    """The worker's counters, on a registry of their own."""

    def __init__(self) -> None:
        self.registry = new_registry()
        self.tries = Counter(
            "dialogpaint_webhook_tries",
            "tries to deliver a webhook: delivered, failed (and tried again) or dead (given up)",
            ("result",),
            registry=self.registry,
        )
        for result in RESULTS:
            self.tries.labels(result)  # told of as 0 before anything was sent
        self.seconds = Histogram(
            "dialogpaint_webhook_seconds", "time of one try", buckets=SECONDS, registry=self.registry
        )

    def serve(self, host: str, port: int) -> None:
        """Answer `/metrics` on this address."""
        start_http_server(port, host, registry=self.registry)
