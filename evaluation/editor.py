"""The step engine on one model, for scripts: pictures and instructions in, pictures out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from editing_service.engine import StepEngine
from editing_service.guidance import GuidanceScales
from editing_service.images import Pixels, changed_parts, keep_outside
from editing_service.model import EditingModel
from editing_service.runs import Finished, RunHandle, RunRequest


@dataclass(frozen=True)
class EditSettings:
    """How edits are run while measuring."""

    steps: int
    scales: GuidanceScales
    seed: int = 0


class Editor:
    """Edits pictures of the model's size as the worker would, several in flight together."""

    def __init__(self, model: EditingModel, slots: int = 8) -> None:
        self.model = model
        self.engine = StepEngine(model, slots)
        self.engine.start()

    def settings(self) -> EditSettings:
        """The model's own defaults."""
        defaults = self.model.defaults
        scales = GuidanceScales(text=defaults.text_guidance_scale, image=defaults.image_guidance_scale)
        return EditSettings(defaults.steps, scales)

    def edit(self, picture: Pixels, instruction: str, settings: EditSettings) -> Pixels:
        """Carry out one instruction on a picture."""
        return self.edit_all([picture], [instruction], settings)[0]

    def edit_all(self, pictures: Sequence[Pixels], instructions: Sequence[str], settings: EditSettings) -> list[Pixels]:
        """Carry out one instruction on each picture."""
        return self.follow_all(pictures, [[text] for text in instructions], settings)

    def follow_all(
        self, pictures: Sequence[Pixels], paths: Sequence[Sequence[str]], settings: EditSettings
    ) -> list[Pixels]:
        """Carry out several instructions on each picture in one run, as `base: root` does; none leave it as it is."""
        handles = [
            self.submit(picture, path[-1], settings, path[:-1]) if path else None
            for picture, path in zip(pictures, paths, strict=True)
        ]
        return [
            _served(picture, handle.result()) if handle else picture
            for picture, handle in zip(pictures, handles, strict=True)
        ]

    def submit(self, picture: Pixels, instruction: str, settings: EditSettings, prior: Sequence[str] = ()) -> RunHandle:
        """Queue an edit in the engine."""
        request = RunRequest(
            pixels=picture,
            picture_hash=picture_hash(picture),
            instructions=(*prior, instruction),
            steps=settings.steps,
            scales=settings.scales,
            seed=settings.seed,
            compare=self.model.defaults.carry_changes,
        )
        return self.engine.submit(request)

    def close(self) -> None:
        """Finish what is in flight and stop."""
        self.engine.stop()


def picture_hash(picture: Pixels) -> str:
    """The name under which the model remembers a picture's latents."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def _served(source: Pixels, finished: Finished) -> Pixels:
    """A finished picture as the worker gives it out: the source's own pixels where nothing changed."""
    if finished.untouched is None:
        return finished.pixels
    mask = changed_parts(finished.untouched, finished.pixels)
    return np.asarray(keep_outside(mask, Image.fromarray(source), Image.fromarray(finished.pixels)))
