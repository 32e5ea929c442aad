"""A turn: what the user said together with what the system answered."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.schemas.adjustment import TurnAdjustment
from shared.schemas.base import Moment, Request, Resource, Text, WebhookUrl
from shared.schemas.dialogue import ReplyKind
from shared.schemas.edit import Edit
from shared.schemas.parameters import EditParameters

HEAD, ROOT = "head", "root"
Base = Annotated[str, StringConstraints(pattern=r"^(head|root|rev_[A-Za-z0-9_-]{1,64})$")]


class TurnRequest(Request):
    """Something said in a conversation."""

    text: Text
    parameters: EditParameters | None = None
    base: Base = Field(default=HEAD, description="the revision to start from: `head`, `root` or a revision id")
    run: bool = Field(default=True, description="false returns the instruction for approval and starts nothing")
    webhook_url: WebhookUrl | None = None


class Reply(Resource):
    """What the assistant answers."""

    kind: ReplyKind
    text: str


class Turn(Resource):
    """One exchange; `edit` is there when the instruction was explicit and is being carried out."""

    number: int
    text: str
    reply: Reply
    instruction: str | None = None
    edit: Edit | None = None
    base_revision_id: str
    head_revision_id: str | None = Field(
        default=None, description="where this turn moved the head at once, as undoing in words does; else null"
    )
    adjust: TurnAdjustment | None = Field(
        default=None, description="how the last edit is done again, where somebody said “less” or “stronger”; else null"
    )
    created_at: Moment
