"""Turns in a stranger's own words, written before looking at the training grammar: is kind and instruction right?

The turns about scenes lie in `strangers.jsonl` and, written later by somebody who knew neither grammar nor misses, in
`newcomers.jsonl`; those about photographs' captions in `coco_turns.jsonl`. Beside them stand the turns of the written
dialogues (`training/datasets/written`) that training leaves out. An instruction is right when it means the
same change as an accepted one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialogue_service.doubt import offer_in
from dialogue_service.engine import DialogueEngine
from evaluation.dialogue import Confusion, confused, replies_to
from evaluation.shares import Share, share
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from training.datasets.dialogue_examples import examples_of
from training.datasets.instructions import parse
from training.datasets.written.reading import told, written_dialogues

TURNS = Path(__file__).parent / "strangers.jsonl"
NEWCOMERS = Path(__file__).parent / "newcomers.jsonl"
COCO_TURNS = Path(__file__).parent / "coco_turns.jsonl"


@dataclass(frozen=True)
class StrangerTurn:
    """What a stranger says, in what situation, and which answers are right."""

    id: str
    request: DialogueRequest
    kind: ReplyKind
    accept: tuple[str, ...]


@dataclass(frozen=True)
class StrangerResult:
    """One answered turn."""

    turn: StrangerTurn
    reply: DialogueReply
    right: bool


def read_turns(path: Path = TURNS) -> list[StrangerTurn]:
    """Read the held-out turns; raises ValueError where one is malformed."""
    return [_read(json.loads(line)) for line in path.read_text().splitlines() if line.strip()]


def written_turns() -> list[StrangerTurn]:
    """The turns of the hand-written dialogues that are kept from training."""
    examples = [example for written in written_dialogues(held_out=True) for example in examples_of(told(written))]
    return [
        StrangerTurn(f"written-{number}", example.request, example.kind, (example.answer,))
        for number, example in enumerate(examples, start=1)
    ]


def measure(engine: DialogueEngine, turns: Sequence[StrangerTurn]) -> list[StrangerResult]:
    """Let the model answer every turn, and judge it."""
    replies = replies_to(engine, [turn.request for turn in turns])
    return [StrangerResult(turn, reply, is_right(turn, reply)) for turn, reply in zip(turns, replies, strict=True)]


def is_right(turn: StrangerTurn, reply: DialogueReply) -> bool:
    """Right kind, and for an edit the same change as one of the accepted instructions."""
    if reply.kind is not turn.kind:
        return False
    if reply.instruction is None:
        return True
    meant = parse(reply.instruction)
    return any(reply.instruction == text or (meant is not None and meant == parse(text)) for text in turn.accept)


def asked_first(results: Sequence[StrangerResult]) -> Share:
    """The turns that were to become an edit and were answered by asking whether that edit is meant; none is right."""
    return share(_offers_the_right_thing(result) for result in results)


def share_right(results: Sequence[StrangerResult]) -> Share:
    """The turns answered right."""
    return share(result.right for result in results)


def confusion_of(results: Sequence[StrangerResult]) -> Confusion:
    """The kinds of reply given where each was due."""
    return confused((result.turn.kind, result.reply.kind) for result in results)


def misses(results: Sequence[StrangerResult]) -> list[str]:
    """What was said, answered and due, for every turn answered wrong."""
    return [
        f"{result.turn.id}: “{result.turn.request.text}” → {result.reply.kind} "
        f"“{result.reply.instruction or result.reply.text}”, due was {_due(result.turn)}"
        for result in results
        if not result.right
    ]


def _offers_the_right_thing(result: StrangerResult) -> bool:
    offered = offer_in(result.reply.text) if result.reply.kind is ReplyKind.CLARIFICATION else None
    if offered is None or result.turn.kind is not ReplyKind.EDIT:
        return False
    return is_right(result.turn, result.reply.model_copy(update={"kind": ReplyKind.EDIT, "instruction": offered}))


def _due(turn: StrangerTurn) -> str:
    return f"{turn.kind} {' or '.join(f'“{text}”' for text in turn.accept)}".strip()


def _read(record: dict[str, object]) -> StrangerTurn:
    request = DialogueRequest.model_validate(
        {name: record[name] for name in ("caption", "instructions", "turns", "text")}
    )
    accept = record["accept"]
    assert isinstance(accept, list)
    return StrangerTurn(str(record["id"]), request, ReplyKind(str(record["kind"])), tuple(str(text) for text in accept))
