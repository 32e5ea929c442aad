"""Calls carried out: sent again where that may help, under one idempotency key, and read or raised."""

import math
import random
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from dialogpaint.calls import Call, Received, get_readiness
from dialogpaint.errors import ApiError, ConnectionFailed, DialogPaintError, NotFound, UnexpectedAnswer, error_of
from dialogpaint.models import Event, Page, Readiness
from dialogpaint.retry import STILL_RUNNING, Retry, retry_after_s
from dialogpaint.sse import Parser
from dialogpaint.transport import Address, Stream, Transport

Result = TypeVar("Result")

EVENTS = "text/event-stream"
HEARTBEAT_S = 15.0  # how often a stream says that it is alive
SILENCE_S = 40.0  # a stream that says nothing for so long is broken
FIRST_TRY_S = 60.0  # how long the answer to the first try of a request is waited for


class StreamEnded(ConnectionFailed):
    """The server ended a stream of its own accord: there is nothing more to tell, or it goes down."""


class Exchange:
    """What is between calls and the transport that sends them."""

    def __init__(
        self,
        address: Address,
        transport: Transport,
        retry: Retry,
        new_key: Callable[[], str] = lambda: secrets.token_urlsafe(16),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.address = address
        self.transport = transport
        self._retry = retry
        self._new_key = new_key
        self._chance = chance

    async def call(self, call: Call[Result], retry: Retry | None = None) -> Result:
        """Carry a call out; raises ConnectionFailed, UnexpectedAnswer or the ApiError that came back."""
        received = await self._answered(call, retry or self._retry)
        try:
            return call.read(received)
        except ValidationError as error:
            raise UnexpectedAnswer(
                f"{self.address.url} answered {call.method} {call.path} in a way this client does not understand; "
                f"is it a DialogPaint server of the same version? ({_first(error)})"
            ) from error

    async def each(self, call_for: Callable[[str | None], Call[Page[Result]]]) -> AsyncGenerator[Result, None]:
        """Yield what a list holds, page by page; `call_for` makes the call of the page at a cursor."""
        cursor: str | None = None
        while True:
            page = await self.call(call_for(cursor))
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def ask_readiness(self) -> Readiness:
        """Return what the server says of itself; that it is not ready is no error, so nothing is tried again."""
        call = get_readiness()
        received = await self.transport.send(self._request(call))
        try:
            return call.read(received)
        except ValidationError:
            _checked(received, self.address.url)
            raise UnexpectedAnswer(f"{self.address.url} is no DialogPaint server; check the address.") from None

    async def follow(
        self,
        call: Call[None],
        after: int = 0,
        until: float = math.inf,
        is_over: Callable[[], Awaitable[bool]] | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Yield the events behind the id `after`, and come back behind the last one when the connection breaks.

        Ends at `until` (of the transport's clock), or when the server ends it without news and `is_over` agrees.
        """
        failures, last_id = 0, after
        while (left_s := until - self.transport.now()) > 0:
            seen, heard = last_id, False
            try:
                async with aclosing(self._stream(call, last_id, min(SILENCE_S, left_s))) as events:
                    async for event in events:
                        heard = True
                        if event is not None:
                            last_id = event.id
                            yield event
                            if self.transport.now() >= until:
                                return  # news may come faster than silence ends
                        elif until - self.transport.now() < HEARTBEAT_S:
                            break  # and wait for the rest of the time only
                    else:
                        raise StreamEnded(f"{self.address.url} ends its event streams; is it going down?")
            except DialogPaintError as error:
                failures = 1 if heard else failures + 1  # a heartbeat is a sign of life too
                if is_over and isinstance(error, ConnectionFailed):
                    if await is_over() and isinstance(error, StreamEnded) and last_id == seen:
                        return
                    failures = min(failures, self._retry.attempts - 1)  # it answers, so go on asking
                pause_s = self._retry.pause_s(failures, error, self._chance())
                if self.transport.now() >= until:
                    return
                if pause_s is None:
                    raise
                await self.transport.sleep(min(pause_s, max(0.0, until - self.transport.now())))

    async def download(self, call: Call[None], file: Path) -> None:
        """Write an answer to a file as it comes; one that breaks off is asked for again, from its beginning."""
        request, failures = self._request(call), 0
        while True:
            try:
                async with self.transport.open(request) as stream:
                    await _check_stream(stream, self.address.url, call.headers["Accept"])
                    with file.open("wb") as target:
                        async for piece in stream.pieces:
                            await self.transport.aside(partial(target.write, piece))
                return
            except DialogPaintError as error:
                failures += 1
                pause_s = self._retry.pause_s(failures, error, self._chance())
                if pause_s is None:
                    raise
                await self.transport.sleep(pause_s)

    async def _answered(self, call: Call[Any], retry: Retry) -> Received:
        request = self._request(call)
        failures, began = 0, self.transport.now()
        while True:
            try:
                return _checked(await self.transport.send(request), self.address.url)
            except DialogPaintError as error:
                if failures and call.method == "DELETE" and isinstance(error, NotFound):
                    return Received(204, {}, b"")  # an earlier try did it, and its answer was lost
                failures += 1
                counted = failures if not _first_try_runs(error) else min(failures, retry.attempts - 1)
                if _first_try_runs(error) and self.transport.now() - began > FIRST_TRY_S + call.held_s:
                    raise
                pause_s = retry.pause_s(counted, error, self._chance())
                if pause_s is None:
                    raise
                await self.transport.sleep(pause_s)

    async def _stream(self, call: Call[None], after: int, silence_s: float) -> AsyncGenerator[Event | None, None]:
        """Yield the events of one connection, and None for whatever else shows that it is alive."""
        request = self._request(call)
        request["headers"]["Last-Event-ID"] = str(after)
        request["timeout"] = silence_s
        parser = Parser(after)
        async with self.transport.open(request) as stream:
            await _check_stream(stream, self.address.url)
            async for piece in stream.pieces:
                events = _parsed(parser, piece, self.address.url)
                for event in events:
                    yield event
                if not events:
                    yield None

    def _request(self, call: Call[Any]) -> dict[str, Any]:
        request: dict[str, Any] = {"method": call.method, "url": call.path, "params": dict(call.query) or None}
        request["headers"] = dict(call.headers)
        if call.method == "POST":  # one key for all tries, so that they have one effect
            request["headers"]["Idempotency-Key"] = self._new_key()
        if call.json is not None:
            request["json"] = call.json
        if call.upload is not None:
            request["content"] = call.upload.data
            request["headers"]["Content-Type"] = call.upload.media_type
        if call.held_s:
            request["timeout"] = self.address.timeout_s + call.held_s
        return request


def _checked(received: Received, url: str) -> Received:
    if 200 <= received.status < 300:
        return received
    raise error_of(received.status, received.body, url, retry_after_s(received.headers))


async def _check_stream(stream: Stream, url: str, media_type: str = EVENTS) -> None:
    if stream.status == 200 and stream.headers.get("content-type", "").startswith(media_type):
        return
    body = b"".join([piece async for piece in stream.pieces])
    if stream.status == 200:
        expected = "events" if media_type == EVENTS else media_type
        raise UnexpectedAnswer(f"{url} answered with something else than {expected}; check the address.")
    _checked(Received(stream.status, stream.headers, body), url)


def _parsed(parser: Parser, piece: bytes, url: str) -> list[Event]:
    try:
        return parser.feed(piece)
    except ValueError as error:
        raise UnexpectedAnswer(f"{url} sent an event that this client does not understand: {error}") from error


def _first_try_runs(error: DialogPaintError) -> bool:
    return isinstance(error, ApiError) and error.code == STILL_RUNNING


def _first(error: ValidationError) -> str:
    wrong = error.errors()[0]
    return f"{'.'.join(map(str, wrong['loc'])) or 'body'}: {wrong['msg']}"
