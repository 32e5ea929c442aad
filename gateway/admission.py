"""What every request passes before a route sees it: whose it is, whether it may come now, how much it may send."""

import math

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.invitations import guest_of, let_in
from gateway.live_keys import LiveKeys
from shared.errors import BodyTooLarge, DialogPaintError, RateLimited
from shared.storage.rates import RateDecision, RateStore
from shared.storage.studies import StudyStore
from shared.web import problem_response, request_id

OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics", "/docs", "/openapi.json", "/"})
PICTURE_PATHS = frozenset({"/v1/images", "/openai/v1/images/edits"})
ARCHIVE_PATH = "/v1/conversations/import"
MAX_WORDS = 256 * 1024  # bytes of any other body; 20 MiB of JSON would hold up everybody else for ten seconds
OPEN_BELOW = "/studio/"  # the page's files; what they show comes from calls that need a key


class Admission:
    """Lets a request in if its key is known and its tenant has not asked too much; says so in RateLimit fields."""

    def __init__(self, app: ASGIApp, keys: LiveKeys, studies: StudyStore, rates: RateStore, per_minute: int) -> None:
        self._app = app
        self._keys = keys
        self._studies = studies
        self._rates = rates
        self._per_minute = per_minute

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Admit or refuse one request."""
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or scope["path"].startswith(OPEN_BELOW):
            return await self._app(scope, receive, send)
        headers: dict[str, str] = {}
        try:
            await self._admit(scope, headers)
        except DialogPaintError as error:
            refusal = problem_response(error, request_id(Request(scope)))
            return await refusal(scope, receive, _adding(headers, send))
        return await self._app(scope, receive, _adding(headers, send))

    async def _admit(self, scope: Scope, headers: dict[str, str]) -> None:
        authorization, client = Headers(scope=scope).get("authorization"), scope.get("client")
        host, guest = client[0] if client else None, guest_of(authorization)
        if guest:
            self._keys.tenant_of_guests(guest.tenant)
        tenant = guest.tenant if guest else self._keys.tenant(authorization, host)
        scope.setdefault("state", {}).update(tenant=tenant, is_guest=guest is not None)
        await self._count(guest.counted_as(host) if guest else tenant, tenant, headers)
        if guest:  # counted first, so that guessing is
            await let_in(guest, scope["method"], scope["path"], self._studies)

    async def _count(self, who: str, tenant: str, headers: dict[str, str]) -> None:
        """Count a request of somebody under the limit of a tenant; raises RateLimited."""
        own = self._keys.limits(tenant).rate_per_minute
        per_minute = self._per_minute if own is None else own
        if not per_minute:
            return
        decision = await self._rates.take(who, per_minute)
        headers.update(_rate_fields(decision))
        if not decision.allowed:
            raise RateLimited("Slow down; Retry-After says for how long.", retry_after_s=decision.retry_after_s)


class BodyLimit:
    """Refuses bodies of more than `max_bytes` (MAX_WORDS where no pictures come, `max_archive` where a whole
    conversation does), by their declared length if known.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, max_archive: int) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._max_archive = max_archive

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request whose body is counted as it is read."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        most = self._most(scope["path"])
        detail = f"Send at most {_size(most)}."
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared[:20]) > most:
            refusal = problem_response(BodyTooLarge(detail), request_id(Request(scope)))
            return await refusal(scope, receive, send)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:  # FastAPI lets only HTTPException through while it reads a body
                raise HTTPException(BodyTooLarge.status, detail)
            return message

        return await self._app(scope, counted, send)

    def _most(self, path: str) -> int:
        if path == ARCHIVE_PATH:
            return self._max_archive
        return self._max_bytes if path in PICTURE_PATHS else min(self._max_bytes, MAX_WORDS)


def _rate_fields(decision: RateDecision) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"default";q={decision.limit};w=60',
        "RateLimit": f'"default";r={decision.remaining};t={math.ceil(decision.reset_s)}',
    }


def _adding(headers: dict[str, str], send: Send) -> Send:
    if not headers:
        return send

    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(headers)
        await send(message)

    return add


def _size(count: int) -> str:
    """`20 MiB`, `64 KiB`, or in bytes what is no whole number of those."""
    for unit, size in (("MiB", 1024**2), ("KiB", 1024)):
        if count % size == 0:
            return f"{count // size} {unit}"
    return f"{count} bytes"
