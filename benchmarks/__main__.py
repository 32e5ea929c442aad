"""`make bench`: this project beside diffusers in a loop, LitServe, Celery and FastAPI, on the same weights, in one run.

Prints a table for each workload; writes the numbers behind it and a figure to var/bench. See docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.edits import Size
from benchmarks.figure import draw
from benchmarks.outcome import Outcome
from benchmarks.suite import SIDES, Plan, run


def main() -> None:
    """Command line."""
    arguments = _arguments()
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    logging.getLogger("benchmarks").setLevel(logging.INFO)
    plan = Plan(
        arguments.model,
        arguments.dtype,
        arguments.only or tuple(SIDES),
        arguments.sides or (),
        Size(arguments.rounds, arguments.edits),
    )

    def tell(outcome: Outcome, dtype: str) -> None:
        outcome.write(arguments.output, dtype)
        print("\n\n".join(table.markdown() for table in outcome.tables), end="\n\n", flush=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # or else those that stand still would stay for ever
    with tempfile.TemporaryDirectory(prefix="dialogpaint-bench-") as scratch:
        run(plan, Path(scratch), tell)
    draw(arguments.output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=tuple(SIDES), help="these workloads (default: all)")
    parser.add_argument("--sides", nargs="+", help="these sides (P0, P1, S1 …; default: all)")
    parser.add_argument("--model", type=Path, default=Path("checkpoints/mini-editor"))
    parser.add_argument("--dtype", default="auto", help="number type of our engine (default: what it finds quickest)")
    parser.add_argument("--rounds", type=int, default=Size.rounds)
    parser.add_argument("--edits", type=int, default=Size.edits, help="edits of one round of a closed loop")
    parser.add_argument("--output", type=Path, default=Path("var/bench"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
