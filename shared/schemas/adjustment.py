"""Doing the last edit again, more or less strongly, or nearer to the picture it began with."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from shared.schemas.base import Resource
from shared.schemas.parameters import ResolvedParameters


class Way(StrEnum):
    """Which way a guidance scale goes."""

    LOWER = "lower"
    HIGHER = "higher"


class Adjustment(Resource):
    """How the last edit shall be done again: which of its guidance scales goes which way."""

    text_guidance: Way | None = Field(default=None, description="`lower`: less strongly; `higher`: more strongly")
    image_guidance: Way | None = Field(default=None, description="`higher`: keep more of the picture; `lower`: less")

    @model_validator(mode="after")
    def _moves_something(self) -> Self:
        if not (self.text_guidance or self.image_guidance):
            raise ValueError("an adjustment moves at least one guidance scale")
        return self


class TurnAdjustment(Adjustment):
    """An adjustment, the picture that was not right yet, and what its edit is done again with."""

    revision_id: str = Field(description="the revision whose edit is done again, from the same picture as before")
    mask_image_id: str | None = Field(default=None, description="the mask of that edit, which stays")
    parameters: ResolvedParameters
