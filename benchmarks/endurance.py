"""`make bench-endurance`: ten thousand tiny edits through a gateway and a worker, and what they leave behind.

The engine is the real one, on a model so small that an edit takes milliseconds. Edits come as turns with idempotency
keys, as plain edits of two pictures, with previews over event streams, and cancelled; every conversation is deleted
after twenty of them. Memory and descriptors of both processes are looked at all along; in the end Redis and
the folder of pictures must hold what they held in the beginning.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.endurance_model import save_tiny_model
from benchmarks.endurance_talks import Crowd, Tally, hold_talks, stand_alone
from benchmarks.endurance_watch import Look, Watch, course, kinds_of_keys
from benchmarks.outcome import keep, machine
from benchmarks.processes import silent
from services.local.process import Process
from services.local.stack import Stack
from shared.storage.client import SyncRedis, connect_worker

SETTINGS = {
    "SWEEP_INTERVAL_S": "0.1",
    "EVENT_STREAM_LENGTH": "200",
    "DTYPE": "float32",
    "THREADS": "1",
    "LOG_LEVEL": "warning",
}
CLEAN_WITHIN_S = 60.0


@dataclass(frozen=True)
class Plan:
    """How much is asked for, and how long answers are kept for those who ask again."""

    edits: int = 10_000
    warm_up: int = 2_000  # of these: not looked at
    clients: int = 12
    at_most_s: float = 420.0  # then no more conversations are begun
    on_their_own: int = 50  # edits without a conversation, in the end
    keep_answers_s: int = 5
    look_every_s: float = 1.0


@dataclass(frozen=True)
class Found:
    """What was seen and what was left."""

    seconds: float
    counts: Mapping[str, int]
    looks: Sequence[Look]
    keys_before: Mapping[str, int]
    keys_after: Mapping[str, int]
    files_before: int
    files_after: int
    kept_by_each_on_its_own: Mapping[str, float]  # keys of an edit without a conversation: kept for EDIT_TTL_S


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--edits", type=int, default=Plan.edits)
    parser.add_argument("--warm-up", type=int, default=Plan.warm_up)
    parser.add_argument("--clients", type=int, default=Plan.clients)
    parser.add_argument("--at-most-s", type=float, default=Plan.at_most_s)
    parser.add_argument("--output", type=Path, default=Path("var/bench/endurance.json"))
    arguments = parser.parse_args()
    if arguments.edits <= arguments.warm_up:
        parser.error(f"give more --edits than the {arguments.warm_up} of --warm-up, after which memory is looked at")
    found = run(Plan(arguments.edits, arguments.warm_up, arguments.clients, arguments.at_most_s))
    print(table(found, arguments.warm_up))
    keep(arguments.output, {"machine": machine(), **asdict(found)})


def run(plan: Plan) -> Found:
    """Start a stack with the tiny model, have the edits made, wait until nothing more is tidied away."""
    with (
        tempfile.TemporaryDirectory(prefix="dialogpaint-endurance-") as folder,
        _stack(Path(folder), plan) as stack,
        closing(connect_worker(stack.env["REDIS_URL"])) as redis,
    ):
        return _endure(stack, redis, plan)


def _endure(stack: Stack, redis: SyncRedis, plan: Plan) -> Found:
    pictures = Path(stack.env["IMAGE_STORE_URL"])
    hold_talks(stack.url, Crowd(plan.clients, plan.clients, seed=1), Tally())  # what is made once and stays
    _until_clean(plan, pictures)
    before, files_before = kinds_of_keys(redis), _files(pictures)
    tally, started = Tally(), time.monotonic()
    pids = {name: stack.processes[name].pid for name in ("gateway", "editing")}
    with Watch(pids, redis, lambda: tally.edits, plan.look_every_s) as watch:
        hold_talks(stack.url, Crowd(plan.clients, plan.edits, plan.at_most_s), tally)
    seconds = time.monotonic() - started
    _until_clean(plan, pictures)
    after, files_after = kinds_of_keys(redis), _files(pictures)
    stand_alone(stack.url, plan.on_their_own)
    kept = kinds_of_keys(redis) - after
    each = {kind: count / plan.on_their_own for kind, count in kept.items()}
    return Found(seconds, tally.counts, watch.looks, dict(before), dict(after), files_before, files_after, each)


def table(found: Found, warm_up: int) -> str:
    """What was seen as Markdown."""
    looks = [look for look in found.looks if look.edits >= warm_up]
    rows: dict[str, Sequence[float]] = {
        **{f"memory of {kind}, MiB": [look.memory_mib[kind] for look in looks] for kind in looks[0].memory_mib},
        **{f"descriptors of {kind}": [look.descriptors[kind] for look in looks] for kind in looks[0].descriptors},
        "memory of Redis, MiB": [look.redis_mib for look in looks],
    }
    lines = ["| | first third | last third | growth | least … most |", "|---|---|---|---|---|"]
    for name, values in rows.items():
        went = course(values)
        lines.append(
            f"| {name} | {went.first:.1f} | {went.last:.1f} | {went.growth:+.1%} | {went.least:.1f} … {went.most:.1f} |"
        )
    total = sum(found.counts.values())
    return "\n".join(
        [
            f"{total} edits in {found.seconds:.0f} s ({total / found.seconds:.1f}/s): {found.counts}",
            *lines,
            f"keys before {found.keys_before}",
            f"keys after  {found.keys_after}",
            f"picture files before {found.files_before}, after {found.files_after}",
            f"keys that each edit without a conversation keeps: {found.kept_by_each_on_its_own}",
        ]
    )


def _stack(folder: Path, plan: Plan) -> Stack:
    model = save_tiny_model(folder / "model")
    settings = {**SETTINGS, "EDITING_MODEL": str(model), "IDEMPOTENCY_TTL_S": str(plan.keep_answers_s)}
    stack = Stack(folder / "state", silent, settings=settings)
    stand_in = "exec python -m benchmarks.simulated_dialogue"
    stack.processes["dialogue"] = Process("dialogue", stand_in, stack.env, silent)
    return stack


def _until_clean(plan: Plan, pictures: Path) -> None:
    """Wait until the answers' time is over and the sweeper has deleted what nobody needs, or for a minute."""
    time.sleep(plan.keep_answers_s + 1)
    deadline = time.monotonic() + CLEAN_WITHIN_S
    while _files(pictures) and time.monotonic() < deadline:
        time.sleep(0.2)


def _files(pictures: Path) -> int:
    return sum(path.is_file() for path in pictures.rglob("*"))


if __name__ == "__main__":
    main()
