"""Redis servers that live as long as a test, or a run of them."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from shared.redis_server import server_command

REDIS_STARTS_WITHIN_S = 20


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """A Redis server of one's own, and its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = subprocess.Popen(server_command(port, folder, durable=False), stdout=subprocess.DEVNULL)
    try:
        _wait_for_redis(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=REDIS_STARTS_WITHIN_S)


def _wait_for_redis(port: int) -> None:
    deadline = time.monotonic() + REDIS_STARTS_WITHIN_S
    with redis.Redis(port=port) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return
