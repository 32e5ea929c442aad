"""Run requests for the tests of the step engine, and how far apart two pictures are."""

from __future__ import annotations

import numpy as np

from editing_service.guidance import GuidanceScales
from editing_service.images import frame_picture
from editing_service.runs import Finished, RunRequest
from tests.editing_models import SIDE, make_picture


def request(
    instruction: str = "paint the house",
    *,
    steps: int = 4,
    text: float = 3.0,
    image: float = 1.5,
    seed: int = 7,
    picture: int = 0,
) -> RunRequest:
    """Make a run request on a picture of the model's size."""
    framed = frame_picture(make_picture(picture), SIDE, 16)
    return RunRequest(framed.pixels, f"picture-{picture}", (instruction,), steps, GuidanceScales(text, image), seed)


def furthest_level(one: Finished, other: Finished) -> int:
    """Give the largest difference of two finished pictures, in levels of 255."""
    return int(np.abs(one.pixels.astype(int) - other.pixels.astype(int)).max())
