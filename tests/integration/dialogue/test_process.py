"""The dialogue service as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.dialogue_models import save_tiny, wordpiece_tokenizer

STARTS_WITHIN_S = 240
MINI = Path(__file__).parents[3] / "checkpoints" / "mini-dialogue"


def begin(model: Path | str, port: int, **settings: str) -> subprocess.Popen[str]:
    """Start the process with a model."""
    environment = {
        **os.environ, "DIALOGUE_MODEL": str(model), "DIALOGUE_PORT": str(port), "DEVICE": "cpu",
        "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", **settings,
    }  # fmt: skip
    command = [sys.executable, "-m", "dialogue_service"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, free_port: int) -> Iterator[str]:
    """The address of a running service with a tiny untrained model; it must end by itself on SIGTERM."""
    process = begin(save_tiny(tmp_path_factory.mktemp("model"), wordpiece_tokenizer()), free_port)
    address = f"http://127.0.0.1:{free_port}"
    deadline = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                break
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the service did not start"
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.2)
    yield address
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGTERM)


def test_many_clients_at_once_each_get_a_question_from_an_untrained_model(service: str) -> None:
    def ask(number: int) -> httpx.Response:
        return httpx.post(f"{service}/reply", json={"text": f"paint house {number}"}, timeout=60)

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(ask, range(16)))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["kind"] for answer in answers} == {"clarification"}
    assert "dialogpaint_dialogue_batch_rows_count" in httpx.get(f"{service}/metrics").text


def test_a_wrong_request_is_a_problem_with_an_id(service: str) -> None:
    answer = httpx.post(f"{service}/reply", json={"words": "hello"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DIALOGUE_MODEL": "/nowhere/at/all"}, "is neither a folder nor a model id within reach"),
        ({"DTYPE": "float8"}, "DTYPE"),
        ({"DIALOGUE_MODEL": str(MINI), "DIALOGUE_MODEL_DIGEST": "0" * 64}, "DIALOGUE_MODEL_DIGEST is 0000"),
    ],
)
def test_a_setting_that_cannot_work_ends_the_process_with_one_line(
    settings: dict[str, str], said: str, free_port: int
) -> None:
    process = begin("unused", free_port, **settings)
    _, errors = process.communicate(timeout=STARTS_WITHIN_S)
    lines = errors.strip().splitlines()
    assert process.returncode == 1
    assert len(lines) == 1, errors
    assert lines[0].startswith("dialogue service: ")
    assert said in lines[0]
