"""A server for tests of the client: it gives the answers it was told to, and remembers what it was asked."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from dialogpaint.client import DialogPaint
from dialogpaint.retry import Retry
from dialogpaint.transport import Address, Blocking
from gateway import examples

Json = dict[str, Any]
Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]

URL = "http://server.test"


class Server:
    """Gives its answers one after the other, the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return _fresh(answer) if isinstance(answer, httpx.Response) else answer(request)

    def header(self, name: str) -> list[str | None]:
        """What each request had in this header."""
        return [request.headers.get(name) for request in self.requests]


def _fresh(answer: httpx.Response) -> httpx.Response:
    """The same answer, unread, since a response can be given only once."""
    if isinstance(answer.stream, Pieces):
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


class WithoutWaiting(Blocking):
    """A transport whose clock moves only by its own pauses, and by a second each time it is asked."""

    def __init__(
        self, server: Callable[[httpx.Request], httpx.Response], second: float = 0.0, key: str | None = None
    ) -> None:
        super().__init__(Address(URL, key), httpx.MockTransport(server))
        self.slept: list[float] = []
        self._now, self._second = 0.0, second

    async def sleep(self, seconds: float) -> None:
        """Let the clock jump."""
        self.slept.append(seconds)
        self._now += seconds

    def now(self) -> float:
        """Return the time."""
        self._now += self._second
        return self._now


def client_of(transport: Blocking, retry: Retry | None = None) -> DialogPaint:
    """A client on this transport."""
    return DialogPaint(URL, retry=retry, transport=transport)


def problem(
    status: int, code: str = "unavailable", headers: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    """An error as the server tells it."""
    fields = {"type": f"/problems/{code}", "title": code, "status": status, "code": code, "detail": "Do this."}
    content = json.dumps({**fields, "retryable": False, "request_id": "req_1", **more})
    return httpx.Response(status, headers={"content-type": "application/problem+json", **(headers or {})}, text=content)


def ok(body: Json, status: int = 200) -> httpx.Response:
    """A success."""
    return httpx.Response(status, json=body)


def events(*frames: tuple[int, str, Json], breaks: bool = False) -> httpx.Response:
    """An event stream that says this much and ends, or breaks."""
    text = "".join(f"id: {number}\nevent: {name}\ndata: {json.dumps(data)}\n\n" for number, name, data in frames)
    stream = Pieces([text.encode()], httpx.ReadError("cut") if breaks else None)
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=stream)


class Pieces(httpx.SyncByteStream):
    """A body that comes in pieces and may break at its end."""

    def __init__(self, pieces: list[bytes], error: Exception | None = None) -> None:
        self._pieces = pieces
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        """The pieces."""
        yield from self._pieces
        if self._error:
            raise self._error


def edit(status: str = "succeeded", **more: Any) -> Json:
    """An edit as the server answers it."""
    return {**examples.EDIT, "status": status, **more}
