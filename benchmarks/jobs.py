"""What is asked of every side: the jobs of a workload, drawn from a seed, the same for all."""

from __future__ import annotations

import io
import json
import random
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field
from typing import Any

from PIL import Image

from editing_service.images import Pixels
from editing_service.model_folder import ModelDefaults
from training.datasets.drawing import render
from training.datasets.world import sample_scene

INSTRUCTION = "make it night"
WISHES = (INSTRUCTION, "make it a beach", "make it a forest", "add a red ball")


@dataclass(frozen=True)
class Picture:
    """A picture as bytes, and the id under which the stack knows it, if it does."""

    png: bytes
    image_id: str = ""

    def open(self) -> Image.Image:
        """The picture itself."""
        return Image.open(io.BytesIO(self.png)).convert("RGB")

    @classmethod
    def of(cls, picture: Image.Image) -> Picture:
        """Write a picture as every side does: without loss, and fast."""
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=1)
        return cls(buffer.getvalue())

    @classmethod
    def of_pixels(cls, pixels: Pixels) -> Picture:
        """The same for an array (height, width, 3)."""
        return cls.of(Image.fromarray(pixels))


@dataclass(frozen=True)
class Parameters:
    """How one edit is to be computed; edits that differ in any of it can't share a call of a pipeline."""

    steps: int
    text_scale: float
    image_scale: float

    @classmethod
    def of(cls, defaults: ModelDefaults) -> Parameters:
        """What the model folder says."""
        return cls(defaults.steps, defaults.text_guidance_scale, defaults.image_guidance_scale)


@dataclass(frozen=True)
class Job:
    """One edit that a client wants."""

    picture: Picture = field(repr=False)
    instruction: str
    parameters: Parameters
    seed: int
    given_up: bool = False  # the client cancels it half way
    of_newest: bool = False  # the picture is the one that was finished last, where there is one

    def to_json(self) -> str:
        """The body of a request to a peer."""
        words = {"picture": b64encode(self.picture.png).decode(), "instruction": self.instruction, "seed": self.seed}
        return json.dumps({**words, **asdict(self.parameters)})

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Job:
        """Read what `to_json` wrote."""
        parameters = Parameters(int(body["steps"]), float(body["text_scale"]), float(body["image_scale"]))
        return cls(Picture(b64decode(body["picture"])), body["instruction"], parameters, int(body["seed"]))


@dataclass(frozen=True)
class Mix:
    """How unlike the edits of a workload are."""

    steps: tuple[int, ...] = (2, 3, 5)  # the mini's usual three and what lies around, in place of 10, 20 and 30
    unguided_by_image: float = 0.2  # share with image scale 1
    given_up: float = 0.1  # share canceled half way
    of_newest: float = 0.3  # share that edits the picture just made


class Workload:
    """An endless supply of jobs; two with the same seed supply the same."""

    def __init__(self, defaults: ModelDefaults, seed: int) -> None:
        self._defaults, self._rng = defaults, random.Random(seed)

    def equal(self, count: int) -> list[Job]:
        """W1: a new picture each, all else equal: what suits a batch that is fixed when it starts."""
        return [
            Job(self._picture(), INSTRUCTION, Parameters.of(self._defaults), self._rng.getrandbits(31))
            for _ in range(count)
        ]

    def mixed(self, count: int, mix: Mix) -> list[Job]:
        """W2: as people ask: steps and scales of their own, some canceled, some on the picture just made."""
        return [self._unlike(mix) for _ in range(count)]

    def _unlike(self, mix: Mix) -> Job:
        rng = self._rng
        image_scale = 1.0 if rng.random() < mix.unguided_by_image else rng.randint(11, 16) / 10
        parameters = Parameters(rng.choice(mix.steps), rng.randint(11, 20) / 10, image_scale)
        return Job(
            self._picture(),
            rng.choice(WISHES),
            parameters,
            rng.getrandbits(31),
            given_up=rng.random() < mix.given_up,
            of_newest=rng.random() < mix.of_newest,
        )

    def _picture(self) -> Picture:
        side = self._defaults.resolution
        return Picture.of(render(sample_scene(self._rng)).resize((side, side)))
