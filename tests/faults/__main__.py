"""`python -m tests.faults`: do faults to a stack under load, heal it, and check what is promised."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import CalledProcessError

from tests.faults.matrix import Fault, Plan
from tests.faults.report import Report
from tests.faults.session import Session
from tests.faults.table import FAULTS


def main() -> int:
    """Command line; the exit status says whether anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", default=",".join(FAULTS), help="numbers, such as F2,F10")
    parser.add_argument("--times", type=int, default=5, help="runs of each")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others count on")
    parser.add_argument("--load-s", type=float, default=Plan.load_s)
    parser.add_argument("--rate", type=float, default=Plan.rate, help="operations a second")
    parser.add_argument("--output", type=Path, default=Path("var/faults/outcomes.json"))
    parser.add_argument("--keep", type=Path, help="folder for all that the runs leave behind")
    wanted = parser.parse_args()
    faults = [FAULTS[number] for number in wanted.only.split(",")]
    seeds = range(wanted.seed, wanted.seed + wanted.times)
    report = Report(wanted.output)
    with tempfile.TemporaryDirectory(prefix="dialogpaint-faults-") as folder:
        asyncio.run(run_all(faults, seeds, Plan(wanted.load_s, wanted.rate), wanted.keep or Path(folder), report))
    print(report.table())
    return 1 if report.violated else 0


async def run_all(faults: Sequence[Fault], seeds: Sequence[int], plan: Plan, base: Path, report: Report) -> None:
    """Run every fault with every seed, those that share a stack one after the other on one stack for each seed."""
    for seed in seeds:
        for number, group in enumerate(groups(faults)):
            session = Session(base / f"{seed}-{number}", seed, group[0].settings, group[0].small_disk)
            try:
                async with session:
                    for fault in random.Random(seed).sample(group, len(group)):
                        report.add(await session.run(fault.number, fault, plan))
            except CalledProcessError as error:  # no right to mount
                print(f"{group[0].number} is left out: {error}", flush=True)


def groups(faults: Sequence[Fault]) -> Iterator[list[Fault]]:
    """The faults that share a stack, then each of those that want one of their own."""
    together = [fault for fault in faults if not fault.alone and fault.settings is None]
    if together:
        yield together
    yield from ([fault] for fault in faults if fault not in together)


if __name__ == "__main__":
    sys.exit(main())
