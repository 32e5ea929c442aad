"""How soon a busy worker shows a new edit's first step, and lets go of one that is cancelled; in steps of that worker.

    python -m benchmarks.responsiveness

Edits of many steps are in flight in a running stack; another one is submitted and followed by its events. A step's
length is read off the neighbours' progress in the same seconds. Everything goes over HTTP, as a client sees it.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from services.local.stack import Stack
from shared.schemas.events import EventType
from training.datasets.drawing import render
from training.datasets.world import sample_scene

IN_FLIGHT, STEPS, INSTRUCTION = 8, 100, "make it night"
MARGIN_S = 0.015
"""What the way between the processes may take besides."""
LONGEST_S = 60.0
LATELY = 10
"""Progress events that a step's length is read from."""


@dataclass(frozen=True)
class Round:
    """One look: seconds of a step with company, until a new edit's first progress, until a cancelled one's end."""

    step_s: float
    first_s: float
    canceled_s: float

    @property
    def first_steps(self) -> float:
        """Steps until the first progress, beyond the margin."""
        return (self.first_s - MARGIN_S) / self.step_s

    @property
    def canceled_steps(self) -> float:
        """Steps until the cancelled edit is over, beyond the margin."""
        return (self.canceled_s - MARGIN_S) / self.step_s


@dataclass
class Followed:
    """An edit and when its events arrived, on the clock of time.perf_counter, with the step that each told of."""

    client: httpx.Client
    edit_id: str
    arrived: list[tuple[float, EventType, int]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Follow the stream to its end, in a thread of its own."""
        with self.client.stream("GET", f"/v1/edits/{self.edit_id}/events") as answer:
            kind = ""
            for line in answer.iter_lines():
                kind = line.removeprefix("event: ") if line.startswith("event: ") else kind
                if line.startswith("data: "):
                    step = json.loads(line.removeprefix("data: ")).get("step", 0)
                    with self.changed:
                        self.arrived.append((time.perf_counter(), EventType(kind), step))
                        self.changed.notify_all()

    def first(self, *kinds: EventType) -> float:
        """When the first event of these kinds arrived, waiting for it."""
        with self.changed:
            found = self.changed.wait_for(lambda: [at for at, kind, _ in self.arrived if kind in kinds], LONGEST_S)
        if not found:
            raise TimeoutError(f"{self.edit_id}: none of {', '.join(kinds)}")
        return found[0]

    def step_s(self) -> float:
        """Seconds of a step lately: several may be told of at once."""
        told = [(at, step) for at, kind, step in list(self.arrived) if kind is EventType.EDIT_PROGRESS][-LATELY:]
        (began, first), (ended, last) = told[0], told[-1]
        return (ended - began) / (last - first)

    def wait_for_step(self, step: int) -> None:
        """Return once the edit is so far."""
        with self.changed:
            self.changed.wait_for(lambda: any(done >= step for _, _, done in self.arrived), LONGEST_S)


def measure(url: str, rounds: int, in_flight: int = IN_FLIGHT, steps: int = STEPS) -> list[Round]:
    """Look several times at a running stack whose worker has more slots than edits in flight."""
    with httpx.Client(base_url=url, timeout=LONGEST_S, trust_env=False) as client:
        return [_look(client, in_flight, steps) for _ in range(rounds)]


def table(rounds: Sequence[Round]) -> str:
    """The rounds as Markdown."""
    rows = {
        "first progress of a new edit, steps beyond 15 ms": [each.first_steps for each in rounds],
        "end of a cancelled edit, steps beyond 15 ms": [each.canceled_steps for each in rounds],
        "one step with company, ms": [1000 * each.step_s for each in rounds],
    }
    lines = [
        f"| {name} | {statistics.median(values):.2f} | {min(values):.2f} … {max(values):.2f} |"
        for name, values in rows.items()
    ]
    return "\n".join([f"| {IN_FLIGHT} edits in flight | median | range |", "|---|---|---|", *lines])


def _look(client: httpx.Client, in_flight: int, steps: int) -> Round:
    with _company(client, in_flight, steps) as others:
        asked = time.perf_counter()
        with _followed(client, steps) as newcomer:
            first = newcomer.first(EventType.EDIT_PROGRESS)
            canceled = time.perf_counter()
            client.post(f"/v1/edits/{newcomer.edit_id}/cancel").raise_for_status()
            over = newcomer.first(EventType.EDIT_CANCELED, EventType.EDIT_SUCCEEDED)
        return Round(statistics.median(other.step_s() for other in others), first - asked, over - canceled)


@contextmanager
def _company(client: httpx.Client, count: int, steps: int) -> Iterator[list[Followed]]:
    """Edits that are all under way, cancelled at the end."""
    others = [_submitted(client, steps) for _ in range(count)]
    threads = [threading.Thread(target=other.listen) for other in others]
    for thread in threads:
        thread.start()
    try:
        for other in others:
            other.wait_for_step(LATELY)
        yield others
    finally:
        for other in others:
            client.post(f"/v1/edits/{other.edit_id}/cancel").raise_for_status()
        for thread in threads:
            thread.join(LONGEST_S)


@contextmanager
def _followed(client: httpx.Client, steps: int) -> Iterator[Followed]:
    edit = _submitted(client, steps)
    thread = threading.Thread(target=edit.listen)
    thread.start()
    yield edit
    thread.join(LONGEST_S)


def _submitted(client: httpx.Client, steps: int) -> Followed:
    picture = io.BytesIO()
    render(sample_scene(random.Random(7))).save(picture, "PNG")
    content, kind = picture.getvalue(), {"Content-Type": "image/png"}
    image_id = client.post("/v1/images", content=content, headers=kind).raise_for_status().json()["id"]
    body = {"image_id": image_id, "instruction": INSTRUCTION, "parameters": {"steps": steps}}
    return Followed(client, client.post("/v1/edits", json=body).raise_for_status().json()["id"])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.responsiveness", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--base-url", help="a running stack with more than 8 ENGINE_SLOTS (default: one is started)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--output", type=Path, default=Path("var/bench/responsiveness.json"))
    given = parser.parse_args()
    if given.base_url:
        rounds = measure(given.base_url, given.rounds)
    else:
        slots = {"ENGINE_SLOTS": str(2 * IN_FLIGHT)}
        with (
            tempfile.TemporaryDirectory(prefix="dialogpaint-bench-") as state,
            Stack(Path(state), lambda *_: None, settings=slots) as stack,
        ):
            rounds = measure(stack.url, given.rounds)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps([asdict(each) for each in rounds], indent=2) + "\n")
    print(table(rounds))


if __name__ == "__main__":
    main()
