"""Server-sent events of conversations and edits."""

from fastapi import APIRouter

from gateway import described, examples
from gateway.dependencies import ConversationId, EditId, LastEventId, PortsOf, Tenant
from gateway.sse import EventStream, Listening, event_stream, last_event_id
from shared.storage.events import EventStore

router = APIRouter(prefix="/v1", tags=["events"])


@router.get(
    "/conversations/{conversation_id}/events",
    response_class=EventStream,
    responses=described.stream_answers(examples.CONVERSATION_EVENTS),
)
async def follow_conversation(
    conversation_id: ConversationId, tenant: Tenant, ports: PortsOf, last_event: LastEventId = None
) -> EventStream:
    """Follow a conversation: everything behind Last-Event-ID (or from the beginning), then what happens."""
    after = last_event_id(last_event)
    await ports.stores.conversations.get(tenant, conversation_id)
    return event_stream(ports.hub, Listening(tenant, conversation_id, after), ports.settings.sse_heartbeat_s)


@router.get(
    "/edits/{edit_id}/events",
    response_class=EventStream,
    responses=described.stream_answers(examples.EDIT_EVENTS),
)
async def follow_edit(edit_id: EditId, tenant: Tenant, ports: PortsOf, last_event: LastEventId = None) -> EventStream:
    """Follow one edit; the stream ends with its terminal event."""
    after = last_event_id(last_event)
    edit = await ports.stores.edits.get(tenant, edit_id)
    stream_id, is_over = EventStore.stream_of(edit), edit.status.is_terminal
    listening = Listening(tenant, stream_id, after, edit_id, is_over)
    return event_stream(ports.hub, listening, ports.settings.sse_heartbeat_s)
