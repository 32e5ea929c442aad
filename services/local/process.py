"""One process of the Procfile as a child that cannot outlive its parent."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
LAST_WORDS = 15  # lines kept to explain why a process ended


class Process:
    """A shell command in a session of its own, whose output goes line by line to `say`."""

    def __init__(self, name: str, command: str, env: dict[str, str], say: Callable[[str, str], None]) -> None:
        self.name = name
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._command = command
        self._env = env
        self._say = say
        self._child: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it; call this from a thread that lives as long as the child may (Linux ties the two together)."""
        self._child = subprocess.Popen(
            self._command,
            shell=True,
            cwd=ROOT,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches only the parent, which then stops things in order
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
        threading.Thread(target=self._listen, args=(self._child,), daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id; the process must have been started."""
        assert self._child is not None
        return self._child.pid

    @property
    def returncode(self) -> int | None:
        """The exit status once it has ended."""
        return self._child.poll() if self._child else None

    def signal(self, number: int) -> None:
        """Send a signal to the process and all it started; nothing happens if they are gone."""
        if self._child is not None:
            try:
                os.killpg(self._child.pid, number)
            except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
                return

    def stop(self, patience_s: float) -> None:
        """Ask it to end, wait, then make sure that nothing of it is left."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self._child.wait(patience_s)
            except subprocess.TimeoutExpired:
                self._say(self.name, f"still there after {patience_s:.0f} s; killing it")
        self.signal(signal.SIGKILL)
        self._child.wait()

    def _listen(self, child: "subprocess.Popen[str]") -> None:
        assert child.stdout is not None
        with child.stdout:
            for line in child.stdout:
                self.last_words.append(line.rstrip())
                self._say(self.name, line.rstrip())


def _die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies, even by kill -9; Redis loses nothing by it (AOF)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
