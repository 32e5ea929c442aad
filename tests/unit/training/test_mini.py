"""The command that makes both minis."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

STEP = """
import pathlib, signal, sys, time
def keep(*_):
    time.sleep(1)  # longer than a shell or subprocess.call would wait
    pathlib.Path(sys.argv[2]).write_text("kept")
    sys.exit(3)
signal.signal(signal.SIGINT, keep)
pathlib.Path(sys.argv[1]).write_text("began")
time.sleep(30)
"""


def test_a_step_that_is_interrupted_gets_the_time_to_keep_what_it_has(tmp_path: Path) -> None:
    began, kept = tmp_path / "began", tmp_path / "kept"
    command = [sys.executable, "-c", STEP, str(began), str(kept)]
    runs = f"import sys; from training.mini import run; sys.exit(run({command!r}))"
    process = subprocess.Popen([sys.executable, "-c", runs], start_new_session=True)
    deadline = time.monotonic() + 30
    while not began.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C in a terminal does
    assert process.wait(20) == 3
    assert kept.read_text() == "kept"
