"""A conversation, its turns, and the tree of its revisions."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from dialogpaint.models.base import Answer
from dialogpaint.models.edit import Edit
from dialogpaint.models.parameters import EditParameters
from dialogpaint.pictures import Picture


class ReplyKind(StrEnum):
    """Whether the assistant asks back, states an instruction, or just talks."""

    CLARIFICATION = "clarification"
    EDIT = "edit"
    CHAT = "chat"


class Reply(Answer):
    """What the assistant answers."""

    kind: ReplyKind
    text: str


class Turn(Answer):
    """What was said together with what came of it: a question, small talk, or an instruction and its edit."""

    number: int
    text: str
    reply: Reply
    instruction: str | None = None
    edit: Edit | None = None
    base_revision_id: str
    head_revision_id: str | None = None  # where it moved the head at once, as undoing in words does
    created_at: datetime

    @property
    def question(self) -> str | None:
        """What the assistant wants to know before it edits; None if it asked nothing."""
        return self.reply.text if self.reply.kind is ReplyKind.CLARIFICATION else None

    @property
    def picture(self) -> Picture | None:
        """The picture that this turn led to; None for a question, small talk, or an edit nobody waited for."""
        return self.edit.picture if self.edit else None


class Revision(Answer):
    """A picture in a conversation's tree: the root, or the result of an edit on its parent."""

    id: str
    parent_id: str | None = None
    image_id: str
    instruction: str | None = None
    prior_instructions: list[str] = Field(default_factory=list)
    edit_id: str | None = None
    created_at: datetime


class ConversationUrls(Answer):
    """Where a conversation can be read, followed and gone on with."""

    self: str
    turns: str
    revisions: str
    head: str
    events: str
    export: str
    root_image: str


class ConversationRecord(Answer):
    """A conversation as the server keeps it; `version` grows with every change."""

    id: str
    title: str | None = None
    caption: str | None = None
    head_revision_id: str
    root_revision_id: str
    root_image_id: str
    defaults: EditParameters = EditParameters()
    turn_count: int = 0
    unfinished_edit_id: str | None = None
    version: int
    created_at: datetime
    updated_at: datetime
    urls: ConversationUrls
