"""`make soak MINUTES=30`: random faults by seed on one stack under load, one after the other (F35)."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.__main__ import groups
from tests.faults.matrix import Plan
from tests.faults.report import Report
from tests.faults.session import Session
from tests.faults.table import FAULTS


def main() -> int:
    """Command line; the exit status says whether anything was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=Plan.rate, help="operations a second")
    parser.add_argument("--output", type=Path, default=Path("var/faults/soak.json"))
    wanted = parser.parse_args()
    report = Report(wanted.output)
    with tempfile.TemporaryDirectory(prefix="dialogpaint-soak-") as folder:
        asyncio.run(soak(Path(folder), wanted.seed, wanted.minutes, wanted.rate, report))
    print(report.table())
    return 1 if report.violated else 0


async def soak(folder: Path, seed: int, minutes: float, rate: float, report: Report) -> None:
    """Do one fault after the other to the same stack, chosen by the seed, until the time is over."""
    rng, until = random.Random(seed), time.monotonic() + 60 * minutes
    shared = next(groups(list(FAULTS.values())))
    async with Session(folder / "soak", seed) as session:
        while time.monotonic() < until:
            fault = rng.choice(shared)
            report.add(await session.run(fault.number, fault, Plan(rng.uniform(6, 15), rate)))
        for name, held in session.footprints().items():
            print(f"{name}: {held.memory_mib:.0f} MiB, {held.descriptors} descriptors in the end")


if __name__ == "__main__":
    sys.exit(main())
