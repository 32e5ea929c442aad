"""Load on a stack that is running."""

from benchmarks.against import CROWDS, load
from benchmarks.jobs import Job, Picture, Workload
from benchmarks.load import put_on
from benchmarks.sides import Load, Loaded
from editing_service.model_folder import ModelDefaults


class FakeStack:
    """Answers at once."""

    name = "S1"

    def bear(self, load: Load) -> Loaded:
        return put_on(self, load)

    def edit(self, job: Job, patience_s: float | None = None) -> Picture | None:
        return job.picture if patience_s is None else None

    def close(self) -> None: ...


def test_every_crowd_and_the_open_loop_get_their_line() -> None:
    closed, late = load(FakeStack(), Workload(ModelDefaults(resolution=16), seed=1), edits=4, seed=1)
    assert [row[0] for row in closed.rows] == [str(clients) for clients in CROWDS]
    assert [row[-1] for row in (*closed.rows, *late.rows)] == ["0"] * (len(CROWDS) + 1)
