"""What the gateway and the dialogue service say to each other."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from shared.schemas.adjustment import Adjustment
from shared.schemas.base import Request, Resource

HISTORY_TURNS = 12
"""Turns that a new one may lean on: more never fit into the dialogue model's positions."""


class ReplyKind(StrEnum):
    """Whether the assistant asks back, states an instruction, or just talks."""

    CLARIFICATION = "clarification"
    EDIT = "edit"
    CHAT = "chat"


class DialogueTurn(Request):
    """An earlier turn, as the dialogue model sees it."""

    user: str
    reply_kind: ReplyKind = Field(strict=False)
    reply: str
    instruction: str | None = None


class DialogueRequest(Request):
    """All that a reply depends on; the dialogue service keeps nothing."""

    caption: str | None = None
    instructions: list[str] = Field(default_factory=list, description="carried out from root to base, oldest first")
    turns: list[DialogueTurn] = Field(default_factory=list, description="oldest first")
    text: str


class DialogueTimings(Resource):
    """Where the time of one reply went, in seconds."""

    queue_s: float = 0.0
    generate_s: float = 0.0


class DialogueReply(Resource):
    """The assistant's answer; `instruction` is there exactly when its kind is `edit`."""

    kind: ReplyKind
    text: str
    instruction: str | None = None
    undoes: bool = Field(default=False, description="somebody plainly asked to undo the last edit, and nothing else")
    takes_back: bool = Field(
        default=False, description="the instruction would only restore the picture as it was before the last edit"
    )
    adjust: Adjustment | None = Field(
        default=None, description="the instruction is that of the last edit, which shall be done again like this"
    )
    model: str
    timings: DialogueTimings = Field(default_factory=DialogueTimings)

    @model_validator(mode="after")
    def _instruction_goes_with_edit(self) -> Self:
        if (self.kind is ReplyKind.EDIT) != bool(self.instruction):
            raise ValueError("a reply has an instruction exactly when its kind is edit")
        if self.adjust is not None and self.kind is not ReplyKind.EDIT:
            raise ValueError("only an edit can be adjusted")
        return self
