"""Edits without dialogue: an explicit instruction for a picture or a revision, and running an edit again."""

from dataclasses import dataclass

from gateway.parameters import resolved
from gateway.ports import Ports, own_image
from shared.errors import EditNotFinished, InvalidRequest, UnknownWords
from shared.schemas.edit import MOST_STEPS, Edit, EditRequest, EditStatus, in_order
from shared.schemas.operations import EditingModel
from shared.schemas.turn import HEAD
from shared.storage.records import NewEdit, Operation


@dataclass(frozen=True)
class Asking:
    """One request for an edit: who asks, and under which conditions."""

    tenant: str
    if_version: int | None = None
    operation: Operation | None = None
    as_one: bool = False  # the editor gets the instruction as it is, even with `;` in it


async def submit_edit(asking: Asking, wanted: EditRequest, ports: Ports) -> Edit:
    """Accept an edit of a picture, or of a revision of a conversation."""
    edits = ports.stores.edits
    if asking.operation and asking.operation.resource_id:  # an interrupted run of the same request got this far
        return await edits.get(asking.tenant, asking.operation.resource_id)
    await ports.webhooks.check(wanted.webhook_url)
    if wanted.conversation_id is None:
        edit = await _of_picture(asking, wanted, ports)
    else:
        edit = await _of_revision(asking, wanted, wanted.conversation_id, ports)
    return await edits.accept(asking.tenant, edit, asking.operation, asking.if_version)


async def run_again(asking: Asking, edit_id: str, ports: Ports) -> Edit:
    """Accept the same edit once more: same picture, instructions, parameters and seed.

    One that came to nothing takes its place in its conversation; one that succeeded has its revision there already.
    """
    edits = ports.stores.edits
    if asking.operation and asking.operation.resource_id:
        return await edits.get(asking.tenant, asking.operation.resource_id)
    first = await edits.get(asking.tenant, edit_id)
    if not first.status.is_terminal:
        raise EditNotFinished(f"Wait for {edit_id} to finish before running it again.", retry_after_s=1)
    has_revision = first.status is EditStatus.SUCCEEDED
    again = NewEdit(
        id=ports.new_id("edit"),
        instruction=first.instruction,
        prior_instructions=tuple(first.prior_instructions),
        source_image_id=first.source_image_id,
        parameters=first.parameters,
        mask_image_id=first.mask_image_id,
        conversation_id=None if has_revision else first.conversation_id,
        base_revision_id=None if has_revision else first.base_revision_id,
        rerun_of=first.id,
    )
    return await edits.accept(asking.tenant, again, asking.operation)


def check_words(instruction: str, served: EditingModel) -> None:
    """Raise UnknownWords where the editing model was never taught what it would be told."""
    if unknown := served.unknown_words(instruction):
        raise UnknownWords(
            f"The editing model {served.name} was never taught {', '.join(unknown)}; "
            "GET /v1/models lists all words that it knows under editing.words."
        )


async def _of_picture(asking: Asking, wanted: EditRequest, ports: Ports) -> NewEdit:
    if wanted.image_id is None:
        raise InvalidRequest("Name an image_id or a conversation_id.")
    *prior, instruction = _steps(asking, wanted)
    served = await ports.models.editing()
    check_words(wanted.instruction, served)
    return NewEdit(
        id=ports.new_id("edit"),
        instruction=instruction,
        prior_instructions=tuple(prior),
        source_image_id=await own_image(asking.tenant, wanted.image_id, ports),
        parameters=resolved(wanted.parameters, None, served.defaults, ports.new_seed()),
        mask_image_id=wanted.mask_image_id,
        webhook_url=wanted.webhook_url,
    )


async def _of_revision(asking: Asking, wanted: EditRequest, conversation_id: str, ports: Ports) -> NewEdit:
    base = wanted.base_revision_id or HEAD
    context = await ports.conversations.begin_turn(asking.tenant, conversation_id, base, asking.if_version)
    if wanted.image_id not in (None, context.base.image_id):
        raise InvalidRequest(f"image_id is not the picture of {context.base.id}; leave it out.")
    *prior, instruction = _steps(asking, wanted)
    served = await ports.models.editing()
    check_words(wanted.instruction, served)
    return NewEdit(
        id=ports.new_id("edit"),
        instruction=instruction,
        prior_instructions=tuple(prior),
        source_image_id=context.base.image_id,
        parameters=resolved(wanted.parameters, context.conversation.defaults, served.defaults, ports.new_seed()),
        mask_image_id=wanted.mask_image_id,
        webhook_url=wanted.webhook_url,
        conversation_id=conversation_id,
        base_revision_id=context.base.id,
    )


def _steps(asking: Asking, wanted: EditRequest) -> list[str]:
    steps = [wanted.instruction] if asking.as_one else in_order(wanted.instruction)
    if not steps:
        raise InvalidRequest.about(
            "instruction", "The instruction is empty: say what to change, such as 'make it night'."
        )
    if len(steps) > MOST_STEPS:
        raise InvalidRequest.about(
            "instruction",
            f"These are {len(steps)} instructions, and one edit carries out at most {MOST_STEPS}: "
            "send the others as edits of their own, each on the picture that the one before made.",
        )
    return steps
