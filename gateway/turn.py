"""The main path: what the user said becomes a reply and, once the wish is clear, an edit."""

from dataclasses import dataclass

from gateway.parameters import resolved
from gateway.ports import TurnPorts
from shared.schemas.dialogue import DialogueReply, DialogueRequest, DialogueTurn
from shared.schemas.turn import ROOT, Reply, Turn, TurnRequest
from shared.storage.conversations import TurnContext
from shared.storage.records import NewEdit, NewTurn, Operation

HISTORY_TURNS = 12  # more never fit into the dialogue model's positions


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
    context = await ports.conversations.begin_turn(tenant, conversation_id, said.base, saying.if_version)
    reply = await ports.dialogue.reply(history(context, said))
    turn = NewTurn(
        id=ports.new_id("turn"),
        text=said.text,
        reply=Reply(kind=reply.kind, text=reply.text),
        base_revision_id=context.base.id,
        instruction=reply.instruction,
    )
    edit = await edit_for(context, said, reply, ports) if said.run else None
    version = context.conversation.version
    return await ports.conversations.append_turn(tenant, conversation_id, turn, version, edit, saying.operation)


def history(context: TurnContext, said: TurnRequest) -> DialogueRequest:
    """Return all that the dialogue model is told: caption, what was done, what was said, what is said now."""
    return DialogueRequest(
        caption=context.conversation.caption,
        instructions=agreed_instructions(context, said.base),
        turns=[
            DialogueTurn(
                user=past.text, reply_kind=past.reply.kind, reply=past.reply.text, instruction=past.instruction
            )
            for past in context.turns[-HISTORY_TURNS:]
        ],
        text=said.text,
    )


def agreed_instructions(context: TurnContext, base: str) -> list[str]:
    """Return the instructions that lead to the picture the turn is about; for `root` those are the head's."""
    path = context.head_path if base == ROOT else context.path
    done = [text for revision in path for text in (*revision.prior_instructions, revision.instruction)]
    return [text for text in done if text]


async def edit_for(context: TurnContext, said: TurnRequest, reply: DialogueReply, ports: TurnPorts) -> NewEdit | None:
    """Return the edit that carries out the reply's instruction, or None while there is none."""
    if reply.instruction is None:
        return None
    defaults = await ports.models.defaults()
    return NewEdit(
        id=ports.new_id("edit"),
        instruction=reply.instruction,
        prior_instructions=tuple(agreed_instructions(context, ROOT)) if said.base == ROOT else (),
        source_image_id=context.base.image_id,
        parameters=resolved(said.parameters, context.conversation.defaults, defaults, ports.new_seed()),
        conversation_id=context.conversation.id,
        base_revision_id=context.base.id,
    )
