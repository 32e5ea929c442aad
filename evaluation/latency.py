"""How long one reply and one edit take, one at a time, in process and without the network."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from dialogue_service.engine import DialogueEngine
from editing_service.device import cores
from evaluation.dialogue import test_turns
from evaluation.editing import drawn_triples
from evaluation.editor import Editor, EditSettings
from evaluation.pixels import pixels_of
from training.datasets.instructions import phrase

SEED = 67_000


@dataclass(frozen=True)
class Durations:
    """Median and 95th percentile in seconds over some calls."""

    median_s: float
    p95_s: float
    count: int

    def __str__(self) -> str:
        """The durations as the report prints them."""
        return f"{1000 * self.median_s:.0f} ms, p95 {1000 * self.p95_s:.0f} ms ({self.count} calls)"


@dataclass(frozen=True)
class LatencyReport:
    """Durations on a machine with this many cores and kind of device."""

    reply: Durations
    edit: Durations
    cores: int
    device: str


def measure(engine: DialogueEngine, editor: Editor, count: int, settings: EditSettings) -> LatencyReport:
    """Time `count` replies and as many edits of new pictures, after a warm-up each."""
    requests = [example.request for example in test_turns(count)]
    triples = drawn_triples(count, SEED)
    sources = [pixels_of(triple.before) for triple in triples]
    texts = [phrase(triple.change) for triple in triples]
    engine.warm_up()
    editor.edit(sources[-1], "make it sepia", settings)
    return LatencyReport(
        reply=durations(_timed(lambda index: engine.reply([requests[index]]), count)),
        edit=durations(_timed(lambda index: editor.edit(sources[index], texts[index], settings), count)),
        cores=cores(),
        device=editor.model.device.type,
    )


def durations(seconds: list[float]) -> Durations:
    """Summarise at least two durations."""
    p95 = statistics.quantiles(seconds, n=20, method="inclusive")[-1]
    return Durations(statistics.median(seconds), p95, len(seconds))


def _timed(call: Callable[[int], object], count: int) -> list[float]:
    seconds = []
    for index in range(count):
        started = time.perf_counter()
        call(index)
        seconds.append(time.perf_counter() - started)
    return seconds
