"""What serves, and whether it can."""

from datetime import datetime

from pydantic import Field

from dialogpaint.models.base import Answer
from dialogpaint.models.parameters import EditDefaults


class EditingLimits(Answer):
    """What the served editing model can do, in pixels."""

    max_side: int
    multiple_of: int


class EditingModel(Answer):
    """The editing model that the workers serve."""

    name: str
    digest: str
    parameter_count: int
    device: str
    dtype: str
    limits: EditingLimits
    defaults: EditDefaults
    words: list[str] | None = None


class DialogueLimits(Answer):
    """How much the served dialogue model reads and writes."""

    max_input_tokens: int
    max_reply_tokens: int


class DialogueModel(Answer):
    """The dialogue model that is served."""

    name: str
    digest: str
    parameter_count: int
    device: str
    dtype: str
    limits: DialogueLimits


class Models(Answer):
    """The models being served; None while nobody serves one."""

    dialogue: DialogueModel | None
    editing: EditingModel | None


class Worker(Answer):
    """An editing worker, as its last heartbeat told it."""

    id: str
    slots: int
    busy: int
    warm: bool
    seen_at: datetime
    model: EditingModel | None = None


class QueueState(Answer):
    """How much work waits and who does it; `oldest_age_s` in seconds, 0 when nothing waits."""

    depth: int
    running: int
    oldest_age_s: float
    max_depth: int
    free_slots: int
    workers: list[Worker]


class Readiness(Answer):
    """Whether the server can do its work; `missing` names the parts that do not answer."""

    ready: bool
    missing: list[str] = Field(default_factory=list)
