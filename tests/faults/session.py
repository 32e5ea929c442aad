"""A stack under load, what can be done to it, and what is found afterwards."""

from __future__ import annotations

import asyncio
import random
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from shared.storage.client import SyncRedis, connect_worker
from shared.storage.keys import LEASES, tenant_key
from tests.faults.client import Client
from tests.faults.evidence import Evidence, Footprint
from tests.faults.journal import Journal
from tests.faults.load import Load, Mine
from tests.faults.matrix import Fault, Outcome, Plan
from tests.faults.promises import violations
from tests.faults.records import TENANTS_OF_OPEN, StoredEdit, pending, read_records
from tests.faults.stack import GATEWAYS, TENANTS, FaultStack

DISK_BYTES = 4 * 2**20
SUPERVISE_EVERY_S = 0.2
MAX_ATTEMPTS = 3
SETTLE_LONGER_S = 45.0  # beyond the budget, so that what takes too long is told from what never ends


def _running(redis: SyncRedis, attempt: int) -> list[str]:
    """The edits that are claimed in this attempt or a later one."""
    owned = [(redis.hget(TENANTS_OF_OPEN, edit_id), edit_id) for edit_id in redis.zrange(LEASES, 0, -1)]
    attempts = {
        edit_id: redis.hget(tenant_key(tenant, "edit", edit_id), "attempt") for tenant, edit_id in owned if tenant
    }
    return [edit_id for edit_id, number in attempts.items() if int(number or 0) >= attempt]


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Put a small file system of its own below a folder; raises CalledProcessError without the right to mount."""
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


class Session:
    """One stack with its clients, for any number of runs; an asynchronous context manager."""

    def __init__(
        self, state: Path, seed: int, settings: Mapping[str, str] | None = None, small_disk: bool = False
    ) -> None:
        self.seed = seed
        self._exits = ExitStack()
        self.rng = random.Random(seed)
        self.stack = FaultStack(state, self.rng, settings)
        self.journal = Journal(state / "clients.jsonl")
        self.notes: dict[str, object] = {}
        self._small_disk = small_disk
        self.settle_longer_s = SETTLE_LONGER_S
        self._known: set[str] = set()

    async def __aenter__(self) -> Self:
        if self._small_disk:
            self._exits.enter_context(small_disk(Path(self.stack.env["REDIS_DIR"])))
        self._exits.enter_context(self.stack)
        clients = [Client(tenant, self.stack.urls, self.journal, self.rng) for tenant in TENANTS]
        self.load = Load(clients, self.rng, rate=1.0)
        self._supervisor = asyncio.create_task(self._supervise())
        try:
            await self.load.begin()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._supervisor.cancel()
        with suppress(asyncio.CancelledError):
            await self._supervisor
        await self.load.end()
        self._exits.close()
        self.journal.close()

    @property
    def someone(self) -> Mine:
        """One of the tenants."""
        return self.rng.choice(self.load.tenants)

    def redis(self) -> closing[SyncRedis]:
        """A connection to Redis past every link."""
        return closing(connect_worker(self.stack.redis_url))

    async def until_running(self, count: int = 1, attempt: int = 1, within_s: float = 15.0) -> None:
        """Wait until so many edits are being carried out, in this attempt or a later one."""
        deadline = time.monotonic() + within_s
        with self.redis() as redis:
            while len(_running(redis, attempt)) < count and time.monotonic() < deadline:  # noqa: ASYNC110 - Redis tells
                await asyncio.sleep(0.02)

    async def run(self, name: str, fault: Fault, plan: Plan) -> Outcome:
        """Load, inject, heal, settle, check."""
        self.notes = {}
        self.load.rate = plan.rate
        before, since = self.footprints(), time.time()
        self.journal.mark(f"{name} begins")
        load = asyncio.create_task(self.load.keep_on())
        began = time.monotonic()
        try:
            await asyncio.sleep(plan.load_s * 0.2)
            await fault.do(self)
            await asyncio.sleep(max(1.0, plan.load_s - (time.monotonic() - began)))
        finally:
            load.cancel()
            self.stack.heal()
            self.journal.mark(f"{name} is healed")
        recovery_s, undecided = await self._settle(fault.budget_s)
        evidence = self._evidence(fault, before, since, recovery_s, undecided)
        return self._judge(name, fault, evidence)

    def edits_with(self, word: str, evidence: Evidence) -> list[StoredEdit]:
        """The edits whose instruction has this word."""
        return [edit for edit in evidence.records.edits.values() if word in edit.fields["instruction"].split()]

    async def _supervise(self) -> None:
        while True:
            self.stack.revive()
            await asyncio.sleep(SUPERVISE_EVERY_S)

    async def _settle(self, budget_s: float) -> tuple[float, int]:
        """Wait until everybody is well and nothing is pending; how long that took, and what has no answer."""
        began = time.monotonic()
        patience_s = budget_s + self.settle_longer_s
        deadline = began + patience_s
        undecided = await self.load.finish(patience_s)
        while time.monotonic() < deadline:
            if await asyncio.to_thread(self._is_settled):
                break
            await asyncio.sleep(0.1)
        recovery_s = time.monotonic() - began
        await self.load.heard_out(within_s=15.0)
        await asyncio.sleep(1.0)  # a sweep more, which deletes what is garbage
        return recovery_s, undecided

    def _is_settled(self) -> bool:
        return not any(pending(self.stack.redis_url).values()) and self.stack.is_ready()

    def _evidence(
        self, fault: Fault, before: Mapping[str, Footprint], since: float, recovery_s: float, undecided: int
    ) -> Evidence:
        exchanges, heard = self.journal.read()
        return Evidence(
            exchanges=exchanges,
            heard=heard,
            records=read_records(self.stack.redis_url),
            pictures=self.stack.pictures,
            logs=self.stack.logs(),
            tenants=TENANTS,
            max_attempts=MAX_ATTEMPTS,
            before=before,
            after=self.footprints(),
            recovery_s=recovery_s,
            budget_s=fault.budget_s,
            undecided=undecided,
            connections_may_break=fault.breaks_connections,
            may_fail=fault.may_fail,
            burst=fault.burst,
            left_mib=fault.left_mib,
            since=since,
        )

    def _judge(self, name: str, fault: Fault, evidence: Evidence) -> Outcome:
        found = violations(evidence) if fault.judged else []
        fresh = [sentence for sentence in found if sentence not in self._known]
        self._known |= set(found)
        fresh += [f"{fault.number}: {sentence}" for sentence in fault.check(self, evidence)]
        asked = {edit_id for exchange, edit_id in evidence.accepted_edits() if exchange.sent_at >= evidence.since}
        edits = [evidence.records.edits[edit_id] for edit_id in asked if edit_id in evidence.records.edits]
        terminal = sum(edit.status in ("succeeded", "failed", "canceled") for edit in edits)
        return Outcome(name, self.seed, len(asked), terminal, round(evidence.recovery_s, 1), fresh, dict(self.notes))

    def footprints(self) -> dict[str, Footprint]:
        """What the long-lived processes hold now."""
        found = {}
        for name in (*GATEWAYS, "redis"):
            with suppress(psutil.Error):
                process = psutil.Process(self.stack.processes[name].pid)
                found[name] = Footprint(process.pid, process.memory_info().rss / 2**20, process.num_fds())
        return found
