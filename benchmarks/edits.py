"""The workloads of edits: an idle service, W1 (equal edits), what each of our features is worth, and W2 (mixed)."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.arena import Arena, label
from benchmarks.child import ChildSide
from benchmarks.direct import Switches
from benchmarks.jobs import Job, Mix
from benchmarks.load import percentile, poisson_times
from benchmarks.outcome import Outcome, Table
from benchmarks.rounds import Spread, interleave, ratios
from benchmarks.sides import Load, Loaded, Side

SHARE_OF_CAPACITY = 0.8  # of LitServe's, at which latencies are taken


@dataclass(frozen=True)
class Variant:
    """The engine with something switched off, or with jobs that take its caches away or fill them."""

    switches: Switches = field(default_factory=Switches)
    change: Callable[[Job, Job], Job] = lambda job, _first: job  # a job, given it and the first of its load


VARIANTS = {
    "as it is": Variant(),
    "no step shared (slots = 1)": Variant(Switches(slots=1)),
    "rows of weight zero computed too": Variant(Switches(skips_rows=False)),
    "every instruction a new one": Variant(change=lambda job, _: replace(job, instruction=f"make it night {job.seed}")),
    "every picture the same one": Variant(change=lambda job, first: replace(job, picture=first.picture)),
    "the networks' blocks as diffusers has them": Variant(Switches(lean=False)),
    "source not rendered for comparison": Variant(Switches(compares=False)),
}


@dataclass(frozen=True)
class Size:
    """How long a run takes."""

    rounds: int = 5
    feature_rounds: int = 3  # at most
    edits: int = 40  # of a closed loop
    idle_edits: int = 5
    open_s: float = 6.0  # over which the jobs of an open loop come
    mix: Mix = field(default_factory=Mix)


def idle(arena: Arena, size: Size) -> Outcome:
    """One client, one edit at a time: what the way to the engine and back costs."""
    sides = {side.name: side for side in arena.pick("P0", "P1", "P2t", "P3", "S0", "S1")}
    workloads = [arena.workload(seed=100 + number) for number in range(size.rounds)]
    loads = [Load(workload.equal(size.idle_edits), clients=1) for workload in workloads]
    found = interleave(sides, size.rounds, lambda side, number: side.bear(loads[number]))
    taken = {name: [statistics.median(each.latencies_s) for each in loaded] for name, loaded in found.items()}
    base = taken[_base(arena)]
    rows = [
        (label(name), *ratios(taken[name], base).times(), *_difference(taken[name], base).milliseconds())
        for name in taken
    ]
    header = ("one client, one edit at a time", f"time, of {_base(arena)}'s", "range", "more than it", "range")
    return Outcome("idle", [Table("Idle", header, rows)], {"seconds": taken, "why": _why(found)})


def equal(arena: Arena, size: Size) -> Outcome:
    """W1 in a closed loop: every picture a new one, all else equal."""
    loads = [Load(arena.workload(seed=200 + number).equal(size.edits)) for number in range(size.rounds)]
    less = [Load(load.jobs[: max(1, size.edits // 16)]) for load in loads]  # P2 takes many times as long as all others

    def measure(side: Side, number: int) -> Loaded:
        return side.bear((less if side.name.startswith("P2 ") else loads)[number])

    found = interleave(arena.sides, size.rounds, measure)
    return _goodput_outcome(arena, "w1", "W1: equal edits, 16 clients, finished pictures a second", found)


def features(arena: Arena, size: Size) -> Outcome:
    """W1 on the engine itself, with each of its ways switched off in turn, or with less to do."""
    rounds = min(size.rounds, size.feature_rounds)
    loads = [Load(arena.workload(seed=300 + number).equal(size.edits)) for number in range(rounds)]

    def measure(variant: Variant, number: int) -> Loaded:
        jobs = [variant.change(job, loads[number].jobs[0]) for job in loads[number].jobs]
        return ChildSide("S0", arena.engine, variant.switches).bear(Load(jobs))

    found = interleave(VARIANTS, rounds, measure)
    rates = {name: [each.goodput for each in loaded] for name, loaded in found.items()}
    rows = [(name, *ratios(rate, rates["as it is"]).times()) for name, rate in rates.items()]
    table = Table("W1 on the engine (S0), feature by feature", ("", "edits a second, of S0's", "range"), rows)
    return Outcome("features", [table], {"per_s": rates, "why": _why(found)})


def mixed(arena: Arena, size: Size) -> Outcome:
    """W2 in a closed loop: goodput when every edit is unlike the others."""
    sides = {side.name: side for side in arena.pick("P0", "P1", "P1s", "P2t", "S0", "S1", "S1w")}
    _warm_up(sides, arena, size)
    loads = [Load(arena.workload(seed=400 + number).mixed(size.edits, size.mix)) for number in range(size.rounds)]
    found = interleave(sides, size.rounds, lambda side, number: side.bear(loads[number]))
    return _goodput_outcome(arena, "w2", "W2: mixed edits, 16 clients, wanted and finished pictures a second", found)


def arrivals(arena: Arena, size: Size) -> Outcome:
    """W2 in an open loop, at 0.8 of what LitServe bears: how late pictures are, from when they were to be asked for."""
    chosen = arena.pick("P1", "P1s", "P2t", "S0", "S1", "S1w")
    sides = {side.name: side for side in chosen if side.name.startswith("S") or side.name.endswith(arena.dtype)}
    _warm_up(sides, arena, size)
    rate = SHARE_OF_CAPACITY * _capacity(sides[f"P1 {arena.dtype}"], arena, size)
    count = max(4, round(rate * size.open_s))
    loads = [
        Load(arena.workload(seed=500 + n).mixed(count, size.mix), times=poisson_times(rate, count, seed=n))
        for n in range(size.rounds)
    ]
    found = interleave(sides, size.rounds, lambda side, number: side.bear(loads[number]))
    reached = {
        name: {str(share): [percentile(each.latencies_s, share) for each in loaded] for share in (0.5, 0.95)}
        for name, loaded in found.items()
    }
    base = reached[f"P1 {arena.dtype}"]
    rows = [
        (label(name), *ratios(each["0.5"], base["0.5"]).times(), *ratios(each["0.95"], base["0.95"]).times())
        for name, each in reached.items()
    ]
    header = ("", "p50, of P1's", "range", "p95, of P1's", "range")
    title = f"W2: mixed edits at {SHARE_OF_CAPACITY} of LitServe's capacity, Poisson, latency from the intended time"
    return Outcome("w2_open", [Table(title, header, rows)], {"rate": rate, "seconds": reached, "why": _why(found)})


def _warm_up(sides: Mapping[str, Side], arena: Arena, size: Size) -> None:
    """Let every side meet batches of all sizes once: PyTorch makes its kernels for each when it first sees it."""
    load = Load(arena.workload(seed=700).mixed(size.edits, size.mix))
    for side in sides.values():
        side.bear(load)


def _capacity(side: Side, arena: Arena, size: Size) -> float:
    """Jobs a second that a side bears in W2, the median of three closed loops."""
    loads = [Load(arena.workload(seed=600 + number).mixed(size.edits, size.mix)) for number in range(3)]
    return statistics.median(side.bear(load).jobs_per_s for load in loads)


def _goodput_outcome(arena: Arena, name: str, title: str, found: dict[str, list[Loaded]]) -> Outcome:
    rates = {side: [each.goodput for each in loaded] for side, loaded in found.items()}
    base, stack = rates[_base(arena)], rates["S1"]
    rows = [(label(side), *ratios(rate, base).times(), *ratios(stack, rate).times()) for side, rate in rates.items()]
    header = ("", f"of {_base(arena)}'s", "range", "S1 is faster by", "range")
    jobs = {side: [each.jobs_per_s for each in loaded] for side, loaded in found.items()}
    return Outcome(name, [Table(title, header, rows)], {"per_s": rates, "jobs_per_s": jobs, "why": _why(found)})


def _base(arena: Arena) -> str:
    """What everything is compared with: the pipeline in a loop, in our number type."""
    return f"P0 {arena.dtype}"


def _difference(of: Sequence[float], to: Sequence[float]) -> Spread:
    return Spread.of([one - other for one, other in zip(of, to, strict=True)])


def _why(found: dict[str, list[Loaded]]) -> dict[str, list[str]]:
    """What failed, by side."""
    failed = {name: [why for loaded in rounds for why in loaded.why] for name, rounds in found.items()}
    return {name: why for name, why in failed.items() if why}
