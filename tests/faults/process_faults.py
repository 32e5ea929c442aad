"""F1–F9: processes that are killed, stopped, told to end, or brought down by an edit."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterable, Sequence

from tests.faults.evidence import Evidence
from tests.faults.failpoints import arm, armed
from tests.faults.load import LONG
from tests.faults.matrix import Fault
from tests.faults.session import MAX_ATTEMPTS, Session
from tests.faults.stack import QUICK

LEASE_S = float(QUICK["LEASE_S"])
GATEWAY_POINTS = (
    "before-add_image",  # after the picture
    "after-add_image",
    "after-accept",
    "after-append_turn",
    "before-complete_operation",  # before the answer
    "after-complete_operation",
    "before-send",
    "after-send",
)
POINT_WITHIN_S = 12.0


async def _reached(session: Session, point: str) -> None:
    """Arm a point and wait until somebody died there; one of each kind of request a second sees to that."""
    arm(session.stack.fail_points, point)
    for turn in range(round(POINT_WITHIN_S / 0.1)):
        if point not in armed(session.stack.fail_points):
            return
        if turn % 10 == 0:
            for act in (session.load.edit, session.load.turn, session.load.upload):
                session.load.do(act(session.someone))
        await asyncio.sleep(0.1)
    session.notes[f"{point} not reached"] = True


async def _between_pop_and_note(session: Session) -> None:
    for _ in range(2):
        await _reached(session, "before-unacked")
        await asyncio.sleep(1.0)


async def _kill_in_a_step(session: Session) -> None:
    for index in random.Random(session.rng.random()).sample(range(2), 2):
        await session.until_running()
        session.stack.workers.signal(index, signal.SIGKILL)
        await asyncio.sleep(LEASE_S)


async def _kill_all_workers(session: Session) -> None:
    await session.until_running(2)
    for index in range(session.stack.workers.count):
        session.stack.workers.signal(index, signal.SIGKILL)


async def _stop_past_the_lease(session: Session) -> None:
    for _ in range(4):
        session.load.do(session.load.edit(session.someone, LONG))
    await session.until_running(4)
    session.stack.workers.signal(0, signal.SIGSTOP)
    await session.until_running(1, attempt=2, within_s=3 * LEASE_S)  # the two now race for the same edit
    await asyncio.sleep(session.rng.uniform(0, 1.0))
    session.stack.workers.signal(0, signal.SIGCONT)


async def _poison(session: Session) -> None:
    await session.load.edit(session.someone, "crash")
    await asyncio.sleep(3 * LEASE_S)


def _is_poison(session: Session, evidence: Evidence) -> Iterable[str]:
    for edit in session.edits_with("crash", evidence):
        if (edit.status, edit.error_code, edit.attempt) != ("failed", "poison", MAX_ATTEMPTS):
            yield f"the poison edit is {edit.status} ({edit.error_code}) after {edit.attempt} attempts"
    for edit in evidence.records.edits.values():
        if edit.error_code == "poison" and "crash" not in edit.fields["instruction"]:
            yield f"{edit.id} was given up with the poison edit"


async def _hang(session: Session) -> None:
    await session.load.edit(session.someone, "hang")
    await asyncio.sleep(float(QUICK["STEP_TIMEOUT_S"]) + LEASE_S)


def _timed_out(session: Session, evidence: Evidence) -> Iterable[str]:
    for edit in session.edits_with("hang", evidence):
        if edit.error_code != "timeout":
            yield f"the edit that hangs is {edit.status} ({edit.error_code})"


async def _exhaust(session: Session) -> None:
    mine = session.someone
    for _ in range(3):
        session.load.do(session.load.edit(mine, "exhaust-together"))
    session.load.do(session.load.edit(mine, "exhaust"))
    await asyncio.sleep(3.0)


def _only_who_must(session: Session, evidence: Evidence) -> Iterable[str]:
    for edit in session.edits_with("exhaust-together", evidence):
        if edit.status == "failed":
            yield f"an edit that fits alone failed: {edit.error_code}"
    for edit in session.edits_with("exhaust", evidence):
        if edit.error_code != "out-of-memory":
            yield f"an edit that never fits is {edit.status} ({edit.error_code})"


async def _roll(session: Session) -> None:
    for name in ("gateway-1", "gateway-2", "dialogue", "redis"):
        session.stack.processes[name].signal(signal.SIGTERM)
        await _until_ready(session)
    for index in range(session.stack.workers.count):
        session.stack.workers.signal(index, signal.SIGTERM)
        await asyncio.sleep(1.0)
        await _until_ready(session)


async def _until_ready(session: Session) -> None:
    await asyncio.sleep(0.3)
    while not await asyncio.to_thread(session.stack.is_ready):  # noqa: ASYNC110 - other processes tell by HTTP alone
        await asyncio.sleep(0.1)


def _nobody_noticed(_session: Session, evidence: Evidence) -> Iterable[str]:
    for exchange in evidence.recent:
        if exchange.error not in (None, "ConnectError"):  # at a port where nobody listens the next gateway is asked
            after = f"after {exchange.took_s} s: {exchange.error}, {exchange.cause}"
            yield f"{exchange.method} {exchange.path} was cut off {after}"
    recent = {exchange.wish for exchange in evidence.recent}
    again = [
        edit for edit in evidence.records.edits.values()
        if edit.fields["instruction"] in recent and edit.attempt > 1
    ]  # fmt: skip
    if again:
        yield f"{len(again)} edits were run again, though every worker was asked to end"


async def kill_gateway(session: Session, points: Sequence[str] = GATEWAY_POINTS) -> None:
    """Have whichever gateway comes to a point first die there, one point after the other."""
    for point in points:
        await _reached(session, point)
        await asyncio.sleep(0.5)


PROCESS_FAULTS = (
    Fault("F1", "worker killed between taking a message and noting it", _between_pop_and_note),
    Fault("F2", "worker killed -9 in a step, and the other", _kill_in_a_step, budget_s=LEASE_S + 15),
    Fault("F3", "all workers killed -9 at once", _kill_all_workers, budget_s=LEASE_S + 15),
    Fault("F4", "worker stopped past its lease, then continued", _stop_past_the_lease),
    Fault("F5", "an edit that crashes its process", _poison, _is_poison, may_fail=frozenset({"poison"})),
    Fault("F6", "a step that hangs", _hang, _timed_out, may_fail=frozenset({"timeout"})),
    Fault("F7", "out of memory in a step", _exhaust, _only_who_must, may_fail=frozenset({"out-of-memory"})),
    Fault("F8", "SIGTERM of each process in turn", _roll, _nobody_noticed, breaks_connections=True),
    Fault("F9", "gateway killed at each fail point", kill_gateway, breaks_connections=True, burst=60),
)
