"""Conversations as files: take one along, bring one back."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from gateway import described, examples
from gateway.archives.arriving import ZIP, SpooledRoute, import_archive
from gateway.archives.writing import archive_of
from gateway.dependencies import ConversationId, OperationOf, PortsOf, Tenant, show_version
from shared.schemas.conversation import Conversation

router = APIRouter(prefix="/v1/conversations", tags=["conversations"], route_class=SpooledRoute)

UPLOAD: dict[str, Any] = {
    "requestBody": {"required": True, "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/{conversation_id}/export", response_class=Response, responses=described.archive_answers())
async def export_conversation(conversation_id: ConversationId, tenant: Tenant, ports: PortsOf) -> Response:
    """Get a conversation as a ZIP archive: all of it as JSON, a transcript to read, and its pictures.

    An edit that is not over yet is left out.
    """
    snapshot = await ports.stores.archives.snapshot(tenant, conversation_id)
    headers = {"Content-Disposition": f'attachment; filename="{conversation_id}.zip"', "Cache-Control": "no-store"}
    return StreamingResponse(archive_of(tenant, snapshot, ports), headers=headers, media_type=ZIP)


@router.post(
    "/import",
    status_code=201,
    openapi_extra=UPLOAD,
    responses=described.answers(201, examples.CONVERSATION, *described.BODY, 409, 415),
)
async def import_conversation(
    request: Request, response: Response, tenant: Tenant, ports: PortsOf, operation: OperationOf
) -> Conversation:
    """Create a conversation out of an exported archive: the same tree, turns and pictures under new ids.

    An archive that contradicts itself is refused, and nothing of it is kept.
    """
    conversation = await import_archive(tenant, request.state.body_file, operation, ports)
    response.headers["Location"] = conversation.urls.self
    show_version(response, conversation)
    return conversation
