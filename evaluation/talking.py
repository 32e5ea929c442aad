"""Whole conversations in process: a simulated user and the dialogue model, many conversations side by side."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from dialogue_service.engine import DialogueEngine
from evaluation.dialogue import replies_to
from evaluation.user import User
from shared.schemas.dialogue import HISTORY_TURNS, DialogueReply, DialogueRequest, DialogueTurn
from shared.schemas.edit import in_order
from training.datasets.changes import Change, apply
from training.datasets.instructions import parse
from training.datasets.world import Scene

MOST_ANSWERS = 4
"""Questions a user answers before giving a wish up."""


@dataclass(frozen=True)
class Goal:
    """A scene and what somebody wants to be changed in it, one wish after the other."""

    scene: Scene
    changes: tuple[Change, ...]

    @property
    def truth(self) -> Scene:
        """The scene once all wishes are fulfilled."""
        return reduce(apply, self.changes, self.scene)


@dataclass(frozen=True)
class Exchange:
    """What the user said and what the assistant answered."""

    said: str
    reply: DialogueReply


@dataclass(frozen=True)
class WishTold:
    """How one wish went: what was said, and the instruction that came of it (None where the user gave up)."""

    exchanges: tuple[Exchange, ...]
    instruction: str | None

    @property
    def opening(self) -> str:
        """The user's first words."""
        return self.exchanges[0].said

    @property
    def questions(self) -> int:
        """Answers of the assistant that were no edit."""
        return len(self.exchanges) - (self.instruction is not None)

    def meant(self, change: Change) -> bool:
        """Whether the instruction makes this change."""
        return makes(self.instruction, change)


@dataclass
class _Conversation:
    """One conversation as it goes on."""

    user: User
    waiting: list[Change]
    said: str = ""
    turns: list[DialogueTurn] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    told: list[WishTold] = field(default_factory=list)

    def request(self) -> DialogueRequest:
        """What the gateway would ask the dialogue service now."""
        return DialogueRequest(
            caption=self.user.caption,
            instructions=list(self.instructions),
            turns=self.turns[-HISTORY_TURNS:],
            text=self.said,
        )

    def hear(self, reply: DialogueReply) -> None:
        """Record a reply; answer it, or go on to the next wish."""
        self.exchanges.append(Exchange(self.said, reply))
        self.turns.append(
            DialogueTurn(user=self.said, reply_kind=reply.kind, reply=reply.text, instruction=reply.instruction)
        )
        if reply.instruction:
            self.instructions += in_order(reply.instruction)
        if reply.instruction or len(self.exchanges) > MOST_ANSWERS:
            self.told.append(WishTold(tuple(self.exchanges), reply.instruction))
            self.user.takes()
            self.next_wish()
        else:
            self.said = self.user.answer(reply.kind, reply.text)

    def next_wish(self) -> None:
        """Say what is wanted next, if there is anything."""
        self.exchanges = []
        self.said = self.user.wants(self.waiting.pop(0)) if self.waiting else ""


def makes(instruction: str | None, change: Change) -> bool:
    """Whether an instruction, if there is one, makes this change."""
    return instruction is not None and parse(instruction) == change


def meant(goal: Goal, told: Sequence[WishTold]) -> list[bool]:
    """For each wish of a goal, whether what came of it makes the change that was wanted."""
    return [wish.meant(change) for change, wish in zip(goal.changes, told, strict=True)]


def instructions(told: Sequence[WishTold]) -> list[str]:
    """The instructions that came of some wishes, in their order."""
    return [step for wish in told if wish.instruction for step in in_order(wish.instruction)]


def talk_over(engine: DialogueEngine, goals: Sequence[Goal], seed: str) -> list[list[WishTold]]:
    """Let simulated users talk their wishes over with the model; for each goal, how each of its wishes went."""
    conversations = [
        _Conversation(User(random.Random(f"{seed}/{index}"), goal.scene), list(goal.changes))
        for index, goal in enumerate(goals)
    ]
    for conversation in conversations:
        conversation.next_wish()
    while going_on := [conversation for conversation in conversations if conversation.said]:
        replies = replies_to(engine, [conversation.request() for conversation in going_on])
        for conversation, reply in zip(going_on, replies, strict=True):
            conversation.hear(reply)
    return [conversation.told for conversation in conversations]
