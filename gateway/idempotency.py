"""`Idempotency-Key`: a request that is sent again has its effect once and gets its first answer again."""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute

from gateway.dependencies import ports_of, tenant_of
from shared.errors import DialogPaintError, InvalidRequest
from shared.storage.idempotency import IdempotencyStore
from shared.storage.records import Answer, Operation

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_HEADERS = ("content-type", "location", "etag", "preference-applied")


class IdempotentRoute(APIRoute):
    """A route whose POSTs honour the Idempotency-Key header."""

    def get_route_handler(self) -> Handler:
        """Return the handler that runs the operation at most once a key."""
        handler = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handler

        async def handle(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            if key is None or request.state.is_guest:  # a guest's key must not take a tenant's
                return await handler(request)
            return await once(key, request, handler)

        return handle


async def once(key: str, request: Request, handler: Handler) -> Response:
    """Return the handler's answer, or the one that the same request got before; what it holds is kept as text."""
    if KEY.fullmatch(key) is None:
        raise InvalidRequest("An Idempotency-Key is 1 to 255 visible ASCII characters without spaces.")
    store, tenant = ports_of(request).stores.idempotency, tenant_of(request)
    begun = await store.begin(tenant, key, await _fingerprint(request))
    if isinstance(begun, Answer):
        return Response(begun.body, begun.status, {**begun.headers, "Idempotent-Replayed": "true"})
    request.state.operation = begun
    try:
        response = await handler(request)
    except BaseException:
        await _release(store, tenant, begun)
        raise
    if response.status_code < 300:
        await _complete(store, tenant, begun, response)
    else:
        await _release(store, tenant, begun)
    return response


async def _fingerprint(request: Request) -> str:
    """Return a digest of what was asked, the same however a client happened to write it down."""
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    spooled: str | None = getattr(request.state, "body_sha256", None)  # a body that is too large for memory
    if spooled is not None:
        return hashlib.sha256(target + spooled.encode()).hexdigest()
    return hashlib.sha256(
        target + _canonical(await request.body(), request.headers.get("content-type", ""))
    ).hexdigest()


def _canonical(body: bytes, content_type: str) -> bytes:
    boundary = re.search(r'boundary="?([^\s";,]+)', content_type)
    if boundary:  # a client makes up another boundary each time
        return body.replace(boundary[1].encode(), b"")
    if "json" in content_type:
        try:
            return json.dumps(json.loads(body), sort_keys=True).encode()
        except (ValueError, RecursionError):
            return body  # it will be refused anyway
    return body


async def _complete(store: IdempotencyStore, tenant: str, operation: Operation, response: Response) -> None:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    answer = Answer(response.status_code, headers, bytes(response.body).decode())
    try:
        await store.complete(tenant, operation, answer)
    except DialogPaintError as error:  # the effect is there; a retry finds it by the operation
        log.warning("idempotency_answer_not_kept", error=error.code)


async def _release(store: IdempotencyStore, tenant: str, operation: Operation) -> None:
    try:
        await store.release(tenant, operation)
    except DialogPaintError as error:  # the key frees itself when its operation's time is over
        log.warning("idempotency_key_not_released", error=error.code)
