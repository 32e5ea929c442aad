"""The whole stack on one machine: the processes of the Procfile, started in order, watched, stopped in order."""

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
from honcho.environ import parse_procfile

from services.local.process import ROOT, Process

STOP_LAST = "redis"  # so that the others can say goodbye to it
START_PATIENCE_S = 180.0  # the first import of torch from a cold disk takes a while
STOP_PATIENCE_S = 15.0


class StackFailed(Exception):
    """A process ended, or the gateway did not become ready; the text says which and why."""


class Stack:
    """All processes of the Procfile as children of this one; a context manager."""

    def __init__(
        self,
        state: Path,
        say: Callable[[str, str], None],
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        workers: int = 1,
    ) -> None:
        """Prepare a stack with so many editing workers, which share the cores; what has no port gets a free one."""
        self.env = _environment(state, port or free_port(), {**os.environ, **(settings or {})})
        self.url = f"http://{self.env['GATEWAY_HOST']}:{self.env['GATEWAY_PORT']}"
        self._say = say
        commands = parse_procfile((ROOT / "Procfile").read_text()).processes
        if self.env.get("EXTERNAL_REDIS"):
            del commands["redis"]
        if workers > 1 and not self.env.get("OMP_NUM_THREADS") and self.env.get("THREADS", "0") == "0":
            # Each worker would find all cores quickest while it is tried alone, and then compete for them.
            self.env["THREADS"] = str(max(1, len(os.sched_getaffinity(0)) // workers))
        commands |= {f"editing-{number}": commands["editing"] for number in range(2, workers + 1)}
        self.processes = {name: Process(name, command, self.env, say) for name, command in commands.items()}

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start every process; they find each other by themselves, in whatever order they come up."""
        for process in self.processes.values():
            process.start()

    def wait_until_ready(self, patience_s: float = START_PATIENCE_S) -> None:
        """Return once /readyz is green; raise StackFailed when a process ends first or the patience does."""
        deadline = time.monotonic() + patience_s
        missing = "the gateway does not answer"
        while time.monotonic() < deadline:
            self._raise_if_any_ended()
            try:
                answer = httpx.get(f"{self.url}/readyz", timeout=3, trust_env=False)
            except httpx.TransportError:
                pass
            else:
                if answer.is_success:
                    return
                missing = answer.text
            time.sleep(0.1)
        raise StackFailed(f"not ready after {patience_s:.0f} s: {missing}")

    def revive(self) -> None:
        """Start again whatever has ended, as a supervisor does."""
        for process in self.processes.values():
            if process.returncode is not None:
                self._say("system", f"{process.name} ended with status {process.returncode}; starting it again")
                process.start()

    def stop(self) -> None:
        """Stop everything and leave nothing behind."""
        for process in sorted(self.processes.values(), key=lambda process: process.name == STOP_LAST):
            process.stop(STOP_PATIENCE_S)

    def _raise_if_any_ended(self) -> None:
        for process in self.processes.values():
            if process.returncode is not None:
                time.sleep(0.2)  # let its last lines arrive
                words = "\n  ".join(process.last_words)
                raise StackFailed(f"{process.name} ended with status {process.returncode} while starting:\n  {words}")


def free_port() -> int:
    """A TCP port on the loopback interface that nobody uses at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _environment(state: Path, port: int, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of this stack: what is given wins, except where this stack must decide."""
    env = dict(given)
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', '')}"
    env["PYTHONUNBUFFERED"] = "1"
    env.setdefault("TQDM_DISABLE", "1")  # progress bars of libraries have no place in a log
    env["GATEWAY_PORT"] = str(port)
    env.setdefault("GATEWAY_HOST", "127.0.0.1")
    if env.get("REDIS_URL"):
        env["EXTERNAL_REDIS"] = "1"
    else:
        env["REDIS_PORT"] = str(free_port())
        env["REDIS_DIR"] = str(state / "redis")
        env["REDIS_URL"] = f"redis://127.0.0.1:{env['REDIS_PORT']}/0"
    env["DIALOGUE_PORT"] = str(free_port())
    env["DIALOGUE_URL"] = f"http://127.0.0.1:{env['DIALOGUE_PORT']}"
    env.setdefault("IMAGE_STORE_URL", str(state / "images"))
    return env
