"""Edit pictures by talking: the Python client of DialogPaint.

>>> from dialogpaint import DialogPaint
>>> client = DialogPaint("http://127.0.0.1:8000")
>>> conversation = client.start("picture.png", caption="a red house on the left and a green tree on the right")
>>> turn = conversation.say("make it night")
>>> turn.picture.save("night.png")
"""

from importlib.metadata import PackageNotFoundError, version

from dialogpaint.async_client import AsyncDialogPaint
from dialogpaint.async_conversation import AsyncConversation
from dialogpaint.async_studies import AsyncStudies, Compared
from dialogpaint.client import Conversation, DialogPaint, Studies
from dialogpaint.difference import Difference
from dialogpaint.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    DialogPaintError,
    EditCanceled,
    EditEnded,
    EditFailed,
    EditInProgress,
    InvalidRequest,
    InvalidWebhook,
    NotFound,
    NothingToRedo,
    NothingToUndo,
    RateLimited,
    StillRunning,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    UnsupportedMediaType,
    VersionMismatch,
)
from dialogpaint.models import (
    Cell,
    ConversationRecord,
    Edit,
    EditStatus,
    Event,
    Image,
    Models,
    Parameters,
    QueueState,
    Readiness,
    Reply,
    ReplyKind,
    Revision,
    Sample,
    Sweep,
    Turn,
)
from dialogpaint.models.study import Choice, Estimate, NextPair, RatingsSummary, Study, StudyHead, StudyResults
from dialogpaint.pictures import Picture
from dialogpaint.provenance import Provenance, ProvenanceStep, read_provenance
from dialogpaint.retry import Retry
from dialogpaint.tree import RevisionTree
from dialogpaint.webhooks import WebhookMessage, verify_webhook

try:
    __version__ = version("dialogpaint-client")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0.1.0"

__all__ = [
    "ApiError",
    "AsyncConversation",
    "AsyncDialogPaint",
    "AsyncStudies",
    "Cell",
    "Choice",
    "Compared",
    "Conflict",
    "ConnectionFailed",
    "Conversation",
    "ConversationRecord",
    "DialogPaint",
    "DialogPaintError",
    "Difference",
    "Edit",
    "EditCanceled",
    "EditEnded",
    "EditFailed",
    "EditInProgress",
    "EditStatus",
    "Estimate",
    "Event",
    "Image",
    "InvalidRequest",
    "InvalidWebhook",
    "Models",
    "NextPair",
    "NotFound",
    "NothingToRedo",
    "NothingToUndo",
    "Parameters",
    "Picture",
    "Provenance",
    "ProvenanceStep",
    "QueueState",
    "RateLimited",
    "RatingsSummary",
    "Readiness",
    "Reply",
    "ReplyKind",
    "Retry",
    "Revision",
    "RevisionTree",
    "Sample",
    "StillRunning",
    "Studies",
    "Study",
    "StudyHead",
    "StudyResults",
    "Sweep",
    "TooLarge",
    "Turn",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "UnsupportedMediaType",
    "VersionMismatch",
    "WebhookMessage",
    "__version__",
    "read_provenance",
    "verify_webhook",
]
