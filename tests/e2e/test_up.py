"""`make up` starts everything and leaves nothing behind, however it ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from services.local.process import ROOT
from services.local.stack import START_PATIENCE_S, free_port

PROCESSES = 5


@pytest.fixture(autouse=True)
def _only_here(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--base-url"):
        pytest.skip("starts a stack of its own")


@contextmanager
def make_up(state: Path, workers: int = 1) -> Iterator["subprocess.Popen[str]"]:
    """What `make up` runs, on a free port."""
    command = [sys.executable, "-m", "services.local.up", "--port", str(free_port()), "--state", str(state)]
    command += ["--workers", str(workers)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as up:
        try:
            yield up
        finally:
            up.kill()


def read_until(up: "subprocess.Popen[str]", words: str) -> None:
    """Read what it prints until these words come."""
    assert up.stdout is not None
    assert any(words in line for line in up.stdout), f"it ended with status {up.wait()}"


def offspring(up: "subprocess.Popen[str]", processes: int = PROCESSES) -> list[psutil.Process]:
    """Everything it has started, once all of it is there."""
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline:
        started: list[psutil.Process] = psutil.Process(up.pid).children(recursive=True)
        if len(started) >= processes:
            return started
        time.sleep(0.1)
    raise AssertionError(f"only {started} came up")


@pytest.mark.slow
def test_ctrl_c_stops_everything(tmp_path: Path) -> None:
    with make_up(tmp_path) as up:
        read_until(up, "DialogPaint is ready at http://127.0.0.1:")
        started = offspring(up)
        up.send_signal(signal.SIGINT)
        read_until(up, "Stopped.")
        assert up.wait() == 0
        assert psutil.wait_procs(started, timeout=1)[1] == []


def test_not_even_kill_9_leaves_a_process_of_a_stack_with_two_workers(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux ties a child's life to its parent's")
    with make_up(tmp_path, workers=2) as up:
        started = offspring(up, PROCESSES + 1)
        assert sum("editing_service" in " ".join(process.cmdline()) for process in started) == 2
        up.kill()
        assert psutil.wait_procs(started, timeout=10)[1] == []


def test_a_stack_without_a_worker_is_refused(tmp_path: Path) -> None:
    with make_up(tmp_path, workers=0) as up:
        read_until(up, "--workers must be at least 1")
        assert up.wait() == 2


def test_a_second_stack_on_the_same_state_is_refused(tmp_path: Path) -> None:
    with make_up(tmp_path) as first:
        offspring(first)
        with make_up(tmp_path) as second:
            read_until(second, "A stack already runs on")
            assert second.wait() == 1
