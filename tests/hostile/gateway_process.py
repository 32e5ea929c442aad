"""A gateway as a process of its own on a Redis of its own, and what can be seen of it from outside."""

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import uvicorn

from services.local.stack import Stack
from shared.settings import Settings
from shared.storage.claims import open_claims
from shared.storage.files import open_image_files
from tests.integration.gateway.conftest import QuietServer
from tests.integration.gateway.stand_ins import DialogueStandIn, WorkerStandIn

PATIENCE_S = 20.0
SAMPLE = "img_sample-house-and-tree"  # a picture that every gateway has
Json = dict[str, Any]


class GatewayProcess(Stack):
    """Real Redis and a real gateway; the two processes that hold models are stand-ins inside of the test."""

    def __init__(self, state: Path, settings: dict[str, str] | None = None) -> None:
        self.log: deque[str] = deque(maxlen=400)
        super().__init__(state, lambda name, line: self.log.append(f"{name} | {line}"), settings=settings)
        for name in ("dialogue", "editing"):
            del self.processes[name]

    @property
    def settings(self) -> Settings:
        """The settings that a worker of this stack runs with."""
        said = {name: self.env[name.upper()] for name in Settings.model_fields if name.upper() in self.env}
        return Settings.model_validate(said)

    @property
    def port(self) -> int:
        """Where the gateway listens."""
        return int(self.env["GATEWAY_PORT"])

    def peak_memory_mb(self) -> float:
        """The most memory that the gateway has ever held (VmHWM), in megabytes."""
        status = Path(f"/proc/{self.gateway_pid}/status").read_text()
        [peak] = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(peak.split()[1]) / 1024

    def open_files(self) -> int:
        """How many descriptors the gateway has open, beside its pool of connections to Redis, which bursts widen."""
        to_redis = int(self.env["REDIS_PORT"])
        connections = psutil.Process(self.gateway_pid).net_connections()
        pooled: int = sum(bool(each.raddr) and each.raddr.port == to_redis for each in connections)
        return sum(1 for _ in Path(f"/proc/{self.gateway_pid}/fd").iterdir()) - pooled

    @property
    def gateway_pid(self) -> int:
        """The gateway's process id."""
        return self.processes["gateway"].pid


@contextmanager
def running_gateway(
    state: Path, settings: dict[str, str] | None = None, *, works: bool = True
) -> Iterator[GatewayProcess]:
    """Give a gateway that is ready, with a worker that takes everything and ends it at once, or one that only beats."""
    stack = GatewayProcess(state, settings)
    with _dialogue(int(stack.env["DIALOGUE_PORT"])):
        try:
            stack.start()
            _until_listening(int(stack.env["REDIS_PORT"]))
            with _worker(stack.settings, works):
                stack.wait_until_ready(PATIENCE_S)
                yield stack
        finally:
            stack.stop()


@contextmanager
def _dialogue(port: int) -> Iterator[None]:
    """Serve the stand-in for the dialogue service from a thread."""
    config = uvicorn.Config(DialogueStandIn().app, port=port, log_config=None, ws="none")
    server = QuietServer(config, last_calls_s=0)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="dialogue-stand-in", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)


@contextmanager
def _worker(settings: Settings, works: bool) -> Iterator[None]:
    """Run the stand-in for an editing worker in a thread; without it the one beat of its heart has to last."""
    claims = open_claims(settings)
    worker = WorkerStandIn(settings, claims, open_image_files(settings.image_store_url))
    worker.step_s = 0.0
    thread = threading.Thread(target=worker.run, name="worker-stand-in", daemon=True)
    if works:
        thread.start()
    try:
        yield
    finally:
        if works:
            worker.stop()
            thread.join(PATIENCE_S)
        claims.close()


def _until_listening(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def problem_of(answer: httpx.Response, case: object) -> Json:
    """Check that an answer is a problem that a person can act on, in our words or in OpenAI's, and give it."""
    assert 400 <= answer.status_code < 500, (case, answer.status_code, answer.text[:300])
    told: Json = json.loads(answer.text)
    if "error" in told:  # below /openai/
        assert answer.headers["content-type"] == "application/json", case
        assert len(told["error"]["message"]) > 10, (case, told)
        return told
    assert answer.headers["content-type"] == "application/problem+json", case
    assert told["status"] == answer.status_code, (case, told)
    assert told["type"].endswith(told["code"]), (case, told)
    assert len(told["detail"]) > 10, (case, told)
    assert "Traceback" not in answer.text, case
    return told
