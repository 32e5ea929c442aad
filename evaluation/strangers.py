"""Turns in a stranger's own words, written before looking at the training grammar: is kind and instruction right?

The turns lie in `strangers.jsonl`; an instruction is right when it means the same change as an accepted one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialogue_service.engine import DialogueEngine
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from training.datasets.instructions import parse

TURNS = Path(__file__).parent / "strangers.jsonl"


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


def measure(engine: DialogueEngine, turns: Sequence[StrangerTurn]) -> list[StrangerResult]:
    """Let the model answer every turn, and judge it."""
    replies = engine.reply([turn.request for turn in turns])
    return [StrangerResult(turn, reply, is_right(turn, reply)) for turn, reply in zip(turns, replies, strict=True)]


def is_right(turn: StrangerTurn, reply: DialogueReply) -> bool:
    """Right kind, and for an edit the same change as one of the accepted instructions."""
    if reply.kind is not turn.kind:
        return False
    if reply.instruction is None:
        return True
    meant = parse(reply.instruction)
    return any(reply.instruction == text or (meant is not None and meant == parse(text)) for text in turn.accept)


def share_right(results: Sequence[StrangerResult]) -> float:
    """Percent of turns answered right."""
    return 100 * sum(result.right for result in results) / len(results)


def _read(record: dict[str, object]) -> StrangerTurn:
    request = DialogueRequest.model_validate(
        {name: record[name] for name in ("caption", "instructions", "turns", "text")}
    )
    accept = record["accept"]
    assert isinstance(accept, list)
    return StrangerTurn(str(record["id"]), request, ReplyKind(str(record["kind"])), tuple(str(text) for text in accept))
