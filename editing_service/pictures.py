"""The pictures of one try at an edit: its sources, its previews and its results."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from editing_service.canvas import Canvas
from editing_service.images import (
    FramedPicture,
    Pixels,
    keep_outside,
    read_mask,
    read_picture,
    with_alpha_of,
    write_png,
    write_preview,
)
from editing_service.patience import Patience
from editing_service.ports import Files
from editing_service.runs import Finished
from shared.ids import new_id
from shared.provenance import history_in
from shared.schemas.provenance import History, MadeWith, Making
from shared.storage.records import Claim, NewImage, describe_image
from shared.transparency import on_white


@dataclass(frozen=True)
class Sources:
    """The pictures that an edit starts from; `original` may be transparent, `picture` is it on white."""

    original: Image.Image
    picture: Image.Image
    framed: FramedPicture
    mask: Image.Image | None
    history: History


class AttemptPictures:
    """Reads what a claim starts from, and writes under keys that belong to this claim alone."""

    def __init__(self, claim: Claim, files: Files, canvas: Canvas, patience: Patience) -> None:
        self._claim, self._files, self._canvas, self._patience = claim, files, canvas, patience
        self._written: list[str] = []

    def load(self) -> Sources:
        """Read the source picture and the mask.

        Raises UnreadablePicture, NotFound or StorageUnavailable, or UnfamiliarPicture where the model can't do what is
        asked to such a picture.
        """
        claim = self._claim
        data = self._get(claim.source.file)
        original = read_picture(data)
        picture = on_white(original)
        mask = read_mask(self._get(claim.mask.file)) if claim.mask else None
        return Sources(original, picture, self._canvas.frame(picture, _instructions(claim)), mask, history_in(data))

    def keep_result(self, index: int, finished: Finished, sources: Sources) -> NewImage:
        """Bring a finished picture to the source's size, keep what is not to change, and store it."""
        picture = self._canvas.unframe(sources.picture, sources.framed, finished, _instructions(self._claim))
        if sources.mask is not None:
            picture = keep_outside(sources.mask, sources.picture, picture)
        picture = with_alpha_of(sources.original, picture)
        data = write_png(picture, sources.history.then(self._making(index)))
        key, made_here = self._claim.result_file(index), self._claim.source.made_here + 1
        return self._patience.insist(lambda: self._put(key, data, "image/png", picture.size, made_here))

    def keep_preview(self, step: int, pixels: Pixels, sources: Sources) -> NewImage:
        """Store a small picture of how the edit looks at this step."""
        data, size = write_preview(pixels, sources.framed.placement)
        return self._put(self._claim.preview_file(step), data, "image/jpeg", size)

    def take_back(self) -> None:
        """Remove all that was written: the claim was lost, and the edit is another worker's."""
        for key in self._written:
            self._files.delete(key)

    def _get(self, key: str) -> bytes:
        return self._patience.insist(lambda: self._files.get(key))

    def _put(self, key: str, data: bytes, media_type: str, size: tuple[int, int], made_here: int = 0) -> NewImage:
        self._files.put(key, data)
        self._written.append(key)
        return describe_image(new_id("img"), key, data, media_type, size, made_here)

    def _making(self, index: int) -> Making:
        """How the picture `index` is made, as its file will tell it."""
        claim = self._claim
        return Making(
            instruction=claim.instruction,
            prior_instructions=list(claim.prior_instructions),
            parameters=MadeWith.of(claim.parameters, index),
            model=self._canvas.model_name,
            model_digest=self._canvas.model_digest,
            source_sha256=claim.source.sha256,
            mask_sha256=claim.mask.sha256 if claim.mask else None,
        )


def _instructions(claim: Claim) -> tuple[str, ...]:
    return (*claim.prior_instructions, claim.instruction)
