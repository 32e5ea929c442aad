"""What routes take from a request beside its body: ports, tenant, and the headers that change how it is carried out.

What they depend on is asynchronous though it waits for nothing: FastAPI sends plain functions through a thread each.
"""

import re
from typing import Annotated

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import AfterValidator

from gateway.ports import Ports
from gateway.prefer import wait_seconds
from shared.errors import InvalidRequest, NotFound
from shared.schemas.base import ID_PATTERN
from shared.schemas.conversation import Conversation
from shared.schemas.edit import Edit
from shared.storage.records import Operation
from shared.web import request_id

ID, ID_SHAPE = re.compile(ID_PATTERN), {"pattern": ID_PATTERN}
VERSION_TAG = re.compile(r'(?:W/)?"(\d{1,15})"')


def ports_of(request: Request) -> Ports:
    """Return the ports that the process was started with."""
    ports: Ports = request.app.state.ports
    return ports


def tenant_of(request: Request) -> str:
    """Return whose request this is, as admission found out."""
    tenant: str = request.state.tenant
    return tenant


async def operation_of(
    request: Request,
    _key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", description="send the same key with a retry; the effect happens once"),
    ] = None,
) -> Operation | None:
    """Return the operation that the request's idempotency key began, if it has one."""
    operation: Operation | None = getattr(request.state, "operation", None)
    return operation


async def wanted_version(
    if_match: Annotated[
        str | None, Header(description='the ETag you last saw, such as `"12"`; a stale one answers 412')
    ] = None,
) -> int | None:
    """Return the version that the If-Match header asks for; None if any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    tag = VERSION_TAG.fullmatch(if_match.strip())
    if tag is None:
        raise InvalidRequest('If-Match must be the ETag of the conversation, such as "12".')
    return int(tag[1])


async def preferred_wait(
    prefer: Annotated[
        str | None, Header(description="`wait=20` holds the answer until the edit is over, at most 60 s")
    ] = None,
) -> int | None:
    """Return how many seconds the client wants to wait for the edit, if at all."""
    return wait_seconds(prefer)


def possible_id(text: str) -> str:
    """Return an id out of a path; raises NotFound for what none can be, so that it never reaches a key of Redis."""
    if ID.fullmatch(text) is None:
        raise NotFound()
    return text


async def _id(request: Request) -> str:
    return request_id(request)


async def _ports(request: Request) -> Ports:
    return ports_of(request)


async def _tenant(request: Request) -> str:
    return tenant_of(request)


RequestId = Annotated[str, Depends(_id)]
PortsOf = Annotated[Ports, Depends(_ports)]
Tenant = Annotated[str, Depends(_tenant)]
OperationOf = Annotated[Operation | None, Depends(operation_of)]
IfVersion = Annotated[int | None, Depends(wanted_version)]
Wait = Annotated[int | None, Depends(preferred_wait)]
Limit = Annotated[int, Query(ge=1, le=100, description="items a page")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before")]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", description="replay what came after this event")]
ImageId = Annotated[str, Path(json_schema_extra=ID_SHAPE), AfterValidator(possible_id)]
OtherImageId = Annotated[
    str, Query(json_schema_extra=ID_SHAPE, description="the other picture's id"), AfterValidator(possible_id)
]
ConversationId = Annotated[str, Path(json_schema_extra=ID_SHAPE), AfterValidator(possible_id)]
EditId = Annotated[str, Path(json_schema_extra=ID_SHAPE), AfterValidator(possible_id)]


def show_version(response: Response, conversation: Conversation) -> None:
    """Put the conversation's version into the answer as its ETag."""
    response.headers["ETag"] = f'"{conversation.version}"'


def show_edit(response: Response, edit: Edit, wait_s: int | None) -> None:
    """Say where the edit is, that the wait was honoured, and by the status whether the edit is over."""
    response.headers["Location"] = edit.urls.self
    if wait_s is not None:
        response.headers["Preference-Applied"] = f"wait={wait_s}"
    response.status_code = 200 if edit.status.is_terminal else 202
