"""What the server's answers hold, as its OpenAPI document has it; a field that is new there is skipped."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, Literal, TypedDict, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from dialogpaint.pictures import Picture

Item = TypeVar("Item")


class Parameters(TypedDict, total=False):
    """How an edit runs; what is left out comes from the conversation's defaults, then from the served model."""

    steps: int  # denoising steps, 1 to 100
    text_guidance_scale: float  # how strongly the instruction pulls, 1 to 30
    image_guidance_scale: float  # how strongly the source picture holds, 0 to 10
    seed: int  # same inputs and seed, same picture
    count: int  # pictures to make, 1 to 8
    preview_every: int  # a preview each this many steps, 0 for none
    quality: Literal["exact", "fast"]  # fast: guidance is computed in some steps only, near but not the same


class Answer(BaseModel):
    """Something that the server answered."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(Answer, Generic[Item]):
    """Some items of a longer list, and where the next page begins (None on the last page)."""

    items: list[Item]
    next_cursor: str | None = None


class FieldError(Answer):
    """One field of a request that is wrong, and what to do about it."""

    field: str
    message: str


class Problem(Answer):
    """An error as the server tells it (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    retryable: bool
    request_id: str | None = None
    errors: list[FieldError] | None = None
    edit_id: str | None = None
    version: int | None = None


class ImageUrls(Answer):
    """Where the picture's bytes are."""

    self: str


class Image(Answer):
    """What is known of a stored picture; width and height in pixels, size in bytes."""

    id: str
    media_type: str
    width: int
    height: int
    size: int
    sha256: str
    created_at: datetime
    urls: ImageUrls


class Sample(Answer):
    """A picture that comes with the server and that its default model knows how to edit."""

    name: str
    image_id: str
    caption: str
    width: int
    height: int
    url: str


class EditStatus(StrEnum):
    """Where an edit stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        """Whether the edit has come to its end and will never change again."""
        return self not in (EditStatus.QUEUED, EditStatus.RUNNING)


class Progress(Answer):
    """How many denoising steps are done."""

    step: int
    steps: int


class Quality(StrEnum):
    """Whether guidance is computed in every step, or only in some to be sooner done."""

    EXACT = "exact"
    FAST = "fast"


class EditDefaults(Answer):
    """What the served editing model uses for every parameter that nobody set."""

    steps: int
    text_guidance_scale: float
    image_guidance_scale: float
    count: int = 1
    preview_every: int = 0
    quality: Quality = Quality.EXACT


class ResolvedParameters(EditDefaults):
    """Every parameter of an edit, decided."""

    seed: int


class EditParameters(Answer):
    """The defaults of a conversation; None where it has none."""

    steps: int | None = None
    text_guidance_scale: float | None = None
    image_guidance_scale: float | None = None
    seed: int | None = None
    count: int | None = None
    preview_every: int | None = None
    quality: Quality | None = None


class EditTimings(Answer):
    """Where the time of an edit went, in seconds; None for what has not happened yet."""

    queue_s: float | None = None
    encode_s: float | None = None
    denoise_s: float | None = None
    decode_s: float | None = None


class Rating(Answer):
    """What a person thinks of an edit, from 1 (bad) to 5 (good)."""

    image_quality: int
    satisfaction: int
    comment: str | None = None


class EditUrls(Answer):
    """Where an edit can be followed, stopped, run again and seen."""

    self: str
    events: str
    cancel: str
    rerun: str
    rating: str
    source_image: str
    images: list[str]


class Edit(Answer):
    """One run of the editor: what was asked, how far it is, what came of it.

    `pictures` holds its pictures once the client has waited for them; they are no part of the server's record.
    """

    id: str
    status: EditStatus
    instruction: str
    prior_instructions: list[str] = []
    source_image_id: str
    mask_image_id: str | None = None
    image_ids: list[str] = []
    parameters: ResolvedParameters
    progress: Progress
    queue_position: int | None = None
    attempt: int = 0
    conversation_id: str | None = None
    turn: int | None = None
    base_revision_id: str | None = None
    revision_ids: list[str] = []
    rerun_of: str | None = None
    identical: bool | None = None
    error: Problem | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    timings: EditTimings = EditTimings()
    model: str | None = None
    rating: Rating | None = None
    imported: bool = False
    urls: EditUrls
    pictures: tuple[Picture, ...] = Field(default=(), exclude=True, repr=False)

    @property
    def picture(self) -> Picture | None:
        """The first of its pictures; None before the client has waited for it."""
        return self.pictures[0] if self.pictures else None


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
    prior_instructions: list[str] = []
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


class Event(Answer):
    """One entry of an event stream: `edit.progress`, `head.moved` …; `reset` says that earlier entries are gone."""

    id: int
    event: str
    at: datetime | None = None
    data: dict[str, Any] = {}

    @property
    def edit_id(self) -> str | None:
        """The edit that this event is about."""
        edit_id = self.data.get("edit_id")
        return edit_id if isinstance(edit_id, str) else None

    @property
    def is_terminal(self) -> bool:
        """Whether this event is the last one of its edit."""
        return self.event in ("edit.succeeded", "edit.failed", "edit.canceled")


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
    missing: list[str] = []
