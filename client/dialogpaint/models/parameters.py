"""How an edit runs: as asked for, as a conversation has it, and as it was decided."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, TypedDict

from dialogpaint.models.base import Answer


class Sweep(TypedDict, total=False):
    """Guidance scales to try side by side, one to four of each: a picture for each pair of them, nine at most."""

    text_guidance_scale: list[float]
    image_guidance_scale: list[float]


def sweep_of(text_guidance_scales: Sequence[float] | None, image_guidance_scales: Sequence[float] | None) -> Sweep:
    """The sweep over these; a scale that is None stays as it would be without one."""
    sweep = Sweep()
    if text_guidance_scales is not None:
        sweep["text_guidance_scale"] = list(text_guidance_scales)
    if image_guidance_scales is not None:
        sweep["image_guidance_scale"] = list(image_guidance_scales)
    return sweep


class Parameters(TypedDict, total=False):
    """How an edit runs; what is left out comes from the conversation's defaults, then from the served model."""

    steps: int  # denoising steps, 1 to 100
    text_guidance_scale: float  # how strongly the instruction pulls, 1 to 30
    image_guidance_scale: float  # how strongly the source picture holds, 0 to 10
    seed: int  # same inputs and seed, same picture
    count: int  # pictures to make, 1 to 8
    preview_every: int  # a preview each this many steps, 0 for none
    quality: Literal["exact", "fast"]  # fast: guidance is computed in some steps only, near but not the same
    sweep: Sweep  # instead of count and of the scales that it names


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


class SweptScales(Answer):
    """The scales of a sweep; the conversation's defaults never have one."""

    text_guidance_scale: list[float] | None = None
    image_guidance_scale: list[float] | None = None


class ResolvedSweep(Answer):
    """The axes of a sweep: its pictures come row by row."""

    text_guidance_scale: list[float]  # the rows
    image_guidance_scale: list[float]  # the columns


class ResolvedParameters(EditDefaults):
    """Every parameter of an edit, decided; of a sweep the plain scales are those of its first picture."""

    seed: int
    sweep: ResolvedSweep | None = None


class EditParameters(Answer):
    """The defaults of a conversation; None where it has none."""

    steps: int | None = None
    text_guidance_scale: float | None = None
    image_guidance_scale: float | None = None
    seed: int | None = None
    count: int | None = None
    preview_every: int | None = None
    quality: Quality | None = None
    sweep: SweptScales | None = None
