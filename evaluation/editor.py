"""The step engine on one model, for scripts: pictures and instructions in, pictures out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from PIL import Image

from editing_service.canvas import Canvas
from editing_service.device import DeviceThread, compute_alone
from editing_service.engine import StepEngine
from editing_service.failures import UnfamiliarPicture
from editing_service.guidance import GuidanceScales
from editing_service.images import FramedPicture, Pixels
from editing_service.model import EditingModel, load_model
from editing_service.runs import RunHandle, RunRequest
from shared.schemas.parameters import Quality


@dataclass(frozen=True)
class EditSettings:
    """How edits are run while measuring."""

    steps: int
    scales: GuidanceScales
    seed: int = 0
    quality: Quality = Quality.EXACT


@dataclass(frozen=True)
class _Run:
    """An edit in flight."""

    picture: Pixels
    instructions: tuple[str, ...]
    framed: FramedPicture
    handle: RunHandle


class Editor:
    """Edits pictures of any size as the worker would, several in flight together."""

    def __init__(self, model: EditingModel, slots: int = 8, device: DeviceThread | None = None) -> None:
        self.model = model
        self._canvas = Canvas.of(model)
        self.engine = StepEngine(model, slots, device=device)
        self.engine.start()

    @classmethod
    def load(cls, source: str) -> Self:
        """Load a model on the thread that computes with it, as the worker does; the calling one computes alone."""
        device = DeviceThread()
        model = device.call(lambda: load_model(source))
        compute_alone()
        return cls(model, device=device)

    def settings(self) -> EditSettings:
        """The model's own defaults."""
        return EditSettings(self.model.defaults.steps, self.model.defaults.scales)

    def edit(self, picture: Pixels, instruction: str, settings: EditSettings) -> Pixels:
        """Carry out one instruction on a picture."""
        return self.edit_all([picture], [instruction], settings)[0]

    def edit_all(self, pictures: Sequence[Pixels], instructions: Sequence[str], settings: EditSettings) -> list[Pixels]:
        """Carry out one instruction on each picture."""
        return self.follow_all(pictures, [[text] for text in instructions], settings)

    def follow_all(
        self, pictures: Sequence[Pixels], paths: Sequence[Sequence[str]], settings: EditSettings
    ) -> list[Pixels]:
        """Carry out several instructions on each picture in one run, as `base: root` does.

        Without instructions, or where the model declines, a picture stays as it is.
        """
        runs = [
            self._begin(picture, path, settings) if path else None
            for picture, path in zip(pictures, paths, strict=True)
        ]
        return [self._end(run) if run else picture for picture, run in zip(pictures, runs, strict=True)]

    def _begin(self, picture: Pixels, instructions: Sequence[str], settings: EditSettings) -> _Run | None:
        """Submit an edit; None where the model declines it."""
        try:
            framed = self._canvas.frame(Image.fromarray(picture), instructions)
        except UnfamiliarPicture:
            return None
        request = RunRequest(
            pixels=framed.pixels,
            picture_hash=picture_hash(picture),
            instructions=tuple(instructions),
            steps=settings.steps,
            scales=settings.scales,
            seed=settings.seed,
            quality=settings.quality,
            compare=self._canvas.carry_changes,
        )
        return _Run(picture, tuple(instructions), framed, self.engine.submit(request))

    def _end(self, run: _Run) -> Pixels:
        """The result as the worker gives it out."""
        source = Image.fromarray(run.picture)
        return np.asarray(self._canvas.unframe(source, run.framed, run.handle.result(), run.instructions))

    def close(self) -> None:
        """Finish what is in flight and stop."""
        self.engine.stop()


def picture_hash(picture: Pixels) -> str:
    """The name under which the model remembers a picture's latents."""
    return hashlib.sha256(picture.tobytes()).hexdigest()
