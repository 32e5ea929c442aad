"""Real worker processes whose model is the stand-in; all are forked from one process that has imported PyTorch."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from benchmarks.simulated_model import Pace
from benchmarks.simulated_workers import begin
from editing_service import worker
from shared.settings import Settings
from tests.faults.failpoints import install_in_worker
from tests.faults.model import FaultyModel
from tests.faults.mutants import install_wanted

PACE = Pace(step_s=0.06, steps=5, decode_s=0.02, side=16)
STOP_PATIENCE_S = 10.0


class Workers:
    """So many workers, which are started again when they have ended."""

    def __init__(self, settings: Settings, count: int, env: Mapping[str, str], folder: Path) -> None:
        self.count = count
        self._settings, self._env, self._folder = settings, dict(env), folder
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._processes: dict[int, BaseProcess] = {}

    @property
    def logs(self) -> list[Path]:
        """The files that they write."""
        return sorted(self._folder.glob("worker-*.log"))

    @property
    def pids(self) -> list[int]:
        """The processes that live."""
        return [each.pid for each in self._processes.values() if each.is_alive() and each.pid is not None]

    def revive(self) -> list[str]:
        """Start what is not there; gives a line for each that had ended."""
        ended = []
        for index in range(self.count):
            before = self._processes.get(index)
            if before is not None and before.is_alive():
                continue
            if before is not None:
                ended.append(f"worker-{index} ended with status {before.exitcode}")
            log, once = self._folder / f"worker-{index}.log", self._folder / "once"
            process = self._context.Process(target=serve, args=(self._settings, self._env, log, once), daemon=True)
            process.start()
            self._processes[index] = process
        return ended

    def signal(self, index: int, number: int) -> None:
        """Send a signal to one of them."""
        process = self._processes[index % self.count]
        if process.is_alive() and process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(process.pid, number)

    def stop(self) -> None:
        """End all of them."""
        for process in self._processes.values():
            if process.is_alive() and process.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGCONT)
            process.terminate()
        for process in self._processes.values():
            process.join(STOP_PATIENCE_S)
            process.kill()
        self._processes.clear()


def serve(settings: Settings, env: Mapping[str, str], log: Path, once: Path) -> None:
    """Be an editing worker until SIGTERM."""
    begin(settings, log)
    os.environ.update(env)
    once.mkdir(exist_ok=True)
    install_wanted()
    install_in_worker()
    with patch.object(worker, "warm_model", lambda _: FaultyModel(PACE, once)):
        worker.serve(settings)
