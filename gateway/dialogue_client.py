"""The gateway's door to the dialogue service: pooled, timed, and quick to say no when it is down."""

import asyncio
from typing import Any

import httpx
import structlog
from pydantic import ValidationError

from gateway.breaker import CircuitBreaker
from shared.errors import DialogueUnavailable
from shared.schemas.dialogue import DialogueReply, DialogueRequest
from shared.tracing import span, to_send
from shared.web import KEEP_ALIVE_S

log = structlog.get_logger(__name__)

PROBE_TIMEOUT_S = 1.0
FAULTS = (httpx.HTTPError, httpx.InvalidURL, ValidationError, ValueError, TimeoutError)


class DialogueClient:
    """Asks the dialogue service for replies over one pool of connections."""

    def __init__(self, http: httpx.AsyncClient, breaker: CircuitBreaker, timeout_s: float) -> None:
        self._http = http
        self._breaker = breaker
        self._timeout_s = timeout_s

    @property
    def breaker_is_open(self) -> bool:
        """Whether calls are refused at the moment because the last ones failed."""
        return self._breaker.is_open

    async def reply(self, request: DialogueRequest) -> DialogueReply:
        """Return what the assistant says; raises DialogueUnavailable for every fault of the service."""
        if not self._breaker.allow():
            raise DialogueUnavailable(retry_after_s=self._breaker.retry_after_s)
        try:
            async with asyncio.timeout(self._timeout_s):
                with span("dialogue"):
                    answer = await self._http.post("/reply", json=request.model_dump(mode="json"), headers=to_send())
            answer.raise_for_status()
            reply = DialogueReply.model_validate_json(answer.content)
        except FAULTS as error:
            self._breaker.failed()
            log.warning("dialogue_failed", error=type(error).__name__, open=self._breaker.is_open)
            raise DialogueUnavailable(retry_after_s=max(1.0, self._breaker.retry_after_s)) from error
        self._breaker.succeeded()
        return reply

    async def model(self) -> dict[str, Any]:
        """Return the served model's description; raises DialogueUnavailable."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                answer = await self._http.get("/model")
            answer.raise_for_status()
            described = answer.json()
        except FAULTS as error:
            raise DialogueUnavailable(retry_after_s=1.0) from error
        if not isinstance(described, dict):
            raise DialogueUnavailable(retry_after_s=1.0)
        return described

    async def is_ready(self) -> bool:
        """Whether the service says that its model answers."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                return (await self._http.get("/readyz")).status_code == httpx.codes.OK
        except FAULTS:
            return False

    async def close(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()


def make_dialogue_client(base_url: str, timeout_s: float) -> DialogueClient:
    """Open a pool to the dialogue service at `base_url`."""
    http = httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(timeout_s, connect=1.0, pool=1.0),
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=KEEP_ALIVE_S / 2),
        trust_env=False,  # an internal call must not go through a proxy
    )
    return DialogueClient(http, CircuitBreaker(), timeout_s)
