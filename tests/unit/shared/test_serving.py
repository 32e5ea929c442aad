"""A server that is told to end answers what has reached its machine."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
import uvloop

from services.local.stack import free_port
from tests.integration.gateway.conftest import QuietServer

REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class HaltingServer(QuietServer):
    """Stands still for what `meanwhile` does just before it knows that it is to end."""

    meanwhile: Callable[[], None] | None = None

    async def on_tick(self, counter: int) -> bool:
        """See `uvicorn.Server.on_tick`."""
        if self.should_exit and self.meanwhile is not None:
            self.meanwhile()
        return await super().on_tick(counter)


async def app(scope: Any, _receive: Any, send: Any) -> None:
    """Say ok."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


Served = tuple[HaltingServer, int]


@pytest.fixture
def served() -> Iterator[Served]:
    """A server in a thread of its own, on the loop that it has in earnest."""
    port = free_port()
    config = uvicorn.Config(app, port=port, log_config=None, lifespan="off", http="httptools", ws="none")
    server = HaltingServer(config)
    thread = threading.Thread(target=lambda: uvloop.run(server.serve()))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server, port
    server.should_exit = True
    thread.join(10)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def answer(connection: socket.socket) -> bytes:
    """All that comes until a whole answer is there or the connection is closed."""
    heard = b""
    while not heard.endswith(b"ok") and (more := connection.recv(4096)):
        heard += more
    return heard


def test_what_was_sent_before_the_server_knew_is_answered(served: Served) -> None:
    server, port = served
    idle = [connect(port) for _ in range(5)]
    for connection in idle:
        connection.sendall(REQUEST)
        assert answer(connection).startswith(b"HTTP/1.1 200")
    fresh: list[socket.socket] = []

    def requests_come() -> None:
        fresh.extend(connect(port) for _ in range(5))  # the kernel takes them; the server has yet to
        for connection in [*idle, *fresh]:
            connection.sendall(REQUEST)

    server.meanwhile = requests_come
    server.should_exit = True
    for connection in idle:
        assert answer(connection).startswith(b"HTTP/1.1 200")
    for connection in fresh:
        assert answer(connection).startswith(b"HTTP/1.1 200")
    for connection in [*idle, *fresh]:
        assert connection.recv(1) == b"", "it was the connection's last answer"
        connection.close()


def test_each_answer_says_that_it_is_the_last_until_nobody_listens(served: Served) -> None:
    server, port = served
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client, connect(port):
        answers = [client.get("/")]
        assert "connection" not in answers[0].headers
        server.should_exit = True
        with contextlib.suppress(httpx.TransportError):  # at the end nobody listens, or a connection is too late
            while True:
                answers.append(client.get("/"))
    assert answers[-1].headers["connection"] == "close"
    assert {answer.text for answer in answers} == {"ok"}
