"""W3, dialogue turns: the engine with several turns at a time against transformers' `generate` called one by one.

    python -m benchmarks.dialogue

Ids in, ids out, on one model and one thread that computes, with the same turns on every side: held-out ones that the
model answers with 8 to 48 ids. As soon as one turn is answered the next one begins (a closed loop). Rounds alternate
A B B A; the ratios are those of a round, and every answer is held against the one that `generate` gives.
"""

from __future__ import annotations

import argparse
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from benchmarks.outcome import keep, machine
from benchmarks.rounds import Spread, interleave, ratios
from dialogue_service.cores import take_half
from dialogue_service.engine import DialogueEngine, generate, load
from dialogue_service.slots import Slots
from evaluation.dialogue import test_turns

COMPANY = (1, 4, 8, 16)
PEER = "generate"
SHORTEST, LONGEST = 8, 48
"""Ids of an answer, its kind and its end included."""

Ids = Sequence[int]


@dataclass(frozen=True)
class Side:
    """Who answers: `generate`, or the engine with so many turns at a time."""

    turns_at_a_time: int | None = None


@dataclass(frozen=True)
class Round:
    """How fast one side answered all turns once, and how many answers were not those of `generate`."""

    tokens_per_s: float
    differing: int


class Bench:
    """Turns, the answers that `generate` gives to them, and both ways to find them."""

    def __init__(self, engine: DialogueEngine, count: int) -> None:
        self._model = engine.model
        self._slots = Slots.of(engine.model, max(COMPANY), engine.facts.limits.max_input_tokens)
        self.turns, self.expected = self._chosen(engine, count)
        self.tokens = sum(map(len, self.expected))

    def measure(self, side: Side, _: int = 0) -> Round:
        """Let one side answer every turn."""
        started = time.perf_counter()
        answers = self._one_by_one() if side.turns_at_a_time is None else self._together(side.turns_at_a_time)
        took = time.perf_counter() - started
        return Round(self.tokens / took, sum(a != b for a, b in zip(answers, self.expected, strict=True)))

    def _one_by_one(self) -> list[list[int]]:
        return [generate(self._model, [said])[0] for said in self.turns]

    def _together(self, most: int) -> list[list[int]]:
        waiting = deque(enumerate(self.turns))
        answers: dict[int, list[int]] = {}
        while waiting or self._slots.taken:
            if joining := dict(waiting.popleft() for _ in range(min(most - self._slots.taken, len(waiting)))):
                self._slots.join(joining)
            answers |= {key: said.ids for key, said in self._slots.step().items()}
        return [answers[key] for key in range(len(self.turns))]

    def _chosen(self, engine: DialogueEngine, count: int) -> tuple[list[Ids], list[list[int]]]:
        """The first held-out turns whose answers are neither too short nor too long, and these answers."""
        turns: list[Ids] = []
        answers = []
        for example in test_turns(6 * count):
            said = engine.history.encode(example.request)
            answer = generate(self._model, [said])[0]
            if SHORTEST <= len(answer) <= LONGEST and len(turns) < count:
                turns.append(said)
                answers.append(answer)
        return turns, answers


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dialogue", description=__doc__)
    parser.add_argument("--model", default="checkpoints/mini-dialogue")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--turns", type=int, default=48)
    parser.add_argument("--output", type=Path, default=Path("var/bench/dialogue.json"))
    arguments = parser.parse_args()
    take_half()  # as the service does
    found = compare(load(arguments.model, arguments.device, arguments.dtype), arguments.turns, arguments.rounds)
    keep(arguments.output, found)
    print(table(found))


def compare(engine: DialogueEngine, turns: int, rounds: int) -> dict[str, object]:
    """Alternate all sides for some rounds, after each has answered once unmeasured."""
    bench = Bench(engine, turns)
    sides = {PEER: Side(), **{f"engine, {turns} at a time": Side(turns) for turns in COMPANY}}
    for side in sides.values():
        bench.measure(side)
    found = interleave(sides, rounds, bench.measure)
    return {
        "machine": {**machine(), "threads": torch.get_num_threads()},
        "model": {"name": engine.facts.name, "device": engine.facts.device, "dtype": engine.facts.dtype},
        "turns": len(bench.turns),
        "tokens": bench.tokens,
        "sides": {name: _summed_up(measured, found[PEER]) for name, measured in found.items()},
    }


def _summed_up(measured: Sequence[Round], peer: Sequence[Round]) -> dict[str, object]:
    speeds = [one.tokens_per_s for one in measured]
    return {
        "tokens_per_s": speeds,
        "times_generate": asdict(ratios(speeds, [one.tokens_per_s for one in peer])),
        "differing": max(one.differing for one in measured),
    }


def table(found: dict[str, object]) -> str:
    """The comparison as Markdown."""
    sides = found["sides"]
    assert isinstance(sides, dict)
    lines = ["| side | tokens/s | as a multiple of generate | range | answers that differ |", "|---|---|---|---|---|"]
    for name, side in sides.items():
        times, spread = Spread(**side["times_generate"]).times()
        speed = Spread.of(side["tokens_per_s"]).median
        lines.append(f"| {name} | {speed:.0f} | {times} | {spread} | {side['differing']} of {found['turns']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
