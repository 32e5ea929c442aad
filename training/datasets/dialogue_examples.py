"""From dialogues to examples: every turn is one, with the turns before it as its history."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialogue_service.history import normalised
from dialogue_service.instruction import compose
from dialogue_service.sense import sensible
from shared.schemas.dialogue import DialogueRequest, DialogueTurn, ReplyKind
from shared.schemas.edit import in_order

Dialogue = Mapping[str, Any]
"""One line of a dialogue file: split, caption, instructions_before, turns (user, reply_kind, reply, instruction)."""
Draw = Callable[[random.Random], Dialogue]
"""Draws one dialogue."""


@dataclass(frozen=True)
class Example:
    """What is said to the assistant, and what it should answer: words, or the instruction of an edit.

    `meant` are the instructions that a rule of the service makes this answer of, where one does.
    """

    request: DialogueRequest
    kind: ReplyKind
    answer: str
    meant: str | None = None

    @property
    def taught(self) -> tuple[ReplyKind, str]:
        """What the model itself is taught to say."""
        return (self.kind, self.answer) if self.meant is None else (ReplyKind.EDIT, self.meant)


def examples_of(dialogue: Dialogue) -> list[Example]:
    """Every turn of a dialogue; instructions carried out so far are those before it and the earlier edit turns'."""
    done = list(dialogue["instructions_before"])
    past: list[DialogueTurn] = []
    examples = []
    for record in dialogue["turns"]:
        meant, said = record.get("meant"), {name: value for name, value in record.items() if name != "meant"}
        turn = DialogueTurn.model_validate({"instruction": None, **said})
        request = DialogueRequest(
            caption=dialogue["caption"], instructions=list(done), turns=list(past), text=turn.user
        )
        made = meant if meant and _makes(meant, request, turn) else None
        examples.append(Example(request, turn.reply_kind, turn.instruction or turn.reply, made))
        past.append(turn)
        if turn.instruction:
            done += in_order(turn.instruction)
    return examples


def _makes(meant: str, request: DialogueRequest, turn: DialogueTurn) -> bool:
    """Whether the service's rules make this turn's reply of the instructions that were meant."""
    caption = normalised(request.caption or "")
    made = sensible(compose(ReplyKind.EDIT, meant), caption, request.instructions)
    return (made.kind, made.instruction) == (turn.reply_kind, turn.instruction)


def drawn_examples(draw: Draw, count: int, seed: str) -> list[Example]:
    """This many examples, the same for the same seed."""
    rng = random.Random(seed)
    examples: list[Example] = []
    while len(examples) < count:
        examples += examples_of(draw(rng))
    return examples[:count]


def recorded(path: Path, split: str) -> Draw:
    """Draws from a JSON Lines file, dialogues of one split."""
    dialogues = [line for line in read_dialogues(path) if line["split"] == split]
    if not dialogues:
        raise ValueError(f"{path} holds no dialogue of the split {split!r}")
    return lambda rng: rng.choice(dialogues)


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """The dialogues of a JSON Lines file, in order."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
