"""The embedded Redis keeps what it acknowledged, even when it is killed."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

STARTS_WITHIN_S = 30


@contextmanager
def own_redis(port: int, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], redis.Redis]]:
    """Run `python -m shared.redis_server` and connect to it."""
    command = [sys.executable, "-m", "shared.redis_server", "--port", str(port), "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + STARTS_WITHIN_S
    with redis.Redis(port=port, decode_responses=True) as client:
        while time.monotonic() < deadline:
            try:
                client.ping()
                break
            except redis.RedisError:
                time.sleep(0.05)
        try:
            yield server, client
        finally:
            server.kill()
            server.wait()


@pytest.fixture
def port() -> int:
    """A port that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_what_was_written_survives_a_kill(port: int, tmp_path: Path) -> None:
    with own_redis(port, tmp_path / "redis") as (_, client):
        client.set("picture", "house")
    with own_redis(port, tmp_path / "redis") as (_, client):
        assert client.get("picture") == "house"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
