"""What one GPU does with models of full size: every figure of the GPU table, in under ten minutes.

    make bench-gpu

An InstructPix2Pix of Stable Diffusion 1.5's size at 512 × 512 in 20 steps, and a Blender of 400M, in bfloat16, with
weights made on the spot. The engine is called directly, with and without streams beside the steps and CUDA graphs,
beside diffusers' own pipeline in a loop, which is what a Celery task or a lock around a model can give at best.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.child import Child
from benchmarks.dialogue import compare
from benchmarks.dialogue import table as dialogue_table
from benchmarks.direct import EngineHost, Switches
from benchmarks.jobs import Workload
from benchmarks.large_model import save_large_dialogue, save_large_editor
from benchmarks.loop import Loop
from benchmarks.network import likeness, line
from benchmarks.outcome import keep, machine
from benchmarks.rounds import Spread, interleave, ratios
from benchmarks.sides import Load
from dialogue_service.engine import load
from editing_service.model_folder import open_model_folder

ROWS = (1, 3, 6, 12, 24, 48)
DIFFUSERS, PLAIN = "diffusers in a loop", "engine, one stream"
BESIDE, GRAPHS = "engine", "engine, CUDA graphs"


@dataclass(frozen=True)
class Plan:
    """How much is measured; the whole takes a few minutes on a GPU of a data centre."""

    rounds: int = 3
    tries: int = 10  # of each count of rows in a round
    idle_edits: int = 5
    edits: int = 64  # of a closed loop
    clients: int = 32
    slots: int = 16
    turns: int = 64


@dataclass(frozen=True)
class Found:
    """Seconds and rates by who it was, a value for each round."""

    step_s: Mapping[str, Mapping[int, float]]  # a U-Net pass by its rows, the median
    idle_s: Mapping[str, Sequence[float]]  # one edit
    per_s: Mapping[str, Sequence[float]]  # finished pictures
    alike_db: Mapping[str, float]  # the least alike of a picture made in company and the same made alone
    dialogue: Mapping[str, Any] = field(default_factory=dict)


def measure(editor: Path, plan: Plan, dtype: str = "bfloat16", device: str = "cuda") -> Found:
    """Measure an editor's folder on a device."""
    workload = Workload(open_model_folder(str(editor)).defaults, seed=1)
    idle = Load(workload.equal(plan.idle_edits), clients=1)
    full = Load(workload.equal(plan.edits), clients=plan.clients)
    jobs = workload.equal(plan.slots)
    with _children(editor, dtype, device) as children:
        engines = {name: child for name, child in children.items() if name != DIFFUSERS}
        more = {name: (Switches(slots=plan.slots),) if name in engines else () for name in children}

        def bear(load: Load, name: str, _round: int) -> Any:
            return children[name].call("bear", load, *more[name])

        for name in children:
            bear(full, name, 0)  # once unmeasured: graphs are recorded, kernels chosen
        names = {name: name for name in children}
        alone = interleave(names, plan.rounds, partial(bear, idle))
        crowded = interleave(names, plan.rounds, partial(bear, full))
        return Found(
            step_s={name: _steps(child, plan) for name, child in engines.items()},
            idle_s={name: [statistics.median(each.latencies_s) for each in loads] for name, loads in alone.items()},
            per_s={name: [each.goodput for each in loads] for name, loads in crowded.items()},
            alike_db={name: _alike(partial(child.call, "pictures"), jobs) for name, child in engines.items()},
        )


def table(found: Found) -> str:
    """As Markdown."""
    lines = [
        "| | one idle edit | pictures a second, all busy | of diffusers' in a loop | alone and in company |",
        "|---|---|---|---|---|",
    ]
    for name, rates in found.per_s.items():
        times, low_high = Spread.of(found.idle_s[name]).milliseconds()
        faster, least_most = ratios(rates, found.per_s[DIFFUSERS]).times()
        alike = f"{found.alike_db[name]:.0f} dB" if name in found.alike_db else ""
        lines.append(
            f"| {name} | {times} ({low_high}) | {Spread.of(rates).median:.2f} | {faster} ({least_most}) | {alike} |"
        )
    lines += ["", f"| U-Net rows | {' | '.join(map(str, ROWS))} | a + b · n |", "|---" * (len(ROWS) + 2) + "|"]
    for name, steps in found.step_s.items():
        a, b = line(list(steps), list(steps.values()))
        cells = " | ".join(f"{1000 * seconds:.1f} ms" for seconds in steps.values())
        lines.append(f"| {name} | {cells} | {1000 * a:.2f} + {1000 * b:.2f} · n ms |")
    return "\n".join(lines)


@contextmanager
def _children(editor: Path, dtype: str, device: str) -> Iterator[dict[str, Child]]:
    """Each side in a process of its own, all on the one device."""
    makers: dict[str, Callable[[], object]] = {
        DIFFUSERS: partial(Loop, editor, dtype, device),
        PLAIN: partial(EngineHost, editor, dtype, editor / "choices.json", side_stream=False),
        BESIDE: partial(EngineHost, editor, dtype, editor / "choices.json"),
        GRAPHS: partial(EngineHost, editor, dtype, editor / "choices.json", graphs=True),
    }
    with ExitStack() as exits:
        children = {}
        for name, make in makers.items():
            children[name] = Child(make)
            exits.callback(children[name].close)
        yield children


def _steps(engine: Child, plan: Plan) -> dict[int, float]:
    return {rows: statistics.median(engine.call("row_seconds", rows, plan.tries)) for rows in ROWS}


def _alike(pictures: Callable[..., Any], jobs: Sequence[Any]) -> float:
    together = pictures(jobs, Switches(slots=len(jobs)))
    alone = [pictures([job], Switches(slots=1))[0] for job in jobs]
    return min((likeness(one, other)[1] for one, other in zip(together, alone, strict=True)), default=math.inf)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rounds", type=int, default=Plan.rounds)
    parser.add_argument("--tokenizer", type=Path, default=Path("checkpoints/mini-dialogue"), help="whose words to use")
    parser.add_argument("--output", type=Path, default=Path("var/bench/gpu.json"))
    given = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("There is no CUDA device here; `make bench` measures on a CPU.")
    plan = Plan(rounds=given.rounds)
    with tempfile.TemporaryDirectory(prefix="dialogpaint-gpu-") as scratch:
        found = measure(save_large_editor(Path(scratch, "editor")), plan)
        print(table(found), end="\n\n", flush=True)
        dialogue = save_large_dialogue(Path(scratch, "dialogue"), given.tokenizer)
        talked = compare(load(str(dialogue), "cuda", "bfloat16"), plan.turns, plan.rounds)
        print(dialogue_table(talked))
    gpu = torch.cuda.get_device_name()
    keep(given.output, {"machine": {**machine(), "gpu": gpu}, "editor": vars(found), "dialogue": talked})


if __name__ == "__main__":
    main()
