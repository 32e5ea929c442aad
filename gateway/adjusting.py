"""The last edit once more, with more or less guidance: from the same picture, with the same seed."""

from dataclasses import dataclass

from gateway.parameters import resolved
from gateway.ports import TurnPorts
from shared.schemas.adjustment import Adjustment, TurnAdjustment, Way
from shared.schemas.dialogue import DialogueReply, ReplyKind
from shared.schemas.edit import Edit
from shared.schemas.parameters import SWEPT, EditParameters, ResolvedParameters
from shared.schemas.turn import TurnRequest
from shared.storage.conversations import TurnContext
from shared.storage.records import NewEdit


@dataclass(frozen=True)
class Scale:
    """A guidance scale: by which factor a wish moves it, where it ends, and what to say at its ends."""

    name: str
    factor: float
    least: float
    most: float
    at_least: str
    at_most: str


TEXT = Scale(
    "text_guidance_scale", 1.4, 1, 30,
    "It is as weak as it can be already. I can keep more of the picture, or undo it.",
    "It is as strong as it can be already.",
)  # fmt: skip
IMAGE = Scale(
    "image_guidance_scale", 1.5, 0.1, 10,
    "I can't keep any less of the picture.",
    "I keep as much of the picture as I can already.",
)  # fmt: skip
NOTHING_TO_REPEAT = "There is no edit here that I could do again: name the picture that it made, or leave `base` out."


@dataclass(frozen=True)
class Step:
    """What a turn comes to: the reply, the revision it starts from, and the edit, if there is one."""

    reply: DialogueReply
    base_revision_id: str
    edit: NewEdit | None = None
    adjust: TurnAdjustment | None = None


async def once_more(
    tenant: str, context: TurnContext, said: TurnRequest, reply: DialogueReply, ports: TurnPorts
) -> Step:
    """Do the base's edit again beside it, with its guidance moved; or say that it moves no further.

    What the turn's own parameters say wins.
    """
    base = context.base
    if reply.adjust is None or base.edit_id is None or base.parent_id is None:
        return _only_words(NOTHING_TO_REPEAT, reply, context)
    made = await ports.edits.get(tenant, base.edit_id)
    before = made_with(made, base.id)
    moved = before.model_copy(update=_moved(before, reply.adjust))
    end = _end_reached(before, moved, reply.adjust, said.parameters or EditParameters())
    if end is not None:
        return _only_words(end, reply, context)
    parameters = resolved(said.parameters, None, moved, moved.seed)
    adjust = TurnAdjustment(
        **dict(reply.adjust), revision_id=base.id, mask_image_id=made.mask_image_id, parameters=parameters
    )
    return Step(reply, base.parent_id, _again(made, said, adjust, context, ports), adjust)


def made_with(edit: Edit, revision_id: str) -> ResolvedParameters:
    """What one picture of an edit was made with, as parameters for that picture alone."""
    own = next(
        (cell.model_dump(include={"seed", *SWEPT}) for cell in edit.cells if cell.revision_id == revision_id), {}
    )
    return edit.parameters.model_copy(update={**own, "count": 1, "sweep": None})


def _moved(before: ResolvedParameters, adjust: Adjustment) -> dict[str, float]:
    return {scale.name: _towards(getattr(before, scale.name), way, scale) for scale, way in _wishes(adjust)}


def _end_reached(
    before: ResolvedParameters, moved: ResolvedParameters, adjust: Adjustment, asked: EditParameters
) -> str | None:
    """What to say where a scale moves no further, and nobody set it for this turn."""
    for scale, way in _wishes(adjust):
        is_set = asked.sweep is not None or getattr(asked, scale.name) is not None
        if not is_set and getattr(moved, scale.name) == getattr(before, scale.name):
            return scale.at_least if way is Way.LOWER else scale.at_most
    return None


def _wishes(adjust: Adjustment) -> list[tuple[Scale, Way]]:
    ways = ((TEXT, adjust.text_guidance), (IMAGE, adjust.image_guidance))
    return [(scale, way) for scale, way in ways if way is not None]


def _towards(value: float, way: Way, scale: Scale) -> float:
    if way is Way.HIGHER:
        return max(value, min(scale.most, round(max(value, scale.least) * scale.factor, 2)))
    return min(value, max(scale.least, round(value / scale.factor, 2)))


def _again(
    made: Edit, said: TurnRequest, adjust: TurnAdjustment, context: TurnContext, ports: TurnPorts
) -> NewEdit | None:
    if not said.run:
        return None
    return NewEdit(
        id=ports.new_id("edit"),
        instruction=made.instruction,
        prior_instructions=tuple(made.prior_instructions),
        source_image_id=made.source_image_id,
        parameters=adjust.parameters,
        mask_image_id=made.mask_image_id,
        conversation_id=context.conversation.id,
        base_revision_id=context.base.parent_id,
        webhook_url=said.webhook_url,
    )


def _only_words(text: str, reply: DialogueReply, context: TurnContext) -> Step:
    words = {"kind": ReplyKind.CHAT, "text": text, "instruction": None, "adjust": None}
    return Step(reply.model_copy(update=words), context.base.id)
