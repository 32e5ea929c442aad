"""Where a picture comes from: the edits that made it, one after the other."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared.schemas.base import MAX_TEXT, Moment, Resource
from shared.schemas.parameters import PictureParameters, QualityChoice, ResolvedParameters, Steps

MOST_KEPT = 100
"""Edits of which a picture's file tells, the latest of them."""
Told = Annotated[str, AfterValidator(lambda text: text[:MAX_TEXT])]
"""Words, cut off where they are longer than what a person may say: no edit fails by what its picture is to tell."""
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class MadeWith(PictureParameters):
    """The parameters of one picture: with these, the instructions, the source and the model it can be made again."""

    steps: Steps
    quality: QualityChoice

    @classmethod
    def of(cls, parameters: ResolvedParameters, picture: int) -> Self:
        """Those of one picture of an edit, counted from 0."""
        own = parameters.each_picture()[picture]
        return cls(steps=parameters.steps, quality=parameters.quality, **own.model_dump())


class Making(Resource):
    """How one edit made one picture, told without anything that differs from one run of it to the next."""

    instruction: Told
    prior_instructions: Annotated[list[Told], BeforeValidator(lambda told: told[-MOST_KEPT:])] = Field(
        default_factory=list, description="carried out before `instruction`, oldest first, from the same source"
    )
    parameters: MadeWith
    model: Told | None = None
    model_digest: Hash | None = Field(default=None, description="sha256 over the weights, where the file tells it")
    source_sha256: Hash | None = Field(default=None, description="of the file of the picture that was edited")
    mask_sha256: Hash | None = None


class History(Resource):
    """What a picture's own file tells of its making, newest first."""

    dialogpaint: Annotated[int, Field(ge=1, le=1, description="version of this format")] = 1
    steps: Annotated[list[Making], Field(max_length=MOST_KEPT)] = Field(default_factory=list)
    earlier: Annotated[int, Field(ge=0, le=1_000_000)] = Field(default=0, description="older edits, not told any more")

    def then(self, making: Making) -> "History":
        """The history of what an edit made of the picture with this one."""
        kept = [making, *self.steps][:MOST_KEPT]
        return History(steps=kept, earlier=self.earlier + len(self.steps) + 1 - len(kept))


class Origin(StrEnum):
    """What the first picture was."""

    UPLOADED = "uploaded"
    SAMPLE = "sample"
    UNKNOWN = "unknown"


class ProvenanceStep(Making):
    """One edit on the way to a picture; ids and time are there where its record is."""

    claimed: bool = Field(description="told by what somebody uploaded or imported: nobody here saw it happen")
    image_id: str | None = None
    source_image_id: str | None = None
    edit_id: str | None = None
    conversation_id: str | None = None
    turn: int | None = None
    made_at: Moment | None = None


class Provenance(Resource):
    """The edits that made a picture, newest first, back to the picture that it all began with."""

    image_id: str
    origin: Origin = Field(description="of the first picture; `unknown` where older edits are on no record any more")
    steps: list[ProvenanceStep] = Field(default_factory=list)
