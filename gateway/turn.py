"""The main path: what the user said becomes a reply and, once the wish is clear, an edit."""

from dataclasses import dataclass

from gateway.adjusting import Step, once_more
from gateway.parameters import resolved
from gateway.ports import TurnPorts
from shared.schemas.dialogue import DialogueReply, DialogueRequest, DialogueTurn, ReplyKind
from shared.schemas.edit import in_order
from shared.schemas.operations import EditingModel
from shared.schemas.turn import ROOT, Reply, Turn, TurnRequest
from shared.storage.conversations import TurnContext
from shared.storage.records import NewEdit, NewTurn, Operation

TAKEN_BACK = "Done: the picture is as it was before that."


@dataclass(frozen=True)
class Saying:
    """One request to say something: who, where, what, and under which conditions."""

    tenant: str
    conversation_id: str
    said: TurnRequest
    if_version: int | None = None
    operation: Operation | None = None


async def take_turn(saying: Saying, ports: TurnPorts) -> Turn:
    """Answer what the user said, record both halves, and queue an edit once the instruction is explicit."""
    tenant, conversation_id, said = saying.tenant, saying.conversation_id, saying.said
    if saying.operation and saying.operation.resource_id:  # an interrupted run of the same request got this far
        return await ports.conversations.turn(tenant, conversation_id, int(saying.operation.resource_id))
    await ports.webhooks.check(said.webhook_url)
    context = await ports.conversations.begin_turn(tenant, conversation_id, said.base, saying.if_version)
    reply = await ports.dialogue.reply(history(context, said))
    before = revision_before(context, said, reply)
    if before is not None:
        return await take_back(saying, context, before, ports)
    if reply.adjust is not None:
        step = await once_more(tenant, context, said, reply, ports)
    else:
        step = await one_more(context, said, reply, ports)
    turn = NewTurn(
        id=ports.new_id("turn"),
        text=said.text,
        reply=Reply(kind=step.reply.kind, text=step.reply.text),
        base_revision_id=step.base_revision_id,
        instruction=step.reply.instruction,
        adjust=step.adjust,
    )
    version = context.conversation.version
    return await ports.conversations.append_turn(tenant, conversation_id, turn, version, step.edit, saying.operation)


async def one_more(context: TurnContext, said: TurnRequest, reply: DialogueReply, ports: TurnPorts) -> Step:
    """Carry out the reply's instruction on the base, where there is one and the editing model was taught its words."""
    if reply.instruction is None or not said.run:
        return Step(reply, context.base.id)
    served = await ports.models.editing()
    reply = within_reach(reply, reply.instruction, served)
    return Step(reply, context.base.id, edit_for(context, said, reply, served, ports))


def revision_before(context: TurnContext, said: TurnRequest, reply: DialogueReply) -> str | None:
    """Return the revision that already holds what the reply would make, where all it does is undo the base's edit.

    Who says "undo" means all that the base's edit did, or that it was done again in another strength; an instruction
    takes back a single step.
    """
    base = context.base
    if not said.run or said.base == ROOT:
        return None
    adjusted = next((past.adjust for past in context.turns if past.adjust and past.edit_id == base.edit_id), None)
    if reply.undoes and adjusted:
        return adjusted.revision_id
    if reply.undoes or (reply.takes_back and not base.prior_instructions):
        return base.parent_id
    return None


async def take_back(saying: Saying, context: TurnContext, revision_id: str, ports: TurnPorts) -> Turn:
    """Undo in words: the head moves to the picture as it was, which is exact and takes no editing."""
    turn = NewTurn(
        id=ports.new_id("turn"),
        text=saying.said.text,
        reply=Reply(kind=ReplyKind.CHAT, text=TAKEN_BACK),
        base_revision_id=context.base.id,
        head_revision_id=revision_id,
    )
    version = context.conversation.version
    return await ports.conversations.append_turn(
        saying.tenant, saying.conversation_id, turn, version, None, saying.operation
    )


def history(context: TurnContext, said: TurnRequest) -> DialogueRequest:
    """Return all that the dialogue model is told: caption, what was done, what was said, what is said now."""
    return DialogueRequest(
        caption=context.conversation.caption,
        instructions=agreed_instructions(context, said.base),
        turns=[
            DialogueTurn(
                user=past.text, reply_kind=past.reply.kind, reply=past.reply.text, instruction=past.instruction
            )
            for past in context.turns
        ],
        text=said.text,
    )


def agreed_instructions(context: TurnContext, base: str) -> list[str]:
    """Return the instructions that lead to the picture the turn is about; for `root` those are the head's."""
    path = context.head_path if base == ROOT else context.path
    return [text for made in path for text in made.instructions]


def within_reach(reply: DialogueReply, instruction: str, served: EditingModel) -> DialogueReply:
    """Return the reply, or words instead of it where the editing model was never taught what it would be told.

    The dialogue model understands more than a small editor can draw; better no edit than a spoilt picture.
    """
    unknown = served.unknown_words(instruction)
    if not unknown:
        return reply
    never = " or ".join(f"“{word}”" for word in unknown)
    text = f"I understand “{instruction}”, but the editing model here was never taught {never}: I change nothing."
    return reply.model_copy(update={"kind": ReplyKind.CHAT, "text": text, "instruction": None})


def edit_for(
    context: TurnContext, said: TurnRequest, reply: DialogueReply, served: EditingModel, ports: TurnPorts
) -> NewEdit | None:
    """Return the edit that carries out the reply's instruction, or None while there is none."""
    if reply.instruction is None:
        return None
    agreed = agreed_instructions(context, ROOT) if said.base == ROOT else []
    *prior, instruction = [*agreed, *in_order(reply.instruction)]
    return NewEdit(
        id=ports.new_id("edit"),
        instruction=instruction,
        prior_instructions=tuple(prior),
        source_image_id=context.base.image_id,
        parameters=resolved(said.parameters, context.conversation.defaults, served.defaults, ports.new_seed()),
        conversation_id=context.conversation.id,
        base_revision_id=context.base.id,
        webhook_url=said.webhook_url,
    )
