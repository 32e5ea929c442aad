"""The parameters of an edit: as asked for (all optional) and as run (all decided)."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from shared.schemas.base import Request, Resource

MAX_SEED = 2**63 - 1

Steps = Annotated[int, Field(ge=1, le=100, description="denoising steps")]
TextGuidanceScale = Annotated[float, Field(ge=1, le=30, description="s_T: how strongly the instruction pulls")]
ImageGuidanceScale = Annotated[float, Field(ge=0, le=10, description="s_I: how strongly the source picture holds")]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED, description="same inputs and seed, same picture")]
Count = Annotated[int, Field(ge=1, le=8, description="how many pictures to make")]
PreviewEvery = Annotated[int, Field(ge=0, description="a preview each this many steps; 0 for none; at most `steps`")]


class Quality(StrEnum):
    """Whether guidance is computed in every step, or approximated in some to be sooner done."""

    EXACT = "exact"
    FAST = "fast"


QualityChoice = Annotated[Quality, Field(description="`fast` computes guidance in some steps only: near, not the same")]


class EditDefaults(Resource):
    """What the served editing model uses for every parameter that nobody set."""

    steps: Steps
    text_guidance_scale: TextGuidanceScale
    image_guidance_scale: ImageGuidanceScale
    count: Count = 1
    preview_every: PreviewEvery = 0
    quality: QualityChoice = Quality.EXACT


class PictureParameters(Resource):
    """What tells the pictures of one edit apart."""

    seed: Seed
    text_guidance_scale: TextGuidanceScale
    image_guidance_scale: ImageGuidanceScale


class ResolvedParameters(EditDefaults):
    """Every parameter of an edit, decided; the edit runs with exactly these."""

    seed: Seed

    @model_validator(mode="after")
    def _previews_fit(self) -> Self:
        _check_previews(self.preview_every, self.steps)
        return self

    def each_picture(self) -> list[PictureParameters]:
        """What each picture is made with, in order: with seeds one after the other."""
        scales = {name: getattr(self, name) for name in ("text_guidance_scale", "image_guidance_scale")}
        seeds = ((self.seed + index) % (MAX_SEED + 1) for index in range(self.count))
        return [PictureParameters(seed=seed, **scales) for seed in seeds]


class EditParameters(Request):
    """What a client may set; what it leaves out comes from the conversation, then from the model."""

    steps: Steps | None = None
    text_guidance_scale: TextGuidanceScale | None = None
    image_guidance_scale: ImageGuidanceScale | None = None
    seed: Seed | None = None
    count: Count | None = None
    preview_every: PreviewEvery | None = None
    quality: QualityChoice | None = None

    @model_validator(mode="after")
    def _previews_fit(self) -> Self:
        if self.preview_every is not None and self.steps is not None:
            _check_previews(self.preview_every, self.steps)
        return self

    def over(self, wider: "EditParameters | None") -> "EditParameters":
        """These parameters, with the gaps filled from `wider` (a conversation's defaults)."""
        return EditParameters.model_validate({**_given(wider), **_given(self)})

    def resolve(self, defaults: EditDefaults, seed: int) -> ResolvedParameters:
        """Fill the gaps from the model's defaults and use `seed` if none was asked for."""
        return ResolvedParameters.model_validate({**defaults.model_dump(), "seed": seed, **_given(self)})


def _given(parameters: EditParameters | None) -> dict[str, int | float | Quality]:
    return parameters.model_dump(exclude_none=True) if parameters else {}


def _check_previews(preview_every: int, steps: int) -> None:
    if preview_every > steps:
        raise ValueError(f"preview_every is {preview_every}, more than the {steps} steps")
