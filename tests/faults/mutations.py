"""`python -m tests.faults.mutations`: take away our protections one by one; the invariants must notice each (F36)."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from tests.faults.matrix import Outcome, Plan
from tests.faults.mutants import MUTANTS, WANTED
from tests.faults.session import Session
from tests.faults.table import FAULTS

SETTLE_S = 12.0
NOTHING = "none"


def main() -> int:
    """Command line; the exit status says whether any mutant survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutations", description=__doc__)
    parser.add_argument("--only", default=",".join([NOTHING, *MUTANTS]), help="names, such as no-fence,no-outbox")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--load-s", type=float, default=8.0)
    parser.add_argument("--output", type=Path, default=Path("var/faults/mutants.json"))
    wanted = parser.parse_args()
    print(f"{'mutant':<20}{'fault':<7}{'caught by':<24}first violation", flush=True)
    survived, outcomes = [], {}
    for name in wanted.only.split(","):
        outcome = asyncio.run(run_mutant(name, wanted.seed, Plan(wanted.load_s, rate=4.0)))
        outcomes[name] = asdict(outcome)
        show(name, outcome)
        if bool(outcome.violations) == (name == NOTHING):
            survived.append(name)
    wanted.output.parent.mkdir(parents=True, exist_ok=True)
    wanted.output.write_text(json.dumps(outcomes, indent=1))
    return 1 if survived else 0


async def run_mutant(name: str, seed: int, plan: Plan) -> Outcome:
    """Run the fault under which this mutant must be noticed, on a stack in which all processes are mutated.

    The name `none` is the same without a mutation, in which nothing may be noticed.
    """
    number = "F22" if name == NOTHING else MUTANTS[name].fault
    settings = {} if name == NOTHING else {WANTED: name}
    fault = replace(FAULTS[number], may_fail=frozenset())
    with tempfile.TemporaryDirectory(prefix="dialogpaint-mutant-") as folder:
        async with Session(Path(folder), seed, {**(fault.settings or {}), **settings}) as session:
            session.settle_longer_s = SETTLE_S
            return await session.run(number, replace(fault, budget_s=SETTLE_S), plan)


def show(name: str, outcome: Outcome) -> None:
    """One line."""
    caught = sorted({sentence.partition(":")[0] for sentence in outcome.violations})
    first = outcome.violations[0] if outcome.violations else ""
    print(f"{name:<20}{outcome.fault:<7}{', '.join(caught) or 'NOTHING':<24}{first[:140]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
