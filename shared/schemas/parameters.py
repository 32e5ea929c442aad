"""The parameters of an edit: as asked for (all optional) and as run (all decided)."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from shared.schemas.base import Request, Resource

MAX_SEED = 2**63 - 1
MOST_CELLS = 9
"""Pictures that one sweep may make."""

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


SWEPT = ("text_guidance_scale", "image_guidance_scale")
TextGuidanceScales = Annotated[list[TextGuidanceScale], Field(min_length=1, max_length=4, description="the rows")]
ImageGuidanceScales = Annotated[list[ImageGuidanceScale], Field(min_length=1, max_length=4, description="the columns")]


class Sweep(Request):
    """Guidance scales to try side by side: a picture for each pair of them, all from one seed.

    A scale that is left out is the plain one in all of them.
    """

    text_guidance_scale: TextGuidanceScales | None = None
    image_guidance_scale: ImageGuidanceScales | None = None

    @model_validator(mode="after")
    def _makes_some_pictures(self) -> Self:
        rows, columns = self.text_guidance_scale or [0.0], self.image_guidance_scale or [0.0]
        for name, values in zip(SWEPT, (rows, columns), strict=True):
            if len(set(values)) < len(values):
                raise ValueError(f"{name} names a value twice; each makes a picture of its own")
        cells = len(rows) * len(columns)
        if cells < 2:
            raise ValueError("this is one picture; name at least two values of a scale, or set it without a sweep")
        if cells > MOST_CELLS:
            raise ValueError(f"these are {len(rows)} × {len(columns)} pictures; a sweep makes at most {MOST_CELLS}")
        return self


class ResolvedSweep(Resource):
    """The axes of a sweep as it is run: the pictures come row by row."""

    text_guidance_scale: TextGuidanceScales
    image_guidance_scale: ImageGuidanceScales


QualityChoice = Annotated[
    Quality,
    # FastAPI hands over what JSON says, a text, which is no Quality to a strict model.
    Field(strict=False, description="`fast` computes guidance in some steps only: near, not the same"),
]


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
    """Every parameter of an edit, decided; the edit runs with exactly these.

    Of a sweep, `count` is how many pictures it makes, and the plain scales are those of the first.
    """

    count: Annotated[int, Field(ge=1, le=MOST_CELLS, description="how many pictures are made")] = 1
    seed: Seed
    sweep: ResolvedSweep | None = None

    @model_validator(mode="after")
    def _previews_fit(self) -> Self:
        _check_previews(self.preview_every, self.steps)
        return self

    def each_picture(self) -> list[PictureParameters]:
        """What each picture is made with, in order: a sweep's row by row, else with seeds one after the other."""
        if self.sweep is None:
            scales = {name: getattr(self, name) for name in SWEPT}
            seeds = ((self.seed + index) % (MAX_SEED + 1) for index in range(self.count))
            return [PictureParameters(seed=seed, **scales) for seed in seeds]
        return [
            PictureParameters(seed=self.seed, text_guidance_scale=text, image_guidance_scale=image)
            for text in self.sweep.text_guidance_scale
            for image in self.sweep.image_guidance_scale
        ]


class EditParameters(Request):
    """What a client may set; what it leaves out comes from the conversation, then from the model."""

    steps: Steps | None = None
    text_guidance_scale: TextGuidanceScale | None = None
    image_guidance_scale: ImageGuidanceScale | None = None
    seed: Seed | None = None
    count: Count | None = None
    preview_every: PreviewEvery | None = None
    quality: QualityChoice | None = None
    sweep: Sweep | None = Field(default=None, description="instead of `count` and of the plain scales that it names")

    @model_validator(mode="after")
    def _previews_fit(self) -> Self:
        if self.preview_every is not None and self.steps is not None:
            _check_previews(self.preview_every, self.steps)
        return self

    @model_validator(mode="after")
    def _sweep_is_alone(self) -> Self:
        if self.sweep is None:
            return self
        if self.count not in (None, 1):
            raise ValueError("a sweep makes one picture for each pair of scales; leave count out")
        for name in _given(self.sweep):
            if getattr(self, name) is not None:
                raise ValueError(f"{name} stands in the sweep; leave the plain one out")
        return self

    def over(self, wider: "EditParameters | None") -> "EditParameters":
        """These parameters, with the gaps filled from `wider` (a conversation's defaults)."""
        gaps = _given(wider)
        if self.sweep is not None:
            gaps = {name: value for name, value in gaps.items() if name not in ("count", *_given(self.sweep))}
        return EditParameters.model_validate({**gaps, **_given(self)})

    def resolve(self, defaults: EditDefaults, seed: int) -> ResolvedParameters:
        """Fill the gaps from the model's defaults and use `seed` if none was asked for."""
        filled = {**defaults.model_dump(), "seed": seed, **_given(self)}
        if self.sweep is not None:
            rows, columns = ((_given(self.sweep).get(name) or [filled[name]]) for name in SWEPT)
            filled |= {"text_guidance_scale": rows[0], "image_guidance_scale": columns[0]}
            filled |= {"count": len(rows) * len(columns), "sweep": dict(zip(SWEPT, (rows, columns), strict=True))}
        return ResolvedParameters.model_validate(filled)


def for_every_edit(defaults: EditParameters | None) -> EditParameters | None:
    """Return the defaults of a conversation; raises ValueError for what is an edit's own."""
    if defaults and defaults.sweep:
        raise ValueError("a sweep is asked for with the edit that it belongs to; leave it out of the defaults")
    return defaults


def _given(parameters: EditParameters | Sweep | None) -> dict[str, Any]:
    return {name: value for name, value in parameters or () if value is not None}


def _check_previews(preview_every: int, steps: int) -> None:
    if preview_every > steps:
        raise ValueError(f"preview_every is {preview_every}, more than the {steps} steps")
