"""Many editing workers on one small machine: real worker processes in which only the model is a stand-in.

Everything else is what `python -m editing_service` runs: the Celery consumer, the step engine, claims, renewals,
heartbeats, watchdogs, picture files. All are forked from one process that has imported PyTorch already, so that its
memory is there once and not 64 times.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from unittest.mock import patch

from benchmarks.simulated_model import Pace, SimulatedModel
from editing_service import worker
from shared.settings import Settings
from shared.telemetry import configure_logging

STOP_PATIENCE_S = 15.0


class SimulatedWorkers:
    """Worker processes that come at the caller's wish and write what they have to say into one file."""

    def __init__(self, settings: Settings, pace: Pace, log: Path) -> None:
        self._settings, self._pace, self._log = settings, pace, log
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])
        self._processes: list[BaseProcess] = []

    @property
    def pids(self) -> list[int]:
        """Their process ids."""
        return [process.pid for process in self._processes if process.pid is not None]

    def grow(self, count: int) -> None:
        """Start as many as are missing to `count`."""
        while len(self._processes) < count:
            process = self._context.Process(target=serve, args=(self._settings, self._pace, self._log), daemon=True)
            process.start()
            self._processes.append(process)

    def stop(self) -> None:
        """Ask all to end, wait, and end those that do not."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(STOP_PATIENCE_S)
            process.kill()
        self._processes.clear()


def settings_of(environment: Mapping[str, str]) -> Settings:
    """The settings that a process with this environment would read."""
    said = {name: environment[name.upper()] for name in Settings.model_fields if name.upper() in environment}
    return Settings.model_validate(said)


def serve(settings: Settings, pace: Pace, log: Path) -> None:
    """Be an editing worker until SIGTERM; what it loads is the stand-in."""
    begin(settings, log)
    with patch.object(worker, "warm_model", lambda _: SimulatedModel(pace)):
        worker.serve(settings)


def begin(settings: Settings, log: Path) -> None:
    """What a forked worker process does first: write into its log, and end when its parent does."""
    _write_into(log)
    gc.freeze()  # a collection that looked at what the parent imported would copy its pages
    threading.Thread(target=_end_with_parent, daemon=True).start()
    configure_logging(settings.log_level, "editing")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _write_into(log: Path) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
