"""Where a picture comes from, as the edits' records tell it, and its own file beyond them."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import anyio.to_thread

from gateway.ports import Ports
from shared.errors import NotFound
from shared.provenance import history_in
from shared.schemas.edit import Edit
from shared.schemas.provenance import History, MadeWith, Origin, Provenance, ProvenanceStep
from shared.storage.records import NewImage

MOST_LOOKED_UP = 500
"""Edits whose records one answer looks up; a conversation seldom has a tenth of it."""


@dataclass(frozen=True)
class Recorded:
    """The steps that are on record, newest first, and the picture that the oldest of them started from."""

    steps: list[ProvenanceStep]
    first: NewImage


async def trace(tenant: str, image_id: str, ports: Ports) -> Provenance:
    """Say which edits made a picture, back to the one that was uploaded; raises NotFound."""
    if ports.samples.find(image_id):
        return Provenance(image_id=image_id, origin=Origin.SAMPLE)
    image = await ports.stores.images.stored(tenant, image_id)
    recorded = await _recorded(tenant, image, ports)
    history = await _history(image, ports)
    steps = [_with_digest(step, history, index, image.made_here) for index, step in enumerate(recorded.steps)]
    older = history.steps[len(steps) :]
    steps += [
        ProvenanceStep.model_validate({**making.model_dump(), "claimed": index >= image.made_here})
        for index, making in enumerate(older, start=len(steps))
    ]
    return Provenance(image_id=image_id, origin=_origin(recorded.first, older, history, ports), steps=steps)


async def _recorded(tenant: str, image: NewImage, ports: Ports) -> Recorded:
    """Follow the records from a picture to the one that it was made from, and so on."""
    steps: list[ProvenanceStep] = []
    while image.edit_id is not None and len(steps) < MOST_LOOKED_UP:
        try:
            edit = await ports.stores.edits.get(tenant, image.edit_id)
            source = await ports.stores.images.stored(tenant, edit.source_image_id)
            mask = await ports.stores.images.stored(tenant, edit.mask_image_id) if edit.mask_image_id else None
        except NotFound:
            break
        steps.append(_step(edit, image, source, mask))
        image = source
    return Recorded(steps, image)


def _step(edit: Edit, image: NewImage, source: NewImage, mask: NewImage | None) -> ProvenanceStep:
    picture = edit.image_ids.index(image.id) if image.id in edit.image_ids else 0  # a preview is of the first
    return ProvenanceStep(
        instruction=edit.instruction,
        prior_instructions=edit.prior_instructions,
        parameters=MadeWith.of(edit.parameters, picture),
        model=edit.model,
        source_sha256=source.sha256,
        mask_sha256=mask.sha256 if mask else None,
        claimed=edit.imported,
        image_id=image.id,
        source_image_id=source.id,
        edit_id=edit.id,
        conversation_id=edit.conversation_id,
        turn=edit.turn,
        made_at=edit.finished_at,
    )


async def _history(image: NewImage, ports: Ports) -> History:
    def read() -> History:
        with closing(ports.stores.files.pieces(image.file)) as pieces:
            return history_in(next(pieces, b""))

    return await anyio.to_thread.run_sync(read)


def _with_digest(step: ProvenanceStep, history: History, index: int, made_here: int) -> ProvenanceStep:
    """A step on record with the one thing that only the file tells, where a worker of ours wrote it."""
    if index >= min(made_here, len(history.steps)):
        return step
    return step.model_copy(update={"model_digest": history.steps[index].model_digest})


def _origin(first: NewImage, older: Sequence[object], history: History, ports: Ports) -> Origin:
    if history.earlier or (first.edit_id is not None and not older):
        return Origin.UNKNOWN
    return Origin.SAMPLE if ports.samples.holds(first.sha256) else Origin.UPLOADED
