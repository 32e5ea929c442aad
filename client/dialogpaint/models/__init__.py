"""What the server's answers hold, as its OpenAPI document has it; a field that is new there is skipped."""

from dialogpaint.models.base import Answer, FieldError, Page, Problem
from dialogpaint.models.conversation import ConversationRecord, ConversationUrls, Reply, ReplyKind, Revision, Turn
from dialogpaint.models.edit import Cell, Edit, EditStatus, EditTimings, EditUrls, Progress, Rating
from dialogpaint.models.event import Event
from dialogpaint.models.image import Image, ImageUrls, Sample
from dialogpaint.models.operations import (
    DialogueLimits,
    DialogueModel,
    EditingLimits,
    EditingModel,
    Models,
    QueueState,
    Readiness,
    Worker,
)
from dialogpaint.models.parameters import (
    EditDefaults,
    EditParameters,
    Parameters,
    Quality,
    ResolvedParameters,
    ResolvedSweep,
    Sweep,
    SweptScales,
    sweep_of,
)

__all__ = [
    "Answer",
    "Cell",
    "ConversationRecord",
    "ConversationUrls",
    "DialogueLimits",
    "DialogueModel",
    "Edit",
    "EditDefaults",
    "EditParameters",
    "EditStatus",
    "EditTimings",
    "EditUrls",
    "EditingLimits",
    "EditingModel",
    "Event",
    "FieldError",
    "Image",
    "ImageUrls",
    "Models",
    "Page",
    "Parameters",
    "Problem",
    "Progress",
    "Quality",
    "QueueState",
    "Rating",
    "Readiness",
    "Reply",
    "ReplyKind",
    "ResolvedParameters",
    "ResolvedSweep",
    "Revision",
    "Sample",
    "Sweep",
    "SweptScales",
    "Turn",
    "Worker",
    "sweep_of",
]
