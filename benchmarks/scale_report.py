"""The scale measurements as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.scale_fleet import AcceptCost
from benchmarks.scale_levels import Measured
from benchmarks.scale_turns import TurnCost
from benchmarks.simulated_meter import Spent


def table(
    levels: Sequence[Measured], idle: Sequence[Spent], turns: Sequence[TurnCost], accepts: Sequence[AcceptCost]
) -> str:
    """All tables, one under the other."""
    parts = [_throughput(levels), _traffic(levels), _idle(levels, idle), _turns(turns), _accepts(accepts)]
    return "\n\n".join(parts)


def of_linear(levels: Sequence[Measured]) -> list[float]:
    """Each level's throughput by worker, as a part of the first level's."""
    first = levels[0].edits_per_s / levels[0].workers
    return [level.edits_per_s / level.workers / first for level in levels]


def _throughput(levels: Sequence[Measured]) -> str:
    kinds = ("gateway", "redis", "worker", "client")
    rows = [
        [
            f"{level.workers} | {level.gateways}",
            f"{level.edits_per_s:.2f} | {part:.3f} | {1000 * level.answered_after_s:.1f}",
            *(f"{level.cpu_ms_per_edit[kind]:.1f}" for kind in kinds),
            f"{level.cores_busy:.2f}",
        ]
        for level, part in zip(levels, of_linear(levels), strict=True)
    ]
    head = "workers | gateways | edits/s | of linear | told after ms"
    return _markdown([head, *(f"{kind} CPU ms/edit" for kind in kinds), "cores busy"], rows)


def _traffic(levels: Sequence[Measured]) -> str:
    rows = [
        [
            f"{level.workers} | {level.gateways}",
            f"{level.commands_per_edit:.0f} | {level.scripts_per_edit:.1f}",
            f"{level.bytes_in_per_edit / 1000:.1f} | {level.bytes_out_per_edit / 1000:.1f}",
            f"{level.memory_per_edit / 1000:.1f} | {level.appended_per_edit / 1000:.1f}",
        ]
        for level in levels
    ]
    head = "workers | gateways | Redis commands/edit | scripts/edit | kB in/edit | kB out/edit"
    return _markdown([head, "kB kept/edit", "kB appended/edit"], rows)


def _idle(levels: Sequence[Measured], idle: Sequence[Spent]) -> str:
    rows = [
        [
            f"{level.workers} | {level.gateways}",
            f"{spent.redis.commands / spent.wall_s:.0f}",
            *(f"{1000 * spent.cpu_s[kind] / spent.wall_s:.1f}" for kind in ("gateway", "redis", "worker")),
        ]
        for level, spent in zip(levels, idle, strict=True)
    ]
    return _markdown(["idle: workers | gateways | Redis commands/s", *(_CPU_IDLE)], rows)


_CPU_IDLE = ("gateway CPU ms/s", "Redis CPU ms/s", "all workers' CPU ms/s")


def _turns(turns: Iterable[TurnCost]) -> str:
    rows = [
        [
            f"{cost.first}–{cost.last} | {1000 * cost.turn_s:.1f}",
            f"{cost.gateway_cpu_ms:.1f} | {cost.redis_cpu_ms:.2f} | {cost.commands:.0f}",
            f"{cost.bytes_in / 1000:.1f} | {cost.bytes_out / 1000:.1f}",
        ]
        for cost in turns
    ]
    head = "turns | ms a turn | gateway CPU ms | Redis CPU ms | Redis commands | kB in | kB out"
    return _markdown([head], rows)


def _accepts(accepts: Iterable[AcceptCost]) -> str:
    rows = [
        [
            f"{cost.workers} | {1000 * cost.answer_s:.1f}",
            f"{cost.gateway_cpu_ms:.1f} | {cost.redis_bytes_out / 1000:.1f}",
        ]
        for cost in accepts
    ]
    return _markdown(["workers on record | ms to accept an edit | gateway CPU ms | Redis kB out"], rows)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    title = " | ".join(head)
    lines = [f"| {title} |", "|" + "---|" * len(title.split("|"))]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
