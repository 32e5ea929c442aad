"""What happens to conversations and edits, as it is told to those who listen."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from shared.schemas.base import Moment, Resource
from shared.schemas.edit import Edit


class EventType(StrEnum):
    """The events of a stream; the three after `edit.preview` are terminal."""

    TURN_CREATED = "turn.created"
    EDIT_QUEUED = "edit.queued"
    EDIT_STARTED = "edit.started"
    EDIT_PROGRESS = "edit.progress"
    EDIT_PREVIEW = "edit.preview"
    EDIT_SUCCEEDED = "edit.succeeded"
    EDIT_FAILED = "edit.failed"
    EDIT_CANCELED = "edit.canceled"
    HEAD_MOVED = "head.moved"

    @property
    def is_terminal(self) -> bool:
        """Whether this event is the last one of its edit."""
        return self in TERMINAL_EVENTS


TERMINAL_EVENTS = frozenset({EventType.EDIT_SUCCEEDED, EventType.EDIT_FAILED, EventType.EDIT_CANCELED})


class Event(Resource):
    """One entry of a stream; ids count 1, 2, 3 … without a gap within a stream."""

    id: int
    event: EventType
    at: Moment
    data: dict[str, Any] = Field(
        description="`edit_id` for edit events with, by kind, `attempt`, `step` and `steps`, `image_id` and `url`, "
        "`image_ids` and `revision_ids`, `error`; `number`, `reply_kind`, `edit_id` for turn.created; "
        "`revision_id` and `version` for head.moved"
    )

    @property
    def edit_id(self) -> str | None:
        """The edit that this event is about."""
        edit_id = self.data.get("edit_id")
        return edit_id if isinstance(edit_id, str) else None


class WebhookMessage(Resource):
    """What a webhook tells: an edit's last event, when it happened, and the edit as GET /v1/edits/{id} shows it."""

    type: EventType
    timestamp: Moment
    data: Edit
