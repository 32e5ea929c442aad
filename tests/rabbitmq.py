"""A RabbitMQ server that lives as long as a test, where the machine has one installed."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PLACES = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/usr/sbin")
"""Debian's wrapper in /usr/sbin changes users; the script that it calls does not."""
STARTS_WITHIN_S = 90


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """The address of a server that keeps its data in a folder; skips the test where none is installed."""
    command = shutil.which("rabbitmq-server", path=os.pathsep.join(PLACES))
    if command is None:
        pytest.skip("no RabbitMQ is installed (Debian's package rabbitmq-server)")
    port, between_nodes = _free_port(), _free_port()
    (folder / "plugins").write_text("[].")
    variables = {
        "RABBITMQ_NODENAME": f"test{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(between_nodes),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "HOME": str(folder),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    with (folder / "output").open("wb") as output:
        server = subprocess.Popen(
            [command], env={**os.environ, **variables}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait_for(server, port, folder / "output")
        yield f"amqp://guest:guest@127.0.0.1:{port}//"
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_for(server: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.settimeout(5)
                connection.sendall(b"AMQP\0\0\x09\x01")
                if connection.recv(1):
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"RabbitMQ did not start: {output.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
