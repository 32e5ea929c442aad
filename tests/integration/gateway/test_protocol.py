"""Connections on which no request comes, or only slowly; all else that is no HTTP is in tests/hostile."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI

from gateway.protocol import Protocol
from tests.integration.gateway.conftest import QuietServer, free_port

GET = b"GET /name HTTP/1.1\r\nHost: x\r\n"


class Impatient(Protocol):
    """A protocol that waits as long as a test may."""

    head_within_s = 0.3


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where an app is served by it."""
    app, port = FastAPI(), free_port()

    @app.get("/name")
    async def name() -> str:
        await asyncio.sleep(2 * Impatient.head_within_s)
        return "Ada"

    server = QuietServer(uvicorn.Config(app, port=port, http=Impatient, log_config=None), last_calls_s=0)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    yield port
    server.should_exit = True
    await running


async def answer_to(port: int, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """Send pieces with pauses, and read until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(pause_s)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


async def test_a_connection_without_a_request_is_closed(port: int) -> None:
    assert await answer_to(port) == b""


async def test_a_head_that_comes_too_slowly_is_refused_as_a_problem(port: int) -> None:
    answer = await answer_to(port, GET, b"X-A: b\r\n", b"X-A: b\r\n", pause_s=0.2)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"application/problem+json" in answer
    assert b"request-timeout" in answer


async def test_an_answer_and_the_next_request_take_as_long_as_they_take(port: int) -> None:
    answers = await answer_to(port, GET + b"\r\n", GET + b"Connection: close\r\n\r\n", pause_s=0.8)
    assert answers.count(b"200 OK") == 2
