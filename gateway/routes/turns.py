"""Turns: say something in a conversation, read what was said."""

from typing import Annotated

from fastapi import APIRouter, Response

from gateway import described, examples
from gateway.dependencies import (
    ConversationId,
    Cursor,
    IfVersion,
    Limit,
    OperationOf,
    PortsOf,
    Tenant,
    Wait,
    show_edit,
)
from gateway.idempotency import IdempotentRoute
from gateway.turn import Saying, take_turn
from shared.schemas.base import Page
from shared.schemas.turn import Turn, TurnRequest

router = APIRouter(prefix="/v1/conversations/{conversation_id}/turns", tags=["turns"], route_class=IdempotentRoute)


@router.post("", responses=described.turn_answers())
async def create_turn(
    conversation_id: ConversationId,
    said: Annotated[TurnRequest, examples.TURN_BODY],
    response: Response,
    tenant: Tenant,
    ports: PortsOf,
    operation: OperationOf,
    if_version: IfVersion,
    wait_s: Wait,
) -> Turn:
    """Say something: the answer is a question, small talk, or an edit that carries out what was agreed."""
    turn = await take_turn(Saying(tenant, conversation_id, said, if_version, operation), ports)
    ports.metrics.turns.labels(turn.reply.kind.value).inc()
    if turn.edit is None:
        return turn
    ports.metrics.edits.labels("turn").inc()
    edit = await ports.waiter.until_over(tenant, turn.edit, wait_s)
    show_edit(response, edit, wait_s)
    return turn.model_copy(update={"edit": edit})


@router.get("", responses=described.answers(200, described.page(examples.TURN), 404, 422))
async def list_turns(
    conversation_id: ConversationId, tenant: Tenant, ports: PortsOf, limit: Limit = 20, cursor: Cursor = None
) -> Page[Turn]:
    """List turns, oldest first."""
    return await ports.stores.conversations.turns(tenant, conversation_id, limit, cursor)
