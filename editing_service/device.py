"""The one thread that computes.

PyTorch's CPU kernels run in an OpenMP team that belongs to the thread which calls them. A second thread that computes
brings a second team, and once the teams together have more threads than there are cores, they no longer wait for work
awake: every one of a step's hundreds of kernels then begins with a wake-up, and a step takes twice as long. So the
model is loaded, warmed up and run on this thread alone, and other threads compute without a team (`compute_alone`).
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

import torch

Result = TypeVar("Result")

CROWDED = 0.65
"""The part of its cores' time below which a team is better off as one thread; a busy gateway beside it leaves 0.75."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0
"""How long one thread computes before the team tries again; twice as long each time that it was too early."""


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


class Team:
    """How many threads compute: all that were chosen, or one for a while when something else needs the cores.

    A team waits for its slowest thread at the end of each kernel. While another process takes a core away, that is
    several hundred waits a step, and an edit of 60 ms takes seconds; one thread alone only shares its core.
    """

    def __init__(
        self,
        threads: int,
        clock: Callable[[], float] = time.perf_counter,
        cpu_clock: Callable[[], float] = time.process_time,
        use: Callable[[int], None] = torch.set_num_threads,
    ) -> None:
        self._threads, self._clock, self._cpu_clock, self._use = threads, clock, cpu_clock, use
        self._pause_s = FIRST_PAUSE_S
        self._alone_until = -math.inf

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Compute something in the team; how much of the cores it got decides about the next time."""
        began, cpu_began = self._clock(), self._cpu_clock()
        together = self._threads > 1 and began >= self._alone_until
        self._use(self._threads if together else 1)
        yield
        ended, cpu_ended = self._clock(), self._cpu_clock()
        if together and ended > began:
            self._judge((cpu_ended - cpu_began) / (ended - began), ended)

    def _judge(self, cores_had: float, now: float) -> None:
        if cores_had < CROWDED * self._threads:
            self._alone_until = now + self._pause_s
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        else:
            self._pause_s = FIRST_PAUSE_S


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
