"""`make soak MINUTES=30`: random faults by seed on one stack under load, one after the other (F35)."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.faults.__main__ import groups, show
from tests.faults.matrix import Outcome, Plan
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
    with tempfile.TemporaryDirectory(prefix="dialogpaint-soak-") as folder:
        outcomes = asyncio.run(soak(Path(folder), wanted.seed, wanted.minutes, wanted.rate))
    wanted.output.parent.mkdir(parents=True, exist_ok=True)
    wanted.output.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))
    accepted, violated = sum(each.accepted for each in outcomes), sum(len(each.violations) for each in outcomes)
    print(f"{len(outcomes)} faults, {accepted} edits accepted, {violated} violations")
    return 1 if violated else 0


async def soak(folder: Path, seed: int, minutes: float, rate: float) -> list[Outcome]:
    """Do one fault after the other to the same stack, chosen by the seed, until the time is over."""
    rng, outcomes, until = random.Random(seed), [], time.monotonic() + 60 * minutes
    shared = next(groups(list(FAULTS.values())))
    async with Session(folder / "soak", seed) as session:
        while time.monotonic() < until:
            fault = rng.choice(shared)
            outcome = await session.run(fault.number, fault, Plan(rng.uniform(6, 15), rate))
            show(outcome)
            outcomes.append(outcome)
        for name, held in session.footprints().items():
            print(f"{name}: {held.memory_mib:.0f} MiB, {held.descriptors} descriptors in the end")
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
