"""Traces: what one turn does, and for how long, in all processes that it goes through.

Spans are always told to OpenTelemetry's API, which forgets them at once unless `configure_tracing` has been called with
a place to send them to. They carry ids and figures, never what users wrote.
"""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind

NAME = "dialogpaint"
PARENT = "traceparent"
"""The field of W3C's trace context, in HTTP headers and in the record of an edit."""
_tracer = trace.get_tracer(NAME)


class TracingUnavailable(ValueError):
    """TRACE_TO is set, but the packages that send spans are not installed."""


def configure_tracing(to: str, process: str) -> None:
    """Send the spans of this process to an OTLP/HTTP endpoint, or append them to a file of JSON lines; "": nowhere.

    Raises TracingUnavailable, or OSError for a file that can't be written.
    """
    if not to:
        return
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
    except ImportError as error:
        raise TracingUnavailable("TRACE_TO needs more packages: pip install 'dialogpaint[trace]'") from error
    exporter: SpanExporter
    if to.startswith(("http://", "https://")):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=to)
    else:
        Path(to).parent.mkdir(parents=True, exist_ok=True)
        file = Path(to).open("a", buffering=1, encoding="utf-8")  # noqa: SIM115 - open for as long as the process
        exporter = ConsoleSpanExporter(out=file, formatter=lambda span: span.to_json(indent=None) + "\n")
    provider = TracerProvider(resource=Resource.create({"service.name": f"{NAME}-{process}"}))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    atexit.register(provider.shutdown)
    trace.set_tracer_provider(provider)


def flush_traces() -> None:
    """Send what is not sent yet: a server that a signal ends runs no handlers at exit."""
    flush = getattr(trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        flush()


@contextmanager
def span(name: str, **attributes: str | int | float) -> Iterator[Span]:
    """A piece of work within the present one."""
    with _tracer.start_as_current_span(name, attributes=attributes) as current:
        yield current


@contextmanager
def resumed(name: str, parent: str | None, **attributes: str | int | float) -> Iterator[Span]:
    """A piece of work that was asked for earlier, by a process that left `traceparent()` for it."""
    context = propagate.extract({PARENT: parent}) if parent else Context()
    with _tracer.start_as_current_span(name, context, kind=SpanKind.CONSUMER, attributes=attributes) as current:
        yield current


def traceparent() -> str | None:
    """The present span, as text for another process; None while nothing is traced."""
    return to_send().get(PARENT)


def to_send() -> dict[str, str]:
    """The headers that take the present trace to another process."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers
