"""What an event stream tells."""

from datetime import datetime
from typing import Any

from pydantic import Field

from dialogpaint.models.base import Answer


class Event(Answer):
    """One entry of an event stream: `edit.progress`, `head.moved` …; `reset` says that earlier entries are gone."""

    id: int
    event: str
    at: datetime | None = None
    data: dict[str, Any] = Field(default_factory=dict)

    @property
    def edit_id(self) -> str | None:
        """The edit that this event is about."""
        edit_id = self.data.get("edit_id")
        return edit_id if isinstance(edit_id, str) else None

    @property
    def is_terminal(self) -> bool:
        """Whether this event is the last one of its edit."""
        return self.event in ("edit.succeeded", "edit.failed", "edit.canceled")
