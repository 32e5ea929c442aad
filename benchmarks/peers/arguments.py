"""What every peer's process is told."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.diffusers_pipeline import DiffusersPipeline
from benchmarks.jobs import Job, Workload
from editing_service.model_folder import open_model_folder


@dataclass(frozen=True)
class PeerArguments:
    """Which model a peer serves, how, and where."""

    folder: Path
    dtype: str = "float32"
    port: int = 0  # of the peer, or of the Redis that its broker is
    queue: str = "celery"
    workers: int = 1
    batch: int = 1
    tuned: bool = False

    def to_words(self) -> list[str]:
        """The words of a command line that `read` understands."""
        return [json.dumps({**vars(self), "folder": str(self.folder)})]

    @classmethod
    def read(cls) -> PeerArguments:
        """Read them from this process's command line."""
        parser = argparse.ArgumentParser()
        parser.add_argument("arguments", type=json.loads)
        found = parser.parse_args().arguments
        return cls(**{**found, "folder": Path(found["folder"])})

    def pipeline(self) -> DiffusersPipeline:
        """Load the pipeline and run it at batch sizes that it will meet."""
        pipeline = DiffusersPipeline(self.folder, self.dtype)
        jobs: list[Job] = Workload(open_model_folder(str(self.folder)).defaults, seed=0).equal(self.batch)
        for count in {1, self.batch}:
            pipeline.edit(jobs[:count])
        return pipeline
