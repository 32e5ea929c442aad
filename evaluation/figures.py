"""The report's charts, as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from evaluation.dialogue import Confusion
from evaluation.editing import EditReport
from evaluation.guidance import GuidanceReport
from evaluation.progress import TURNS, Shipped
from evaluation.quality import QualityReport
from evaluation.targets import DETAIL_DB, PRESERVED_DB, STRANGERS, SUCCESS

BLUE, ORANGE, GREEN, GREY = "#3b6fb6", "#e08a3c", "#4c9a6a", "#8a8f98"
INK = "#1d2733"
_LOOK: Any = {  # matplotlib's types list its keys one by one
    "font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.edgecolor": GREY, "xtick.color": "#444",
    "ytick.color": "#444", "axes.grid": False, "figure.dpi": 110,
}  # fmt: skip


def families(report: EditReport, path: Path) -> None:
    """Bars of success, preservation and detail, one row a family."""
    names = list(report.by_family)
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(9.5, 0.36 * len(names) + 1.1), layout="constrained")
        success, preserved, detail = figure.subplots(1, 3, sharey=True)
        labels = [f"{name}  ({report.counts[name]})" for name in names]
        _bars(success, labels, [report.by_family[name] for name in names], "edit success, %", BLUE, SUCCESS)
        kept = [report.preserved_by_family.get(name) for name in names]
        _bars(preserved, labels, kept, "preservation, dB", GREEN, PRESERVED_DB)
        _bars(detail, labels, [report.detail_by_family.get(name) for name in names], "detail, dB", ORANGE, DETAIL_DB)
        success.set_xlim(0, 108)
        success.invert_yaxis()
        figure.savefig(path)


def guidance(report: GuidanceReport, path: Path) -> None:
    """Success against preservation for every pair of scales, the same as maps, and both over steps."""
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(9.5, 6.2), layout="constrained")
        (trade, steps), (success, preserved) = figure.subplots(2, 2)
        _trade_off(trade, report)
        _over_steps(steps, report)
        _map(success, report, [point.success.percent for point in report.scales], "success, %", "Blues")
        _map(preserved, report, [point.preserved_db for point in report.scales], "preservation, dB", "Greens")
        figure.savefig(path)


def confusion(panels: Sequence[tuple[str, Confusion]], path: Path) -> None:
    """For each set of turns: which kind of reply was due, and which was given."""
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(3.3 * len(panels) + 0.4, 3.1), layout="constrained")
        for axes, (title, counts) in zip(np.atleast_1d(figure.subplots(1, len(panels))), panels, strict=True):
            _confusion(axes, title, counts)
        figure.savefig(path)


def progress(shipped: Sequence[Shipped], path: Path) -> None:
    """Turns in strangers' words answered right, over the training steps of all weights that were shipped."""
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(6.4, 3.4), layout="constrained")
        axes = figure.subplots()
        for name, colour in zip(TURNS, (BLUE, ORANGE, GREEN), strict=True):
            right = [each.percent(name) for each in shipped]
            axes.plot([each.steps for each in shipped], right, "o-", color=colour, ms=4, lw=1.4, label=name)
        axes.axhline(STRANGERS, color="#222", lw=0.8, ls=":")
        axes.set(
            xlabel="steps of 32 dialogues", ylabel="right, %", title="held-out turns answered right", ylim=(60, 100)
        )
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.legend(frameon=False, loc="lower right")
        figure.savefig(path)


def prd(report: QualityReport, path: Path) -> None:
    """Precision against recall of the outputs, and of the untouched sources for scale."""
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(4.2, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.plot(report.prd.recall, report.prd.precision, color=BLUE, lw=2, label="edited pictures")
        untouched = report.prd_untouched
        axes.plot(untouched.recall, untouched.precision, color=GREY, lw=1.2, ls="--", label="sources, untouched")
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="recall", ylabel="precision", title="PRD against true pictures")
        axes.legend(frameon=False, loc="lower left")
        figure.savefig(path)


def _bars(
    axes: Axes, labels: Sequence[str], values: Sequence[float | None], title: str, colour: str, target: float
) -> None:
    drawn = [0.0 if value is None else value for value in values]
    axes.barh(labels, drawn, color=colour, height=0.66)
    axes.axvline(target, color="#222", lw=0.8, ls=":")
    axes.set_title(title)
    axes.set_xlim(0, max([*drawn, target]) * 1.16)
    axes.tick_params(axis="y", length=0)
    for row, value in enumerate(values):
        text = "holds chance" if value is None else f"{value:.0f}"
        axes.text(
            (value or 0) + max(drawn) * 0.03, row, text, va="center", color=GREY if value is None else INK, fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )  # fmt: skip


def _trade_off(axes: Axes, report: GuidanceReport) -> None:
    images = sorted({point.image for point in report.scales})
    shades = mpl.colormaps["viridis"](np.linspace(0.1, 0.85, len(images)))
    for image, shade in zip(images, shades, strict=True):
        line = [point for point in report.scales if point.image == image]
        kept, right = [point.preserved_db for point in line], [point.success.percent for point in line]
        axes.plot(kept, right, "o-", color=shade, ms=4, lw=1.2, label=f"s_I {image:g}")
        for point in line:
            axes.annotate(
                f"{point.text:g}", (point.preserved_db, point.success.percent), xytext=(3, 4),
                textcoords="offset points", fontsize=7, color=shade,
            )  # fmt: skip
    axes.set(xlabel="preservation, dB", ylabel="success, %", title="scales (s_T beside each point)")
    axes.legend(frameon=False, fontsize=8)


def _over_steps(axes: Axes, report: GuidanceReport) -> None:
    steps = [point.steps for point in report.steps]
    axes.plot(steps, [point.success.percent for point in report.steps], "o-", color=BLUE)
    axes.set(xlabel="steps", xticks=steps, ylim=(0, 103), title=f"steps (usual: {report.usual.steps})")
    axes.set_ylabel("success, %", color=BLUE)
    other = axes.twinx()
    other.plot(steps, [point.preserved_db for point in report.steps], "s--", color=GREEN, ms=4)
    other.set_ylabel("preservation, dB", color=GREEN)
    other.spines["right"].set_visible(True)


def _map(axes: Axes, report: GuidanceReport, values: Sequence[float], title: str, colours: str) -> None:
    """Figures over both scales, the model's own scales framed."""
    points, usual = report.scales, report.usual.scales
    texts, images = sorted({point.text for point in points}), sorted({point.image for point in points})
    table = np.full((len(images), len(texts)), np.nan)
    for point, value in zip(points, values, strict=True):
        table[images.index(point.image), texts.index(point.text)] = value
    spread = max(1e-6, float(np.ptp(table)))
    axes.imshow(table, cmap=colours, aspect="auto", vmin=table.min() - 0.2 * spread, vmax=table.max() + spread)
    _write_cells(axes, [[f"{value:.0f}" if "%" in title else f"{value:.1f}" for value in row] for row in table])
    axes.set_xticks(range(len(texts)), [f"{text:g}" for text in texts])
    axes.set_yticks(range(len(images)), [f"{image:g}" for image in images])
    axes.set(xlabel="s_T (text)", ylabel="s_I (picture)", title=title)
    if usual.text in texts and usual.image in images:
        corner = texts.index(usual.text) - 0.47, images.index(usual.image) - 0.47
        axes.add_patch(Rectangle(corner, 0.94, 0.94, fill=False, edgecolor=INK, lw=1.5))


def _confusion(axes: Axes, title: str, counts: Confusion) -> None:
    kinds = list(counts)
    table = np.array([[counts[due][given] for given in kinds] for due in kinds], float)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.8)
    _write_cells(axes, [[f"{100 * share:.0f} %\n{count:.0f}" for share, count in zip(*row, strict=True)]
                        for row in zip(shares, table, strict=True)])  # fmt: skip
    names = [{"clarification": "question"}.get(kind, kind) for kind in kinds]
    axes.set_xticks(range(len(kinds)), names)
    axes.set_yticks(range(len(kinds)), names)
    axes.set(xlabel="given", ylabel="due", title=title)


def _write_cells(axes: Axes, cells: Sequence[Sequence[str]]) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    for row, texts in enumerate(cells):
        for column, text in enumerate(texts):
            axes.text(column, row, text, ha="center", va="center", fontsize=8.5, color=INK)
