"""Starting what is measured: the stack, and the peers' servers, each with the threads that suit it best."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.http import Ask, Http
from benchmarks.peers.arguments import PeerArguments
from benchmarks.sides import SideFailed
from services.local.process import Process
from services.local.stack import Stack, free_port

PATIENCE_S = 180.0


class Processes:
    """The processes of one run of the suite; `exits` ends them."""

    def __init__(self, scratch: Path, exits: ExitStack) -> None:
        self._scratch, self._exits = scratch, exits
        self._redis_port: int | None = None
        self.choices_file = scratch / "choices.json"  # so that the stack runs what the engine was found to run best

    def peer(self, module: str, arguments: PeerArguments, threads: int | None) -> Process:
        """Start a module of `benchmarks.peers`; `threads` is for PyTorch, its own choice where None."""
        env = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
        return self._start(module, ["-m", f"benchmarks.peers.{module}", *arguments.to_words()], env)

    def redis_port(self) -> int:
        """The port of the Redis that the peers share, which is started when it is first asked for."""
        if self._redis_port is None:
            self._redis_port = free_port()
            words = [
                "-m",
                "shared.redis_server",
                "--port",
                str(self._redis_port),
                "--dir",
                str(self._scratch / "peers"),
            ]
            self._start("redis", words, {})
        return self._redis_port

    def stack(self, name: str, folder: Path, dtype: str, workers: int, threads: int) -> str:
        """Start the whole stack and give its address; each worker computes with so many threads, 0: what it prefers."""
        settings = {
            "EDITING_MODEL": str(folder),
            "DTYPE": dtype,
            "THREADS": str(threads),
            "CHOICES_FILE": str(self.choices_file),
        }
        stack = Stack(self._scratch / name, silent, settings=settings, workers=workers)
        return self._exits.enter_context(stack).url

    def _start(self, name: str, words: list[str], env: dict[str, str]) -> Process:
        command = "exec " + shlex.join([sys.executable, *words])
        process = Process(name, command, {**os.environ, "TQDM_DISABLE": "1", **env}, silent)
        process.start()
        self._exits.callback(_end, process)
        return process


def wait_for_health(process: Process, url: str) -> None:
    """Return once a server says that it is well; raise SideFailed where it ends first or takes too long."""
    http, deadline = Http(url), time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.returncode is None:
        try:
            http.ask(Ask("GET", "/health", patience_s=5))
        except (SideFailed, TimeoutError):
            time.sleep(0.2)
        else:
            http.close()
            return
    raise SideFailed(f"{process.name} did not come up:\n  " + "\n  ".join(process.last_words))


def _end(process: Process) -> None:
    process.signal(signal.SIGKILL)  # a peer has nothing to lose, and one that stands still would not hear anything else
    process.stop(patience_s=5)


def silent(_process: str, _line: str) -> None:
    """What the processes say is not part of the table."""
