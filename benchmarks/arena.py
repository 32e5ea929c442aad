"""Everything that is compared in one run, on the same weights: who takes part, started and warmed up."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from benchmarks.child import Child, ChildSide
from benchmarks.direct import EngineHost, Switches
from benchmarks.jobs import Workload
from benchmarks.loop import Loop
from benchmarks.peers.arguments import PeerArguments
from benchmarks.peers.celery_worker import make_app
from benchmarks.processes import Processes, wait_for_health
from benchmarks.served import CeleryPeer, JsonPeer, StackSide
from benchmarks.sides import Load, Side
from editing_service.device import cores
from editing_service.model_folder import ModelDefaults, open_model_folder
from services.local.process import Process
from services.local.stack import free_port

log = logging.getLogger(__name__)

CORES = cores()
BATCH = 8


@dataclass(frozen=True)
class Server:
    """How a peer's server is run; found by trying, see docs/benchmarks.md."""

    module: str
    label: str
    workers: int
    threads: int | None  # of PyTorch in each worker; its own choice where None
    batch: int = 1
    tuned: bool = False
    in_float32_too: bool = True


LOOPS = {
    "P0": ("diffusers in a loop", 1),
    "P0k2": ("the same, static batch of 2", 2),
    "P0k4": ("the same, static batch of 4", 4),
    "P0k8": ("the same, static batch of 8", BATCH),
}
BETWEEN = ("P0k2", "P0k4")
"""They show a curve, for which one number type is enough."""
SERVERS = {
    "P1": Server("litserve_server", "LitServe, batches of up to 8", CORES, 1, BATCH),
    "P1s": Server("litserve_steps", "LitServe, continuous loop, 8 at once", CORES, 1, BATCH, in_float32_too=False),
    "P2": Server("celery_worker", "Celery as it comes", CORES, None, in_float32_too=False),
    "P2t": Server("celery_worker", "Celery, tuned", CORES, 1, tuned=True),
    "P3": Server("fastapi_server", "FastAPI with a lock", 1, CORES, in_float32_too=False),
}
STACKS = {
    "S1": ("our whole stack over HTTP", 1, 0),
    "S1w": ("the same, a worker of one thread for each core", CORES, 1),
}
"""Name, editing workers, and threads of each (0: what it prefers)."""
LABELS = {
    **{kind: text for kind, (text, _) in LOOPS.items()},
    **{kind: server.label for kind, server in SERVERS.items()},
    "S0": "our engine, called directly",
    **{kind: text for kind, (text, _, _) in STACKS.items()},
}


@dataclass(frozen=True)
class Arena:
    """The sides by their short names (`P1 bfloat16`), and what can be asked of both kinds of weights directly."""

    defaults: ModelDefaults
    dtype: str  # that our engine chose
    engine: Child  # an EngineHost
    loops: dict[str, Child]  # a Loop for each number type
    sides: dict[str, Side] = field(default_factory=dict)

    def workload(self, seed: int) -> Workload:
        """Jobs for this model."""
        return Workload(self.defaults, seed)

    def pick(self, *kinds: str) -> list[Side]:
        """The sides of some kinds, in all their number types."""
        return [side for name, side in self.sides.items() if name.split()[0] in kinds]


@contextmanager
def arena(folder: Path, dtype: str, scratch: Path, wanted: Sequence[str]) -> Iterator[Arena]:
    """Start all sides whose kind is wanted, each peer in our number type and in float32, and warm them up."""
    with ExitStack() as exits:
        processes = Processes(scratch, exits)
        engine = _child(partial(EngineHost, folder, dtype, processes.choices_file), exits)
        chosen = str(engine.call("dtype"))
        types = sorted({chosen, "float32"})
        loops = {each: _child(partial(Loop, folder, each), exits) for each in types}
        starting = [
            _serve(kind, PeerArguments(folder, each), processes)
            for kind, server in SERVERS.items()
            if kind in wanted
            for each in (types if server.in_float32_too else [chosen])
        ]
        found = Arena(open_model_folder(str(folder)).defaults, chosen, engine, loops)
        in_process = [
            ChildSide(f"{kind} {each}", child, batch)
            for kind, (_, batch) in LOOPS.items()
            if kind in wanted
            for each, child in loops.items()
            if each == chosen or kind not in BETWEEN
        ]
        ours = [ChildSide("S0", engine, Switches())] if "S0" in wanted else []
        stacks = [
            StackSide(processes.stack(kind, folder, dtype, workers, threads), kind)
            for kind, (_, workers, threads) in STACKS.items()
            if kind in wanted
        ]
        peers = [wait() for wait in starting]  # all of them first: what still starts would slow the others down
        for side in (*in_process, *peers, *ours, *stacks):
            exits.callback(side.close)
            side.bear(Load(found.workload(seed=0).equal(BATCH)))
            log.info("%s is up and warm", side.name)
            found.sides[side.name] = side
        yield found


def label(name: str) -> str:
    """A side's short name with its long one."""
    kind, _, dtype = name.partition(" ")
    return ", ".join(part for part in (f"{kind} {LABELS.get(kind, '')}".strip(), dtype) if part)


def _child(make: Callable[[], object], exits: ExitStack) -> Child:
    child = Child(make)
    exits.callback(child.close)
    return child


def _serve(kind: str, arguments: PeerArguments, processes: Processes) -> Callable[[], Side]:
    """Start a peer's process; what comes back waits for it."""
    server, name = SERVERS[kind], f"{kind} {arguments.dtype}"
    told = replace(arguments, workers=server.workers, batch=server.batch, tuned=server.tuned)
    if server.module == "celery_worker":
        told = replace(told, port=processes.redis_port(), queue=name.replace(" ", "-"))
        worker = processes.peer(server.module, told, server.threads)
        return lambda: CeleryPeer(make_app(told.port, told.queue), name, worker)
    told = replace(told, port=free_port())
    return partial(
        _json_peer, name, f"http://127.0.0.1:{told.port}", processes.peer(server.module, told, server.threads)
    )


def _json_peer(name: str, url: str, process: Process) -> Side:
    wait_for_health(process, url)
    process.signal(signal.SIGSTOP)
    return JsonPeer(url, name, process)
