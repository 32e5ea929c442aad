"""A supervised process never outlives its supervisor and says why it ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from services.local.process import ROOT, Process

PARENT = """
import os, sys, time
from services.local.process import Process
process = Process("sleeper", "exec sleep 60", dict(os.environ), lambda name, line: None)
process.start()
print(process.pid, flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    """Whether a process runs (one that merely waits to be reaped does not)."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(happens: Callable[[], bool], patience_s: float = 5) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.02)
    return False


def quiet(_name: str, _line: str) -> None:
    """Say nothing."""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_a_child_dies_when_its_parent_is_killed_without_warning() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
        assert eventually(lambda: not is_alive(child))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_stopping_leaves_no_grandchild_even_if_the_child_ignores_the_signal(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    command = f"trap '' TERM; sleep 60 & echo $! > {pid_file}; while :; do wait; done"
    process = Process("stubborn", command, dict(os.environ), quiet)
    process.start()
    assert eventually(lambda: pid_file.exists() and pid_file.read_text().strip().isdigit())
    process.stop(patience_s=0.2)
    assert process.returncode == -signal.SIGKILL
    assert eventually(lambda: not is_alive(int(pid_file.read_text())))


def test_the_last_words_of_a_process_are_kept() -> None:
    process = Process("unlucky", "echo no such model: x; exit 3", dict(os.environ), quiet)
    process.start()
    assert eventually(lambda: process.returncode == 3)
    assert eventually(lambda: list(process.last_words) == ["no such model: x"])
    process.stop(patience_s=1)
