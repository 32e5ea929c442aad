"""What a model can do to which pictures: a small one knows its own world, and some edits of any picture whatever.

An edit of the whole picture (black and white, brighter) follows from the picture alone. Such edits run at a size of
their own, so that a photograph keeps its fine lines. Any other edit needs a picture that the model understands: a
drawing with areas of one colour or of a smooth shade, of which a photograph, with its texture everywhere, has few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from PIL import Image
from pydantic import ConfigDict, Field, TypeAdapter

from editing_service.failures import UnfamiliarPicture
from editing_service.images import Pixels

FLAT_LEVELS = 2


@dataclass(frozen=True)
class WholePictureEdit:
    """An edit that any picture can have: its wordings, the usual one first, and the longest side in pixels.

    One that is `redrawn` leaves no pixel as it was: it takes detail away, which must not be carried over. What becomes
    of a colour is the same everywhere (`one_map`), or not: a pencil draws lines where colours meet. One that is `grey`
    leaves no colours at all.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    wordings: Annotated[tuple[str, ...], Field(min_length=1)]
    longest_side: int
    redrawn: bool = False
    one_map: bool = False
    grey: bool = False


@dataclass(frozen=True)
class Repertoire:
    """The edits of any picture; for others at least `flat_share` of it must be flat.

    Instructions that match one of the patterns `repaints` give things another colour, as far as words tell; one of
    `scenery` changes what is around things: time, weather or place.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    whole_picture: tuple[WholePictureEdit, ...] = ()
    flat_share: float | None = None
    repaints: tuple[re.Pattern[str], ...] = ()
    scenery: tuple[re.Pattern[str], ...] = ()

    @classmethod
    def from_json(cls, record: Any) -> Repertoire:
        """Read what a model folder says; raises pydantic's ValidationError, a ValueError, where it is none."""
        return TypeAdapter(cls).validate_python(record)

    def longest_side(self, instructions: Sequence[str], size: tuple[int, int], usual: int) -> int:
        """The longest side to run some instructions at, one after the other, on a picture of this (width, height)."""
        edits = [self._find(instruction) for instruction in instructions]
        known = [edit.longest_side for edit in edits if edit is not None]
        return max(usual, min(max(size), *known)) if len(known) == len(edits) else usual

    def redraws(self, instructions: Sequence[str]) -> bool:
        """Whether one of some instructions leaves no pixel of a picture as it was."""
        return any(edit is not None and edit.redrawn for edit in map(self._find, instructions))

    def recolours(self, instructions: Sequence[str]) -> bool:
        """Whether all of some instructions change nothing but light and colours, or lines drawn along them."""
        return all(edit is not None and not edit.redrawn for edit in map(self._find, instructions))

    def maps_as_one(self, instructions: Sequence[str]) -> bool:
        """Whether what becomes of a colour is the same everywhere in a picture."""
        return all(edit is not None and edit.one_map for edit in map(self._find, instructions))

    def greys(self, instructions: Sequence[str]) -> bool:
        """Whether the last of some instructions leaves no colours."""
        last = self._find(instructions[-1])
        return last is not None and last.grey

    def repaints_things(self, instructions: Sequence[str]) -> bool:
        """Whether all of some instructions give things another colour."""
        return all(_fits(instruction, self.repaints) for instruction in instructions)

    def changes_scenery(self, instructions: Sequence[str]) -> bool:
        """Whether one of some instructions changes what is around things, which stay."""
        return any(_fits(instruction, self.scenery) for instruction in instructions)

    def check(self, instructions: Sequence[str], picture: Pixels) -> None:
        """Raise UnfamiliarPicture where an instruction needs a picture that the model understands, and this is none."""
        if self.flat_share is None or all(map(self._find, instructions)):
            return
        if share_of_flat(picture) < self.flat_share:
            raise UnfamiliarPicture([edit.wordings[0] for edit in self.whole_picture])

    def _find(self, instruction: str) -> WholePictureEdit | None:
        said = _plain(instruction)
        return next((edit for edit in self.whole_picture if said in edit.wordings), None)


def _fits(instruction: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    said = _plain(instruction)
    return any(pattern.fullmatch(said) for pattern in patterns)


def _plain(instruction: str) -> str:
    return " ".join(instruction.lower().replace("color", "colour").strip(" .!").split())


def share_of_flat(picture: Pixels) -> float:
    """The share of pixels that differ by `FLAT_LEVELS` of lightness at most from the next one across and down."""
    light = np.asarray(Image.fromarray(picture).convert("L"), np.int16)
    across, down = np.abs(np.diff(light, axis=1))[:-1], np.abs(np.diff(light, axis=0))[:, :-1]
    return float((np.maximum(across, down) <= FLAT_LEVELS).mean()) if across.size else 1.0
