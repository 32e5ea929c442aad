"""P0 and P0k: diffusers' pipeline in a loop, without any service around it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.diffusers_pipeline import DiffusersPipeline
from benchmarks.jobs import Job, Picture
from benchmarks.sides import Load, Loaded


class Loop:
    """Works through a list by itself, so many pictures a call; it can't be asked to stop half way."""

    def __init__(self, folder: Path, dtype: str, device: str = "cpu") -> None:
        self._pipeline = DiffusersPipeline(folder, dtype, device)

    def bear(self, load: Load, batch: int = 1) -> Loaded:
        """Carry out all jobs, one call after the other."""
        started = at = time.perf_counter()
        latencies: list[float] = []
        for first in range(0, len(load.jobs), batch):
            together = load.jobs[first : first + batch]
            self.pictures(together)
            before, at = at, time.perf_counter()
            latencies += [at - before for job in together if not job.given_up]
        return Loaded(at - started, len(load.jobs), tuple(latencies))

    def pictures(self, jobs: Sequence[Job]) -> list[Picture]:
        """Edit pictures in as few calls as their parameters allow."""
        return self._pipeline.edit(jobs)
