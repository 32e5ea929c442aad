"""Draw the last traces of a file of spans: `TRACE_TO=var/traces.jsonl make up`, then

python -m services.local.trace var/traces.jsonl
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

WIDTH = 60
"""Columns of the bars."""


@dataclass(frozen=True)
class Span:
    """A piece of work: seconds since the epoch, and whose part it is."""

    id: str
    parent: str | None
    trace: str
    process: str
    name: str
    start: float
    end: float

    @classmethod
    def read(cls, record: dict[str, Any]) -> "Span":
        """One line of the file, as OpenTelemetry's SDK writes it."""
        start, end = (datetime.fromisoformat(record[name]).timestamp() for name in ("start_time", "end_time"))
        context, service = record["context"], record["resource"]["attributes"]["service.name"]
        return cls(
            context["span_id"], record["parent_id"], context["trace_id"], service.partition("-")[2], record["name"],
            start, end,
        )  # fmt: skip


def read_traces(path: Path) -> list[list[Span]]:
    """The traces of a file, each in the order of its starts, the latest last."""
    traces: dict[str, list[Span]] = defaultdict(list)
    for line in path.read_text().splitlines():
        span = Span.read(json.loads(line))
        traces[span.trace].append(span)
    for spans in traces.values():
        spans.sort(key=lambda span: (span.start, -span.end))
    return sorted(traces.values(), key=lambda spans: spans[0].start)


def drawn(spans: Sequence[Span]) -> Iterator[str]:
    """A trace as lines of text: process, name, milliseconds, and a bar on the trace's own time."""
    begin, end = spans[0].start, max(span.end for span in spans)
    scale = WIDTH / max(end - begin, 1e-9)
    by_id = {span.id: span for span in spans}
    yield f"{spans[0].name}, {1000 * (end - begin):.1f} ms"
    for span in spans:
        before = min(WIDTH - 1, round((span.start - begin) * scale))
        length = max(1, round((span.end - span.start) * scale))
        name = "  " * _depth(span, by_id) + span.name
        bar = " " * before + "█" * min(length, WIDTH - before)
        yield f"  {span.process:<9} {name:<36} {1000 * (span.end - span.start):8.1f} ms  {bar}"


def _depth(span: Span, by_id: dict[str, Span]) -> int:
    depth = 0
    while span.parent in by_id:
        span, depth = by_id[span.parent], depth + 1
    return depth


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m services.local.trace", description=__doc__)
    parser.add_argument("file", type=Path, help="what TRACE_TO named")
    parser.add_argument("--last", type=int, default=1, help="how many traces to draw (default 1)")
    parser.add_argument("--named", default="", help="only traces that begin so, such as 'POST /v1/conv'")
    given = parser.parse_args()
    traces = [spans for spans in read_traces(given.file) if spans[0].name.startswith(given.named)]
    for spans in traces[-given.last :]:
        print("\n".join(drawn(spans)))


if __name__ == "__main__":
    main()
