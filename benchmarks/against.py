"""`make bench-load`: load on a running stack, closed loop for what it can do, open loop for how late pictures are."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.edits import SHARE_OF_CAPACITY
from benchmarks.jobs import Mix, Workload
from benchmarks.load import percentile, poisson_times
from benchmarks.outcome import Table
from benchmarks.served import StackSide
from benchmarks.sides import Load, Loaded, Side
from editing_service.model_folder import open_model_folder

CROWDS = (1, 2, 4, 8, 16, 32)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("base_url")
    parser.add_argument("--model", type=Path, default=Path("checkpoints/mini-editor"), help="whose defaults are used")
    parser.add_argument("--edits", type=int, default=48, help="edits at each count of clients")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    workload = Workload(open_model_folder(str(arguments.model)).defaults, arguments.seed)
    stack = StackSide(arguments.base_url, "S1")
    stack.bear(Load(workload.equal(8)))
    print("\n\n".join(table.markdown() for table in load(stack, workload, arguments.edits, arguments.seed)))


def load(stack: Side, workload: Workload, edits: int, seed: int) -> list[Table]:
    """Mixed edits from more and more clients, then at a share of the most that was reached."""
    closed = {clients: stack.bear(Load(workload.mixed(edits, Mix()), clients)) for clients in CROWDS}
    rows = [(str(clients), *_cells(loaded)) for clients, loaded in closed.items()]
    header = ("pictures a second", "p50", "p95", "failed")
    rate = SHARE_OF_CAPACITY * max(loaded.jobs_per_s for loaded in closed.values())
    jobs = workload.mixed(2 * edits, Mix())
    late = stack.bear(Load(jobs, times=poisson_times(rate, len(jobs), seed)))
    return [
        Table("Closed loop, mixed edits", ("clients", *header), rows),
        Table(
            "Open loop, Poisson, latency from the intended time",
            ("edits sent a second", *header),
            [(f"{rate:.1f}", *_cells(late))],
        ),
    ]


def _cells(loaded: Loaded) -> tuple[str, str, str, str]:
    p50, p95 = (f"{1000 * percentile(loaded.latencies_s, share):.0f} ms" for share in (0.5, 0.95))
    return f"{loaded.goodput:.1f}", p50, p95, str(len(loaded.why))


if __name__ == "__main__":
    main()
