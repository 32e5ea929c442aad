"""Logs as JSON events, and the metrics of HTTP."""

import logging
import re
import sys
from collections.abc import Callable
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET_NAMES = re.compile(r"authorization|api_?key|secret|password|token$|cookie", re.IGNORECASE)
SECRET_TEXT = re.compile(r"(?i)(bearer\s+)\S+|(://[^/\s:@]*:)[^@\s/]+(?=@)")
SAID_BY_USERS = frozenset({"text", "instruction", "caption", "title", "comment", "prompt"})
HTTP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


def configure_logging(level: str, process: str) -> None:
    """Write every log line of this process, ours and our libraries', to stderr as one JSON object."""

    def name_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"process": process, **event}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_process,
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    finish: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "PIL", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def redact(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Hide secrets always, and what users wrote except at debug."""
    return {name: _hidden(name, value, method) for name, value in event.items()}


def _hidden(name: str, value: Any, method: str) -> Any:
    if SECRET_NAMES.search(name) or (name in SAID_BY_USERS and method != "debug"):
        return "[hidden]"
    if isinstance(value, str):
        return SECRET_TEXT.sub(lambda found: f"{found.group(1) or found.group(2)}[hidden]", value)
    return value


def new_registry() -> CollectorRegistry:
    """A registry for one process, with what the operating system says of it: memory, processor time, descriptors."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


class HttpMetrics:
    """Requests and their duration by method, route and status; `observe` fits `install_web`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "route", "status")
        self._requests = Counter("dialogpaint_http_requests", "HTTP requests answered", labels, registry=registry)
        self._seconds = Histogram(
            "dialogpaint_http_request_seconds",
            "time to answer",
            ("method", "route"),
            buckets=HTTP_SECONDS,
            registry=registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


class ModelMetrics:
    """Which model a process serves, how long it took until it was warm, and what it takes on a GPU."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._info = Gauge("dialogpaint_model_info", "1 for the model served", ("model", "digest"), registry=registry)
        self._load = Gauge("dialogpaint_model_load_seconds", "from start to a warm model", registry=registry)
        self._memory = Gauge("dialogpaint_device_memory_bytes", "memory taken on the GPU", registry=registry)

    def loaded(self, model: str, digest: str, seconds: float, device_memory: Callable[[], float]) -> None:
        """Tell of a warm model; `device_memory` is asked whenever somebody looks."""
        self._info.labels(model, digest).set(1)
        self._load.set(seconds)
        self._memory.set_function(device_memory)
