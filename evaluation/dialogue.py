"""How well the dialogue model answers dialogues whose phrases and scenes training never saw.

    python -m evaluation.dialogue --model checkpoints/mini-dialogue --turns 600

- kind: share of turns answered with the right kind of reply (edit, question, small talk)
- hasty: share of turns to which a question is due, and which are answered with an edit instead
- instruction: of the turns that ask for an edit, the share whose instruction makes the same change as the true one
- perplexity: exponential of the mean loss per token of the true answers, control token and end included
- questions: mean number of questions before the right instruction, where the truth needs one. The user's next words
  answer the true question, whatever the model asked; who is asked again counts as two, a wrong edit is left out.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dialogue_service.engine import DialogueEngine, load, surprise
from evaluation.shares import Share, share
from shared.schemas.dialogue import DialogueReply, DialogueRequest, DialogueTurn, ReplyKind
from shared.schemas.edit import in_order
from training.datasets.changes import family_of
from training.datasets.dialogue_examples import Draw, Example, drawn_examples, recorded
from training.datasets.dialogues import simulate
from training.datasets.instructions import parse

ROWS = 32
SEED = "evaluation"


Confusion = dict[str, dict[str, int]]
"""How often each kind of reply was given (inner) where each was due (outer)."""


@dataclass(frozen=True)
class DialogueReport:
    """Everything measured on some test turns."""

    perplexity: float
    kind: Share
    instruction: Share
    by_kind: dict[str, Share]
    by_family: dict[str, Share]
    confusion: Confusion
    hasty: Share
    questions: float

    def rows(self) -> list[tuple[str, str]]:
        """Name and value of each measure."""
        return [
            ("dialogue perplexity", f"{self.perplexity:.3f}"),
            ("reply kind", str(self.kind)),
            *((f"– {name}", str(found)) for name, found in self.by_kind.items()),
            ("edit where a question was due", str(self.hasty)),
            ("instruction", str(self.instruction)),
            *((f"– {name}", str(found)) for name, found in self.by_family.items()),
            ("questions where one is enough", f"{self.questions:.2f}"),
        ]


@dataclass(frozen=True)
class Mistake:
    """A turn answered wrong."""

    example: Example
    reply: DialogueReply


def measure(engine: DialogueEngine, examples: Sequence[Example]) -> tuple[DialogueReport, list[Mistake]]:
    """Let the model answer every turn, given the true history; returns the measures and the mistakes."""
    replies = answered(engine, examples)
    kinds: dict[str, list[bool]] = defaultdict(list)
    families: dict[str, list[bool]] = defaultdict(list)
    mistakes = []
    for example, reply in zip(examples, replies, strict=True):
        kinds[example.kind.value].append(reply.kind is example.kind)
        if example.kind is ReplyKind.EDIT:
            families[_family(example)].append(same_change(example, reply))
        if reply.kind is not example.kind or (example.kind is ReplyKind.EDIT and not same_change(example, reply)):
            mistakes.append(Mistake(example, reply))
    confusion = confused((example.kind, reply.kind) for example, reply in zip(examples, replies, strict=True))
    report = DialogueReport(
        perplexity=perplexity(engine, examples),
        kind=_pooled(kinds),
        instruction=_pooled(families),
        by_kind={name: share(marks) for name, marks in sorted(kinds.items())},
        by_family={name: share(marks) for name, marks in sorted(families.items())},
        confusion=confusion,
        hasty=hasty(confusion),
        questions=questions_needed(engine, examples),
    )
    return report, mistakes


def confused(pairs: Iterable[tuple[ReplyKind, ReplyKind]]) -> Confusion:
    """Count pairs of the kind that was due and the kind that was given."""
    counts = {due.value: {given.value: 0 for given in ReplyKind} for due in ReplyKind}
    for due, given in pairs:
        counts[due.value][given.value] += 1
    return counts


def hasty(confusion: Confusion) -> Share:
    """The share of turns to which a question was due and which were answered with an edit."""
    due = confusion[ReplyKind.CLARIFICATION.value]
    return Share(due[ReplyKind.EDIT.value], sum(due.values()))


def test_turns(count: int) -> list[Example]:
    """Turns of simulated dialogues whose phrases and scenes training never saw, always the same ones."""
    return drawn_examples(lambda rng: simulate(rng, "test"), count, SEED)


def answered(engine: DialogueEngine, examples: Sequence[Example]) -> list[DialogueReply]:
    """The model's reply to each example."""
    return replies_to(engine, [example.request for example in examples])


def replies_to(engine: DialogueEngine, requests: Sequence[DialogueRequest]) -> list[DialogueReply]:
    """The model's reply to each request, in batches."""
    return [reply for start in range(0, len(requests), ROWS) for reply in engine.reply(requests[start : start + ROWS])]


def same_change(example: Example, reply: DialogueReply) -> bool:
    """Whether the reply's instruction makes the true change, in whatever wording."""
    if reply.instruction is None:
        return False
    meant = parse(example.answer)
    return reply.instruction == example.answer if meant is None else parse(reply.instruction) == meant


def perplexity(engine: DialogueEngine, examples: Sequence[Example]) -> float:
    """Exponential of the mean loss per token of the true answers."""
    total, tokens = 0.0, 0
    for start in range(0, len(examples), ROWS):
        part = examples[start : start + ROWS]
        answers = [engine.history.encode_answer(*example.taught) for example in part]
        total += surprise(engine.model, [engine.history.encode(example.request) for example in part], answers)
        tokens += sum(map(len, answers))
    return math.exp(total / tokens)


def questions_needed(engine: DialogueEngine, examples: Sequence[Example]) -> float:
    """Mean questions before the right instruction, over the places where the truth asks once and then edits."""
    places = [
        (asking, editing)
        for asking, editing in itertools.pairwise(examples)
        if asking.kind is ReplyKind.CLARIFICATION
        and editing.kind is ReplyKind.EDIT
        and len(editing.request.turns) == len(asking.request.turns) + 1
    ]
    first = answered(engine, [asking for asking, _ in places])
    second = answered(engine, [_after(editing, reply) for (_, editing), reply in zip(places, first, strict=True)])
    counts = []
    for (_, editing), at_once, later in zip(places, first, second, strict=True):
        if at_once.kind is ReplyKind.EDIT:
            counts += [0] if same_change(editing, at_once) else []
        elif later.kind is ReplyKind.CLARIFICATION:
            counts.append(2)
        elif same_change(editing, later):
            counts.append(1)
    return sum(counts) / len(counts) if counts else math.nan


def _after(editing: Example, said: DialogueReply) -> Example:
    """The turn after a question, with what the model said itself in the place of the true question."""
    last = editing.request.turns[-1]
    turn = DialogueTurn(user=last.user, reply_kind=said.kind, reply=said.text, instruction=said.instruction)
    request = editing.request.model_copy(update={"turns": [*editing.request.turns[:-1], turn]})
    return Example(request, editing.kind, editing.answer)


def _family(example: Example) -> str:
    if len(in_order(example.answer)) > 1:
        return "two wishes"
    change = parse(example.answer)
    return "open words" if change is None else family_of(change)


def _pooled(groups: dict[str, list[bool]]) -> Share:
    return share(mark for marks in groups.values() for mark in marks)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.dialogue", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--model", default="checkpoints/mini-dialogue", help="folder or hub id")
    parser.add_argument("--turns", type=int, default=600, help="how many turns are judged")
    parser.add_argument("--data", type=Path, help="dialogues as JSON Lines instead of the simulator")
    parser.add_argument("--split", default="test", choices=("test", "validation", "train"))
    parser.add_argument("--mistakes", type=int, default=0, help="how many mistakes to print")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    draw: Draw = recorded(given.data, given.split) if given.data else lambda rng: simulate(rng, given.split)
    report, mistakes = measure(load(given.model), drawn_examples(draw, given.turns, SEED))
    print("\n".join(["| measure | found |", "|---|---|", *(f"| {name} | {value} |" for name, value in report.rows())]))
    for mistake in mistakes[: given.mistakes]:
        request, reply = mistake.example.request, mistake.reply
        print(f"\n{request.caption} | {'; '.join(request.instructions)}\n  “{request.text}”")
        print(f"  due: {mistake.example.kind.value}: {mistake.example.answer}")
        print(f"  got: {reply.kind.value}: {reply.instruction or reply.text}")
    if given.json:
        given.json.write_text(json.dumps(asdict(report), indent=2) + "\n")


if __name__ == "__main__":
    main()
