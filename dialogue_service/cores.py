"""How many cores the dialogue model computes on."""

from __future__ import annotations

import os

import torch


def take_half() -> int:
    """Let the calling thread compute on half of this process's cores, or as OMP_NUM_THREADS says; returns how many.

    A team of threads waits at the end of every kernel for its slowest one, so a team as large as the machine stands
    still whenever the editing worker beside it takes a core (docs/decisions/0011).
    """
    count = torch.get_num_threads()  # to be asked first, or else the first kernel would forget what is set here
    if "OMP_NUM_THREADS" not in os.environ:
        count = max(1, len(os.sched_getaffinity(0)) // 2)
        torch.set_num_threads(count)
    return count
