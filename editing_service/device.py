"""The one thread that computes.

PyTorch's CPU kernels run in an OpenMP team that belongs to the thread which calls them. A second thread that computes
brings a second team, and once the teams together have more threads than there are cores, they no longer wait for work
awake: every one of a step's hundreds of kernels then begins with a wake-up, and a step takes twice as long. So the
model is loaded, warmed up and run on this thread alone, and other threads compute without a team (`compute_alone`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Self, TypeVar

import torch

Result = TypeVar("Result")

OVERHEAD, DECODED, ENCODED = 6.0, 2.3, 0.7
"""What a step costs besides its rows, and a picture to decode and to encode, in rows of the U-Net; for the mini."""
WORTH_A_TRIAL = 2.0
"""How many times as long as float32's a product in bfloat16 may take."""
TRIAL, FIRST_PAUSE, LONGEST_PAUSE = 4, 64, 512
"""Turns that the other way is tried for, and those before it is tried again: twice as many each time in vain."""
BETTER, SUDDEN, IN_A_ROW, SMOOTHING = 0.85, 2.0, 3, 0.2
"""How much better it must be; how dear so many turns in a row that have it tried at once; the weight of a new turn."""


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
    """How many threads compute: all that were chosen, or one, whichever has been quicker lately.

    A team waits for its slowest thread at the end of each kernel. While another process takes a core away, that is
    several hundred waits a step, and an edit of 60 ms takes seconds; one thread alone only shares its core. Which is
    better can't be told from the outside, so now and then the other way gets a few turns to show itself.
    """

    def __init__(self, threads: int, use: Callable[[int], None] = torch.set_num_threads) -> None:
        self._threads, self._use = threads, use
        self._together = True
        self._cost: float | None = None  # of a row lately
        self._trial: list[float] | None = None  # the costs of the other way, while it is tried
        self._dear: list[float] = []  # the last turns, as far as they were far dearer than that
        self._turns, self._pause = 0, FIRST_PAUSE

    def take_cores(self) -> None:
        """Let the calling thread compute in the team as it is now."""
        self._use(self._threads if self._together else 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._use(self._threads)  # the next engine on this thread makes a team of its own

    def worked(self, work: float, seconds: float) -> None:
        """Learn how long so much work took, counted in U-Net rows."""
        if self._threads == 1 or not work:
            return
        cost = seconds / work
        if self._trial is not None:
            self._trial.append(cost)
            if len(self._trial) == TRIAL:
                self._decide(sum(self._trial) / TRIAL)
            return
        self._turns += 1
        if self._cost is not None and cost > SUDDEN * self._cost:
            self._dear.append(cost)  # once means nothing: something was done for the first time
        else:
            self._cost = cost if self._cost is None else self._cost + SMOOTHING * (cost - self._cost)
            self._dear.clear()
        if len(self._dear) == IN_A_ROW:
            self._cost = min(self._dear)
        if len(self._dear) == IN_A_ROW or self._turns >= self._pause:
            self._together, self._trial = not self._together, []

    def _decide(self, tried: float) -> None:
        enough = 1.0 if self._together else BETTER  # in doubt together: what else is computed gains more from a team
        if self._cost is None or tried < enough * self._cost:
            self._cost, self._pause = tried, FIRST_PAUSE
        else:
            self._together, self._pause = not self._together, min(2 * self._pause, LONGEST_PAUSE)
        self._trial, self._turns = None, 0
        self._dear.clear()


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


def bfloat16_may_pay() -> bool:
    """Whether bfloat16 is worth a trial on this CPU: without instructions for it, it takes a hundred times as long.

    A moment in which something else computes must not decide that, so it may look a little slower.
    """
    return _product_s(torch.bfloat16) < WORTH_A_TRIAL * _product_s(torch.float32)


def _product_s(dtype: torch.dtype, size: int = 256, tries: int = 10) -> float:
    """Seconds of the fastest of some matrix products of a size that networks have many of."""
    left, right = torch.ones(size, size, dtype=dtype), torch.ones(size, size, dtype=dtype)
    taken = []
    for _ in range(tries):
        started = time.perf_counter()
        left @ right
        taken.append(time.perf_counter() - started)
    return min(taken)


def _set_threads(count: int) -> None:
    torch.get_num_threads()  # or else a thread's first computation would set what another thread said last
    torch.set_num_threads(count)
