"""An edit, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from dialogpaint.models.base import Answer, Problem
from dialogpaint.models.parameters import ResolvedParameters
from dialogpaint.pictures import Picture


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


class Cell(Answer):
    """One picture of an edit: what it is made with, and where it is once the edit has succeeded.

    `picture` is there once the client has waited for it, and no part of the server's record.
    """

    seed: int
    text_guidance_scale: float
    image_guidance_scale: float
    image_id: str | None = None
    revision_id: str | None = None
    url: str | None = None
    picture: Picture | None = Field(default=None, exclude=True, repr=False)


class Edit(Answer):
    """One run of the editor: what was asked, how far it is, what came of it.

    `pictures` holds its pictures once the client has waited for them; they are no part of the server's record.
    """

    id: str
    status: EditStatus
    instruction: str
    prior_instructions: list[str] = Field(default_factory=list)
    source_image_id: str
    mask_image_id: str | None = None
    image_ids: list[str] = Field(default_factory=list)
    parameters: ResolvedParameters
    progress: Progress
    queue_position: int | None = None
    attempt: int = 0
    conversation_id: str | None = None
    turn: int | None = None
    base_revision_id: str | None = None
    revision_ids: list[str] = Field(default_factory=list)
    cells: list[Cell] = Field(default_factory=list)
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

    @property
    def rows(self) -> list[list[Cell]]:
        """Its cells as they lie beside each other: those of a sweep in its rows, others in one."""
        sweep = self.parameters.sweep
        columns = len(sweep.image_guidance_scale) if sweep else max(1, len(self.cells))
        return [self.cells[first : first + columns] for first in range(0, len(self.cells), columns)]

    def with_pictures(self, pictures: Sequence[Picture]) -> Self:
        """The same with its pictures."""
        both = zip(self.cells, pictures, strict=False)
        cells = [cell.model_copy(update={"picture": picture}) for cell, picture in both]
        return self.model_copy(update={"pictures": tuple(pictures), "cells": cells})
