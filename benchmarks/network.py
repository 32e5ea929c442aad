"""What the U-Net itself allows: t(n) = a + b·n for n rows, and whether our pictures are those of diffusers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.arena import Arena
from benchmarks.child import Child
from benchmarks.direct import Switches
from benchmarks.jobs import Job, Mix, Picture
from benchmarks.outcome import Outcome, Table
from benchmarks.rounds import Spread, interleave

ROWS = (1, 2, 3, 4, 6, 8, 12, 16, 24)
TRIES = 3


def fit_rows(arena: Arena, rounds: int) -> Outcome:
    """Time the U-Net for several counts of rows, interleaved, and fit a line through the medians."""

    def measure(rows: int, _round: int) -> float:
        return float(min(arena.engine.call("row_seconds", rows, TRIES)))

    found = interleave({str(rows): rows for rows in ROWS}, rounds, measure)
    medians = [Spread.of(found[str(rows)]).median for rows in ROWS]
    a, b = line(ROWS, medians)
    limit = (a + b) / b
    rows = [
        (str(count), f"{median / medians[0]:.2f}", f"{(a + b * count) / medians[0]:.2f}")
        for count, median in zip(ROWS, medians, strict=True)
    ]
    note = f"a = {a / b:.1f} b: sharing steps can make the U-Net (a + b) / b = {limit:.2f} times as fast, and no more."
    table = Table(f"t(n) = a + b·n, {arena.dtype}, as multiples of t(1)", ("rows", "measured", "line"), rows, note)
    return Outcome("network", [table], {"rows": ROWS, "seconds": found, "a_s": a, "b_s": b, "limit": limit})


def line(rows: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """The a and b of t(n) = a + b·n through measured times."""
    b, a = (float(value) for value in np.polyfit(rows, seconds, 1))
    return a, b


def compare_pictures(arena: Arena, count: int, mix: Mix) -> Outcome:
    """Hold pictures of equal and of mixed edits, computed in company, against diffusers' one by one."""
    workload = arena.workload(seed=1)
    jobs = [*workload.equal(count), *workload.mixed(count, mix)]
    ours = arena.engine.call("pictures", jobs, Switches())
    rows, numbers = [], {}
    for dtype, loop in arena.loops.items():
        alike = [likeness(one, other) for one, other in zip(ours, _one_by_one(loop, jobs), strict=True)]
        levels, psnr = max(each[0] for each in alike), min(each[1] for each in alike)
        numbers[dtype] = {"levels": levels, "psnr_db": psnr}
        rows.append((f"ours in {arena.dtype}, diffusers in {dtype}", str(levels), f"{psnr:.0f} dB"))
    header = ("the least alike of each pair of pictures", "greatest difference, of 255 levels", "PSNR")
    return Outcome("pictures", [Table("The same pictures", header, rows)], numbers)


def _one_by_one(loop: Child, jobs: Sequence[Job]) -> list[Picture]:
    return [picture for job in jobs for picture in loop.call("pictures", [job])]


def likeness(one: Picture, other: Picture) -> tuple[int, float]:
    """The greatest difference in levels, and the PSNR in dB."""
    apart = np.asarray(one.open()).astype(np.int16) - np.asarray(other.open())
    mean = float(np.mean(apart.astype(np.float64) ** 2))
    return int(np.abs(apart).max()), 10 * math.log10(255**2 / mean) if mean else math.inf
