"""A gateway on real sockets and a real Redis, with stand-ins for the two processes that hold models."""

import asyncio
import io
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image

from gateway.app import create_app
from shared.serving import Server
from shared.settings import Settings
from shared.storage.claims import ClaimStore
from shared.storage.files import open_image_files
from tests.integration.gateway.stand_ins import DialogueStandIn, WorkerStandIn


class QuietServer(Server):
    """The gateway's server, leaving pytest's signal handlers alone."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """Do nothing."""
        return nullcontext()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def serving(app: Any, port: int | None = None) -> AsyncIterator[tuple[str, uvicorn.Server]]:
    """Serve an ASGI app on loopback; give its URL and its server."""
    port = port or free_port()
    config = uvicorn.Config(app, port=port, log_config=None, ws="none", timeout_graceful_shutdown=2)
    ports = getattr(app.state, "ports", None)
    server = QuietServer(config, end_streams=ports.end_streams if ports else lambda: None, last_calls_s=0)
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.should_exit = True
        await running


def png(size: tuple[int, int] = (64, 64), colour: str = "red") -> bytes:
    """Return a small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
async def dialogue() -> AsyncIterator[DialogueStandIn]:
    """A dialogue service that answers by rule, or misbehaves on demand."""
    stand_in = DialogueStandIn()
    async with serving(stand_in.app) as (url, _):
        stand_in.url = url
        yield stand_in


@pytest.fixture
def settings(settings: Settings, dialogue: DialogueStandIn) -> Settings:
    """Settings of a gateway that talks to the stand-in."""
    quick = {"dialogue_url": dialogue.url, "dialogue_timeout_s": 1.0, "sweep_interval_s": 0.2}
    return settings.model_copy(update=quick)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """The gateway."""
    return create_app(settings)


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running gateway."""
    async with serving(app) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def worker(settings: Settings, claims: ClaimStore) -> Iterator[WorkerStandIn]:
    """An editing worker that takes real messages and makes plain pictures; paused until told to go on."""
    stand_in = WorkerStandIn(settings, claims, open_image_files(settings.image_store_url))
    thread = threading.Thread(target=stand_in.run, name="worker-stand-in")
    thread.start()
    yield stand_in
    stand_in.stop()
    thread.join(timeout=10)


@pytest.fixture
async def image_id(api: httpx.AsyncClient) -> str:
    """The id of a stored picture."""
    answer = await api.post("/v1/images", content=png(), headers={"Content-Type": "image/png"})
    assert answer.status_code == 201, answer.text
    stored: str = answer.json()["id"]
    return stored


@pytest.fixture
async def conversation(api: httpx.AsyncClient, image_id: str) -> dict[str, Any]:
    """A conversation about the stored picture."""
    body = {"image_id": image_id, "caption": "a red house in a meadow"}
    answer = await api.post("/v1/conversations", json=body)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created
