"""The figure: what the JSON files of a run say, one panel each."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.rounds import Spread, ratios

OURS, PEERS = "#c2410c", "#64748b"


def draw(folder: Path) -> Path:
    """Draw what has been measured, as `edits.png` beside the numbers."""
    mpl.use("Agg")
    panels: dict[str, Callable[[Axes, Mapping[str, Any]], None]] = {
        "w1": lambda axes, found: _goodput(axes, found, "W1, equal edits: goodput"),
        "w2": lambda axes, found: _goodput(axes, found, "W2, mixed edits: goodput"),
        "w2_open": _latency,
        "network": _line,
    }
    there = [name for name in panels if (folder / f"{name}.json").exists()]
    figure = Figure(figsize=(12, 4 * max(1, (len(there) + 1) // 2)), layout="constrained")
    for place, name in enumerate(there, start=1):
        axes = figure.add_subplot((len(there) + 1) // 2, 2, place)
        panels[name](axes, json.loads((folder / f"{name}.json").read_text()))
    figure.savefig(folder / "edits.png", dpi=120)
    return folder / "edits.png"


def _goodput(axes: Axes, found: Mapping[str, Any], title: str) -> None:
    base = f"P0 {found['machine']['engine_dtype']}"
    _bars(axes, {name: ratios(rates, found["per_s"][base]) for name, rates in found["per_s"].items()})
    axes.set_title(f"{title}, of {base}'s")


def _latency(axes: Axes, found: Mapping[str, Any]) -> None:
    base = f"P1 {found['machine']['engine_dtype']}"
    late = {name: each["0.95"] for name, each in found["seconds"].items()}
    _bars(axes, {name: ratios(values, late[base]) for name, values in late.items()})
    axes.set_title(f"W2 at 0.8 of LitServe's capacity: p95 of {base}'s")


def _line(axes: Axes, found: Mapping[str, Any]) -> None:
    rows: Sequence[int] = found["rows"]
    one = Spread.of(found["seconds"]["1"]).median
    axes.plot(rows, [Spread.of(found["seconds"][str(n)]).median / one for n in rows], "o", color=OURS)
    axes.plot(rows, [(found["a_s"] + found["b_s"] * n) / one for n in rows], color=PEERS)
    axes.set_title(f"t(n) / t(1); sharing can give {found['limit']:.2f} ×")
    axes.set_xlabel("rows of the U-Net in one step")


def _bars(axes: Axes, spreads: Mapping[str, Spread]) -> None:
    names = [name for name, spread in spreads.items() if math.isfinite(spread.high)][::-1]
    medians = [spreads[name].median for name in names]
    ranges = [[spreads[n].median - spreads[n].low for n in names], [spreads[n].high - spreads[n].median for n in names]]
    colours = [OURS if name.startswith("S") else PEERS for name in names]
    axes.barh(names, medians, xerr=ranges, color=colours, error_kw={"linewidth": 0.8})
    axes.grid(axis="x", alpha=0.3)
