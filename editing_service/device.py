"""The one thread that computes.

PyTorch's CPU kernels run in an OpenMP team that belongs to the thread which calls them. A second thread that computes
brings a second team, and once the teams together have more threads than there are cores, they no longer wait for work
awake: every one of a step's hundreds of kernels then begins with a wake-up, and a step takes twice as long. So the
model is loaded, warmed up and run on this thread alone, and other threads compute without a team (`compute_alone`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

import torch

Result = TypeVar("Result")


class DeviceThread:
    """Does what it is given in order, in a thread that ends with the process."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="device", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[], Result]) -> Future[Result]:
        """Have something done, after what was given before it."""
        future: Future[Result] = Future()

        def do() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        self._work.put(do)
        return future

    def call(self, work: Callable[[], Result]) -> Result:
        """Have something done and wait for what it gives or raises."""
        return self.submit(work).result()

    def _serve(self) -> None:
        while True:
            self._work.get()()


def use_cores(threads: int | None = None) -> None:
    """Give the calling thread all cores of this process or so many, unless OMP_NUM_THREADS has decided already."""
    if "OMP_NUM_THREADS" not in os.environ:
        _set_threads(threads or cores())


def compute_alone() -> None:
    """Let the calling thread compute without a team; cheap enough to be said again and again."""
    _set_threads(1)


def cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0))


def _set_threads(count: int) -> None:
    torch.get_num_threads()  # or else a thread's first computation would set what another thread said last
    torch.set_num_threads(count)
