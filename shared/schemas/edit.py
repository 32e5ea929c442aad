"""An edit: one run of the editor and its durable record."""

from enum import StrEnum
from itertools import chain, repeat
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from shared.schemas.base import Id, Moment, Request, Resource, Text, WebhookUrl
from shared.schemas.image import image_url
from shared.schemas.parameters import EditParameters, PictureParameters, ResolvedParameters
from shared.schemas.problem import Problem


class EditStatus(StrEnum):
    """Where an edit stands; it moves only along NEXT."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        """Whether the edit has come to its end and will never change again."""
        return not NEXT[self]


NEXT: dict[EditStatus, frozenset[EditStatus]] = {
    EditStatus.QUEUED: frozenset({EditStatus.RUNNING, EditStatus.FAILED, EditStatus.CANCELED}),
    EditStatus.RUNNING: frozenset({EditStatus.SUCCEEDED, EditStatus.FAILED, EditStatus.CANCELED, EditStatus.QUEUED}),
    EditStatus.SUCCEEDED: frozenset(),
    EditStatus.FAILED: frozenset(),
    EditStatus.CANCELED: frozenset(),
}


MOST_STEPS = 3
"""Instructions that one text may hold; each takes as long as an edit of its own."""


def in_order(instruction: str) -> list[str]:
    """Return the explicit instructions in one text, to be carried out one after the other: `;` stands between them."""
    return [part.strip() for part in instruction.split(";") if part.strip()]


class EditRequest(Request):
    """An explicit instruction for a picture, or for a revision of a conversation (its head if none is named)."""

    image_id: Id | None = None
    instruction: Annotated[
        Text,
        Field(description=f"one explicit instruction, or up to {MOST_STEPS} with `;` between, carried out in order"),
    ]
    parameters: EditParameters | None = None
    mask_image_id: Id | None = None
    conversation_id: Id | None = None
    base_revision_id: Id | None = None
    webhook_url: WebhookUrl | None = None

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if self.image_id is None and self.conversation_id is None:
            raise ValueError("name an image_id or a conversation_id")
        if self.base_revision_id is not None and self.conversation_id is None:
            raise ValueError("base_revision_id needs its conversation_id")
        return self


class Progress(Resource):
    """How many denoising steps are done."""

    step: int
    steps: int


class EditTimings(Resource):
    """Where the time went, in seconds; a part that has not happened yet is None."""

    queue_s: float | None = None
    encode_s: float | None = None
    denoise_s: float | None = None
    decode_s: float | None = None


class Rating(Request):
    """What a person thinks of a finished edit (the questions of the paper's user study)."""

    image_quality: Annotated[int, Field(ge=1, le=5)]
    satisfaction: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, StringConstraints(max_length=2_000)] | None = None


class EditUrls(Resource):
    """Where an edit can be followed, stopped, run again and seen."""

    self: str
    events: str
    cancel: str
    rerun: str
    rating: str
    source_image: str
    images: list[str]


def _urls(fields: dict[str, Any]) -> EditUrls:
    own = f"/v1/edits/{fields['id']}"
    return EditUrls(
        self=own,
        events=f"{own}/events",
        cancel=f"{own}/cancel",
        rerun=f"{own}/rerun",
        rating=f"{own}/rating",
        source_image=image_url(fields["source_image_id"]),
        images=[image_url(image_id) for image_id in fields["image_ids"]],
    )


class Cell(PictureParameters):
    """One picture of an edit: what it is made with, and where it is once the edit has succeeded."""

    image_id: str | None = None
    revision_id: str | None = Field(default=None, description="in a conversation; `PUT …/head` chooses it")
    url: str | None = None


def _cells(fields: dict[str, Any]) -> list[Cell]:
    made_with: list[PictureParameters] = fields["parameters"].each_picture()
    image_ids, revision_ids = (chain(fields[name], repeat(None)) for name in ("image_ids", "revision_ids"))
    return [
        Cell(**dict(each), image_id=image_id, revision_id=revision_id, url=image_id and image_url(image_id))
        for each, image_id, revision_id in zip(made_with, image_ids, revision_ids, strict=False)
    ]


class Edit(Resource):
    """One run of the editor: what was asked, how far it is, what came of it."""

    id: str
    status: EditStatus
    instruction: str
    prior_instructions: list[str] = Field(
        default_factory=list, description="carried out before `instruction`, oldest first, from the same source picture"
    )
    source_image_id: str
    mask_image_id: str | None = None
    image_ids: list[str] = Field(default_factory=list)
    parameters: ResolvedParameters
    progress: Progress
    queue_position: int | None = Field(default=None, description="1 is next; None unless queued")
    attempt: int = Field(default=0, description="how often a worker has begun it")
    conversation_id: str | None = None
    turn: int | None = Field(default=None, description="number of the turn that asked for it")
    base_revision_id: str | None = None
    revision_ids: list[str] = Field(default_factory=list, description="one for each picture, in a conversation")
    cells: list[Cell] = Field(
        default_factory=_cells, description="one for each picture, in the order of `image_ids`: what it is made with"
    )
    rerun_of: str | None = None
    identical: bool | None = Field(default=None, description="of a rerun: whether the pictures are the same bytes")
    error: Problem | None = None
    created_at: Moment
    started_at: Moment | None = None
    finished_at: Moment | None = None
    timings: EditTimings = Field(default_factory=EditTimings)
    model: str | None = Field(default=None, description="the editing model that made the pictures")
    rating: Rating | None = None
    imported: bool = Field(default=False, description="whether it came with an archive; then nobody here saw it happen")
    urls: EditUrls = Field(default_factory=_urls)
