"""How soon a busy worker shows a new edit's first step, and lets go of one that is cancelled; in steps of that worker.

    python -m benchmarks.responsiveness

Edits of many steps are in flight in a running stack; another one is submitted and followed by its events. A step's
length is read off the neighbours' progress in the same seconds. Everything goes over HTTP, as a client sees it.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.jobs import INSTRUCTION, Picture
from benchmarks.outcome import keep
from benchmarks.processes import silent
from services.local.api import Api
from services.local.stack import Stack
from shared.schemas.events import EventType
from training.datasets.drawing import render
from training.datasets.world import sample_scene

IN_FLIGHT, STEPS = 8, 100
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

    api: Api
    edit_id: str
    arrived: list[tuple[float, EventType, int]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def listen(self) -> None:
        """Follow the stream to its end, in a thread of its own."""
        for event in self.api.events(f"/v1/edits/{self.edit_id}/events", after="0"):
            with self.changed:
                self.arrived.append((time.perf_counter(), EventType(event.name), event.data.get("step", 0)))
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
    api, moments = Api(url), random.Random(rounds)
    with api.http:
        return [_look(api, in_flight, steps, moments) for _ in range(rounds)]


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


def _look(api: Api, in_flight: int, steps: int, moments: random.Random) -> Round:
    picture = api.upload(Picture.of(render(sample_scene(random.Random(7)))).png)
    with _company(api, picture, in_flight, steps) as others:
        # The company's last event told that a step had just ended; people come at any moment of one.
        time.sleep(moments.uniform(0, others[-1].step_s()))
        asked = time.perf_counter()
        with _followed(api, picture, steps) as newcomer:
            first = newcomer.first(EventType.EDIT_PROGRESS)
            time.sleep(moments.uniform(0, others[-1].step_s()))
            canceled = time.perf_counter()
            api.cancel(newcomer.edit_id)
            over = newcomer.first(EventType.EDIT_CANCELED, EventType.EDIT_SUCCEEDED)
        return Round(statistics.median(other.step_s() for other in others), first - asked, over - canceled)


@contextmanager
def _company(api: Api, picture: str, count: int, steps: int) -> Iterator[list[Followed]]:
    """Edits that are all under way, cancelled at the end."""
    others = [_submitted(api, picture, steps) for _ in range(count)]
    threads = [threading.Thread(target=other.listen) for other in others]
    for thread in threads:
        thread.start()
    try:
        for other in others:
            other.wait_for_step(LATELY)
        yield others
    finally:
        for other in others:
            api.cancel(other.edit_id)
        for thread in threads:
            thread.join(LONGEST_S)


@contextmanager
def _followed(api: Api, picture: str, steps: int) -> Iterator[Followed]:
    edit = _submitted(api, picture, steps)
    thread = threading.Thread(target=edit.listen)
    thread.start()
    yield edit
    thread.join(LONGEST_S)


def _submitted(api: Api, picture: str, steps: int) -> Followed:
    return Followed(api, api.submit(picture, INSTRUCTION, parameters={"steps": steps})["id"])


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
            Stack(Path(state), silent, settings=slots) as stack,
        ):
            rounds = measure(stack.url, given.rounds)
    keep(given.output, [asdict(each) for each in rounds])
    print(table(rounds))


if __name__ == "__main__":
    main()
