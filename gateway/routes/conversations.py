"""Conversations: begin one, read and change it, its revisions and head, delete it."""

from typing import Annotated

from fastapi import APIRouter, Response
from starlette.routing import Match
from starlette.types import Scope

from gateway import described, examples
from gateway.admission import ARCHIVE_PATH
from gateway.dependencies import (
    ConversationId,
    Cursor,
    IfVersion,
    Limit,
    OperationOf,
    PortsOf,
    Tenant,
    show_version,
)
from gateway.idempotency import IdempotentRoute
from gateway.ports import Ports, own_image
from shared.schemas.base import Page
from shared.schemas.conversation import Conversation, ConversationPatch, ConversationRequest, HeadRequest, Revision
from shared.storage.records import NewConversation


class ConversationRoute(IdempotentRoute):
    """A route whose ids leave the word `import` to the route of that name, whatever the method."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route serves a request."""
        return (Match.NONE, {}) if scope["path"] == ARCHIVE_PATH else super().matches(scope)


router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=ConversationRoute)


@router.post("", status_code=201, responses=described.answers(201, examples.CONVERSATION, *described.BODY, 404, 409))
async def create_conversation(
    wanted: Annotated[ConversationRequest, examples.CONVERSATION_BODY],
    response: Response,
    tenant: Tenant,
    ports: PortsOf,
    operation: OperationOf,
) -> Conversation:
    """Begin a conversation about a stored picture, or about a sample."""
    conversations = ports.stores.conversations
    if operation and operation.resource_id:  # an interrupted run of the same request got this far
        conversation = await conversations.get(tenant, operation.resource_id)
    else:
        conversation = await conversations.create(tenant, await _new(tenant, wanted, ports), operation)
    response.headers["Location"] = conversation.urls.self
    show_version(response, conversation)
    return conversation


@router.get("", responses=described.answers(200, described.page(examples.CONVERSATION), 422))
async def list_conversations(
    tenant: Tenant, ports: PortsOf, limit: Limit = 20, cursor: Cursor = None
) -> Page[Conversation]:
    """List conversations, newest first."""
    return await ports.stores.conversations.list(tenant, limit, cursor)


@router.get("/{conversation_id}", responses=described.answers(200, examples.CONVERSATION, 404))
async def get_conversation(
    conversation_id: ConversationId, response: Response, tenant: Tenant, ports: PortsOf
) -> Conversation:
    """Read a conversation; its version is the ETag."""
    conversation = await ports.stores.conversations.get(tenant, conversation_id)
    show_version(response, conversation)
    return conversation


@router.patch("/{conversation_id}", responses=described.answers(200, examples.CONVERSATION, *described.BODY, 404, 412))
async def update_conversation(
    conversation_id: ConversationId,
    patch: Annotated[ConversationPatch, examples.CONVERSATION_PATCH_BODY],
    response: Response,
    tenant: Tenant,
    ports: PortsOf,
    if_version: IfVersion,
) -> Conversation:
    """Change title, caption or defaults; what is absent stays, null clears."""
    conversation = await ports.stores.conversations.update(tenant, conversation_id, patch, if_version)
    show_version(response, conversation)
    return conversation


@router.delete("/{conversation_id}", status_code=204, responses=described.answers(204, None, 404, 412))
async def delete_conversation(
    conversation_id: ConversationId, tenant: Tenant, ports: PortsOf, if_version: IfVersion
) -> None:
    """Delete a conversation with its turns, revisions, edits, and the pictures that nothing else uses."""
    await ports.stores.conversations.delete(tenant, conversation_id, if_version)


@router.get("/{conversation_id}/revisions", responses=described.answers(200, described.page(examples.REVISION), 404))
async def list_revisions(conversation_id: ConversationId, tenant: Tenant, ports: PortsOf) -> Page[Revision]:
    """List the whole tree of revisions, the root first."""
    return Page(items=await ports.stores.conversations.revisions(tenant, conversation_id))


@router.put(
    "/{conversation_id}/head",
    responses=described.answers(200, examples.CONVERSATION, *described.BODY, 404, 409, 412),
)
async def move_head(
    conversation_id: ConversationId,
    head: Annotated[HeadRequest, examples.HEAD_BODY],
    response: Response,
    tenant: Tenant,
    ports: PortsOf,
    if_version: IfVersion,
) -> Conversation:
    """Let the next turn start from another revision: undo, redo, or branch."""
    conversations = ports.stores.conversations
    conversation = await conversations.move_head(tenant, conversation_id, head.revision_id, if_version)
    show_version(response, conversation)
    return conversation


async def _new(tenant: str, wanted: ConversationRequest, ports: Ports) -> NewConversation:
    sample = ports.samples.find(wanted.image_id)
    return NewConversation(
        id=ports.new_id("conv"),
        root_revision_id=ports.new_id("rev"),
        image_id=await own_image(tenant, wanted.image_id, ports),
        title=wanted.title,
        caption=wanted.caption or (sample.sample.caption if sample else None),
        defaults=wanted.defaults,
    )
