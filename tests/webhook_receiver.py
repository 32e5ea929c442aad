"""Somebody who receives webhooks: a real HTTP server on loopback that answers as it was told to."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from tests.patience import eventually


@dataclass(frozen=True)
class Reply:
    """One answer, given after `delay_s`."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0


@dataclass(frozen=True)
class Received:
    """One request as it came; names of headers are small."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]


class Receiver:
    """Gives its replies one after the other, the last one again and again; an async context manager."""

    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.port = 0
        self._replies = list(replies) or [Reply()]
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._closing = asyncio.Event()
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?to=edits"

    def then(self, *replies: Reply) -> None:
        """Give these replies from now on."""
        self._replies = list(replies)

    async def until(self, number: int, within_s: float = 20) -> list[Received]:
        """Wait until so many requests have come, and return them."""

        async def came() -> bool:
            return len(self.received) >= number

        await eventually(came, within_s)
        return self.received

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Stop listening, and leave nobody waiting."""
        assert self._server is not None
        self._server.close()
        self._closing.set()
        if self._answering:
            await asyncio.wait(self._answering)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        with suppress(OSError, asyncio.IncompleteReadError):  # the caller may leave at any time
            await self._answer(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append(Received(head[0].split()[1], headers, body))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        with suppress(TimeoutError):
            async with asyncio.timeout(reply.delay_s):
                await self._closing.wait()
        fields = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
        writer.write(f"HTTP/1.1 {reply.status} Whatever\r\n{fields}Content-Length: 2\r\n\r\nok".encode())
        await writer.drain()
