"""One tenant's client: logs everything it sends and sees, and asks again with the same key until it has an answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import count

import httpx

from tests.faults.journal import Exchange, Heard, Journal, Json

RETRIED = frozenset({429, 502, 503, 504})
BUSY = frozenset({"idempotency-in-progress"})
PAUSE_S = 0.4
PATIENCE_S = 10.0
FOLLOW_PAUSE_S = 0.3


@dataclass(frozen=True)
class Tenant:
    """Who calls: a name, the key, and a word that stands in everything this tenant says and nowhere else."""

    name: str
    key: str
    canary: str


@dataclass(frozen=True)
class Call:
    """A request, the same for each of its tries."""

    method: str
    path: str
    body: Json | bytes | None = None
    key: str | None = None
    wish: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Client:
    """Calls whichever gateway answers; `over` ends all patience, `cut_every_s` cuts the streams it follows."""

    def __init__(self, tenant: Tenant, urls: Sequence[str], journal: Journal, rng: random.Random) -> None:
        self.tenant = tenant
        self.over = False
        self.cut_every_s: float | None = None
        self._urls, self._journal, self._rng = list(urls), journal, rng
        self._numbers = count()
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {tenant.key}"},
            timeout=httpx.Timeout(PATIENCE_S, connect=2.0),
            # No expiry: httpcore closes an expired connection even if it has just given it to a request, which a busy
            # client then sees cut. A server closes what is idle for long.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None),
            trust_env=False,
        )

    async def insist(self, call: Call) -> Exchange | None:
        """Send the same request until it is decided; None where that did not come about in time."""
        operation = self._operation()
        while not self.over:
            exchange = await self.once(call, operation)
            settled = exchange.status is not None and exchange.status not in RETRIED
            if settled and exchange.json.get("code") not in BUSY:
                return exchange
            await asyncio.sleep(PAUSE_S * self._rng.uniform(0.5, 1.5))
        return None

    async def once(self, call: Call, operation: str | None = None) -> Exchange:
        """Send a request once."""
        exchange = Exchange(
            operation=operation or self._operation(),
            tenant=self.tenant.name,
            method=call.method,
            path=call.path,
            key=call.key,
            wish=call.wish,
            sent_at=time.time(),
        )
        number = self._journal.sent(exchange)
        began = time.monotonic()
        outcome = await self._outcome(call)
        outcome["took_s"] = round(time.monotonic() - began, 3)
        self._journal.answered(number, **outcome)
        return Exchange(**{**exchange.__dict__, **outcome})

    async def follow(self, stream: str, path: str, until_terminal: bool) -> None:
        """Hear all events of a stream, coming back with Last-Event-ID whenever it is cut, until its end or `over`."""
        follower, last = self._operation(), 0
        while not self.over:
            try:
                async with asyncio.timeout(self.cut_every_s):
                    async for heard in self._listen(follower, stream, path, last):
                        last = heard.id
                        self._journal.heard(heard)
                        if until_terminal and heard.event in ("edit.succeeded", "edit.failed", "edit.canceled"):
                            self._journal.heard(Heard(follower, self.tenant.name, stream, last, "whole", {}))
                            return
            except (httpx.HTTPError, TimeoutError):
                pass
            await asyncio.sleep(FOLLOW_PAUSE_S)
        self._journal.heard(Heard(follower, self.tenant.name, stream, last, "left", {}))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _outcome(self, call: Call) -> Json:
        headers = dict(call.headers)
        if call.key is not None:
            headers["Idempotency-Key"] = call.key
        content = call.body if isinstance(call.body, bytes) else None
        try:
            answer = await self._http.request(
                call.method,
                self._url() + call.path,
                content=content,
                json=None if content is not None else call.body,
                headers=headers,
            )
        except httpx.HTTPError as error:
            return {"error": type(error).__name__, "cause": _innermost(error)}
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        is_text = "json" in media_type or "text" in media_type
        return {
            "status": answer.status_code,
            "media_type": media_type,
            "retry_after": answer.headers.get("retry-after"),
            "body": answer.text if is_text else "",
            "sha256": None if is_text else hashlib.sha256(answer.content).hexdigest(),
        }

    async def _listen(self, follower: str, stream: str, path: str, last: int) -> AsyncIterator[Heard]:
        headers = {"Last-Event-ID": str(last)} if last else {}
        async with self._http.stream("GET", self._url() + path, headers=headers) as answer:
            if answer.status_code != 200:
                return
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                    continue
                if "event" in fields:
                    yield self._heard(follower, stream, fields)
                fields = {}

    def _heard(self, follower: str, stream: str, fields: dict[str, str]) -> Heard:
        number, data = int(fields.get("id", "0")), json.loads(fields["data"])
        return Heard(follower, self.tenant.name, stream, number, fields["event"], data)

    def _operation(self) -> str:
        return f"{self.tenant.name}-{next(self._numbers)}"

    def _url(self) -> str:
        return self._rng.choice(self._urls)


def _innermost(error: BaseException) -> str:
    """What the libraries between turned into their own errors."""
    while (cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        error = cause
    return repr(error)
