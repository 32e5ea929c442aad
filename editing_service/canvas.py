"""How a served model wants its pictures, and how its results become pictures of the size that came in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PIL import Image

from editing_service.carrying import (
    carry_over,
    carry_over_as_grey,
    carry_over_as_one,
    keep_unchanged,
    repaint,
    restage,
)
from editing_service.images import FramedPicture, Pixels, Placement, frame_picture, unframe_picture
from editing_service.model import EditingModel
from editing_service.repertoire import Repertoire
from editing_service.runs import Finished

Carry = Callable[[Image.Image, Pixels, Pixels, Placement], Image.Image]
"""How an edit gets into the source: of the source, it untouched and edited as the model renders them, and where."""


@dataclass(frozen=True)
class Canvas:
    """How the served model wants its pictures, and what it is called."""

    resolution: int
    multiple: int
    model_name: str
    carry_changes: bool = False
    repertoire: Repertoire = field(default_factory=Repertoire)
    model_digest: str | None = None

    @classmethod
    def of(cls, model: EditingModel) -> Canvas:
        """What a loaded model says of itself."""
        defaults, named = model.defaults, f"{model.name}@{model.digest[:12]}"
        return cls(
            defaults.resolution, model.multiple, named, defaults.carry_changes, defaults.repertoire, model.digest
        )

    def frame(self, picture: Image.Image, instructions: Sequence[str]) -> FramedPicture:
        """Bring a picture to the size at which the instructions run.

        Raises UnfamiliarPicture where the model can't do what is asked to such a picture.
        """
        side = self.repertoire.longest_side(instructions, picture.size, self.resolution)
        framed = frame_picture(picture, side, self.multiple)
        width, height = framed.placement.scaled
        self.repertoire.check(instructions, framed.pixels[:height, :width])
        return framed

    def unframe(
        self, picture: Image.Image, framed: FramedPicture, finished: Finished, instructions: Sequence[str]
    ) -> Image.Image:
        """The edited picture in the size of the one that came in, which keeps its own pixels where it can."""
        if finished.untouched is None or self.repertoire.redraws(instructions):
            return unframe_picture(finished.pixels, framed.placement)
        carry = self.way_to_carry(instructions)
        return carry(picture, finished.untouched, finished.pixels, framed.placement)

    def way_to_carry(self, instructions: Sequence[str]) -> Carry:
        """How these instructions get into the source, by what they change."""
        if self.repertoire.maps_as_one(instructions):
            return carry_over_as_grey if self.repertoire.greys(instructions) else carry_over_as_one
        if self.repertoire.recolours(instructions):
            return carry_over
        if self.repertoire.changes_scenery(instructions):
            return restage
        return repaint if self.repertoire.repaints_things(instructions) else keep_unchanged
