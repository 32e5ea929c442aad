"""Traces go where the settings say, hold together across processes, and are nothing while nobody asks for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.local.trace import drawn, read_traces
from shared import tracing

TWO_PROCESSES = """
import sys
from shared.tracing import configure_tracing, flush_traces, resumed, span, traceparent
configure_tracing(sys.argv[1], sys.argv[2])
if sys.argv[2] == "gateway":
    with span("turn"), span("accept", edit_id="edit_1"):
        print(traceparent())
else:
    with resumed("edit", sys.argv[3]), span("edit.load"):
        pass
flush_traces()
"""


def process(*arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", TWO_PROCESSES, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return ended.stdout.strip()


def test_nothing_is_traced_and_nothing_handed_on_by_default() -> None:
    tracing.configure_tracing("", "gateway")
    with tracing.span("turn"), tracing.resumed("edit", None, edit_id="edit_1"):
        assert tracing.traceparent() is None
        assert tracing.to_send() == {}
    tracing.flush_traces()


def test_one_turn_is_one_trace_through_two_processes(tmp_path: Path) -> None:
    file = tmp_path / "state" / "traces.jsonl"
    parent = process(str(file), "gateway")
    process(str(file), "editing", parent)
    [spans] = read_traces(file)
    assert [(span.process, span.name) for span in spans] == [
        ("gateway", "turn"), ("gateway", "accept"), ("editing", "edit"), ("editing", "edit.load"),
    ]  # fmt: skip
    ids = {span.name: span.id for span in spans}
    assert [span.parent for span in spans] == [None, ids["turn"], ids["accept"], ids["edit"]]
    heading, *lines = drawn(spans)
    assert heading.startswith("turn, ")
    assert [line.split()[:2] for line in lines] == [[span.process, span.name] for span in spans]
    assert all("█" in line for line in lines)
    attributes = [json.loads(line)["attributes"] for line in file.read_text().splitlines()]
    assert {"edit_id": "edit_1"} in attributes


def test_without_the_packages_it_is_said_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(tracing.TracingUnavailable, match=r"dialogpaint\[trace\]"):
        tracing.configure_tracing("http://127.0.0.1:4318/v1/traces", "gateway")
