"""What a model can do to which pictures: a small one knows its own world, and some edits of any picture whatever.

An edit of the whole picture (black and white, brighter) follows from the picture alone. Such edits run at a size of
their own, so that a photograph keeps its fine lines. Any other edit needs a picture that the model understands; whether
it does shows in how well its autoencoder renders it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter

from editing_service.failures import UnfamiliarPicture
from editing_service.images import Pixels


@dataclass(frozen=True)
class WholePictureEdit:
    """An edit that any picture can have: its wordings, the usual one first, and the longest side in pixels.

    One that is `redrawn` leaves no pixel as it was: it takes detail away, which must not be carried over.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    wordings: Annotated[tuple[str, ...], Field(min_length=1)]
    longest_side: int
    redrawn: bool = False


@dataclass(frozen=True)
class Repertoire:
    """The edits of any picture; for others the autoencoder must render it and err by `familiar_levels` at most."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    whole_picture: tuple[WholePictureEdit, ...] = ()
    familiar_levels: float | None = None

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

    def check(self, instructions: Sequence[str], picture: Pixels, untouched: Pixels) -> None:
        """Raise UnfamiliarPicture where an instruction needs a picture that the model understands, and this is none.

        `untouched` is the picture as the autoencoder renders it.
        """
        if self.familiar_levels is None or all(map(self._find, instructions)):
            return
        if rendering_error(picture, untouched) > self.familiar_levels:
            raise UnfamiliarPicture([edit.wordings[0] for edit in self.whole_picture])

    def _find(self, instruction: str) -> WholePictureEdit | None:
        said = " ".join(instruction.lower().replace("color", "colour").strip(" .!").split())
        return next((edit for edit in self.whole_picture if said in edit.wordings), None)


def rendering_error(picture: Pixels, untouched: Pixels) -> float:
    """By how many levels of 255 the autoencoder misses the half of the pixels that it renders best.

    The median, since hard edges are missed in drawings too, but textures everywhere in a photograph.
    """
    return float(np.median(np.abs(picture.astype(np.int16) - untouched).max(axis=2)))
