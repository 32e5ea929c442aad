"""F15–F18, F27: partitions, lost replies, slow links, a dialogue service that fails, event streams that are cut."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterable

from tests.faults.client import Call
from tests.faults.evidence import Evidence
from tests.faults.load import ORDINARY
from tests.faults.matrix import Fault
from tests.faults.session import Session
from tests.faults.stack import QUICK

PARTITION_S, CUT_OFF_S, LOSSY_S, SLOW_S = 25.0, 4.5, 8.0, 8.0
LOST_REPLIES = 0.05
BREAKER_WITHIN_S = 0.05
SLOW_FAILURES_S = 2 * 3 * float(QUICK["DIALOGUE_TIMEOUT_S"]) + 2  # until both gateways have waited three times in vain
PATIENCE_S = float(QUICK["DIALOGUE_TIMEOUT_S"]) + 5.0  # a turn's eight round trips of 0.3 s, its 2 KB, a busy machine


async def _part_workers(session: Session) -> None:
    await session.until_running(2)
    session.stack.worker_redis.frozen = True
    await asyncio.sleep(PARTITION_S)
    session.stack.worker_redis.frozen = False


async def _part_gateways(session: Session) -> None:
    session.stack.gateway_redis.down = True
    await asyncio.sleep(CUT_OFF_S)
    session.stack.gateway_redis.down = False


async def _lose_replies(session: Session) -> None:
    for link in (session.stack.worker_redis, session.stack.gateway_redis):
        link.lost_replies = LOST_REPLIES
    await asyncio.sleep(LOSSY_S)


async def _slow_down(session: Session) -> None:
    for link in (session.stack.gateway_redis, session.stack.gateway_dialogue):
        link.delay_s, link.bytes_per_s = 0.3, 1024
    await asyncio.sleep(SLOW_S)


def _no_pile_up(session: Session, evidence: Evidence) -> Iterable[str]:
    slowest = max(
        (exchange.took_s or 0.0 for exchange in evidence.recent if "events" not in exchange.path), default=0.0
    )
    session.notes["slowest answer in s"] = slowest
    if slowest > PATIENCE_S:
        yield f"a request took {slowest:.1f} s"


async def _break_dialogue(session: Session) -> None:
    session.notes["quickest refusal in ms"] = {}
    for mode in ("slow", "500", "garbage", "truncated", "down"):
        if mode == "down":
            session.stack.held_down.add("dialogue")
            session.stack.processes["dialogue"].signal(signal.SIGKILL)
        else:
            session.stack.dialogue_does(mode)
        await _refusals(session, mode)
        session.stack.dialogue_does(None)
        session.stack.held_down.discard("dialogue")
        await asyncio.sleep(2.5)


async def _refusals(session: Session, mode: str) -> None:
    """Say things that are refused, until the breaker must be open; then how quick the quickest refusal is."""
    mine = session.load.tenants[0]
    took = []
    until = time.monotonic() + (SLOW_FAILURES_S if mode == "slow" else 5.0)
    while time.monotonic() < until:
        exchange = await mine.client.once(session.load.turn_call(mine, mine.conversation_ids[0], ORDINARY))
        if exchange.status == 503:
            took.append(exchange.took_s or 0.0)
        await asyncio.sleep(0.1)
    session.notes["quickest refusal in ms"][mode] = round(min(took, default=9.0) * 1000)  # type: ignore[index]


def _quick_and_unrecorded(session: Session, evidence: Evidence) -> Iterable[str]:
    for mode, quickest in session.notes["quickest refusal in ms"].items():  # type: ignore[attr-defined]
        if quickest > BREAKER_WITHIN_S * 1000:
            yield f"while the dialogue service was {mode} the quickest refusal took {quickest} ms"
    recorded = {turn["text"] for each in evidence.records.conversations.values() for turn in each.turns}
    decided = {exchange.operation for exchange in evidence.recent if exchange.accepted}
    refused = {
        exchange.wish: exchange.operation
        for exchange in evidence.recent
        if exchange.status == 503 and exchange.path.endswith("/turns")
    }
    for wish, operation in refused.items():
        if wish in recorded and operation not in decided:
            yield f"a turn that was refused is recorded: {wish!r}"


async def _cut_streams(session: Session) -> None:
    for mine in session.load.tenants:
        mine.client.cut_every_s = 1.0
    for name in ("gateway-1", "gateway-2"):
        await asyncio.sleep(3.0)
        session.stack.processes[name].signal(signal.SIGKILL)
    await asyncio.sleep(2.0)
    for mine in session.load.tenants:
        mine.client.cut_every_s = None
    await asyncio.to_thread(session.stack.wait_until_ready_again)
    session.notes["after a trim"] = await _follow_trimmed(session)


async def _follow_trimmed(session: Session) -> str | None:
    """Cut a finished edit's stream short and follow it from the first event; what comes first?"""
    mine = session.load.tenants[0]
    exchange = None
    while exchange is None or exchange.json.get("status") != "succeeded":
        call = session.load.edit_call(mine, ORDINARY)
        exchange = await mine.client.insist(Call(**{**call.__dict__, "headers": (("Prefer", "wait=20"),)}))
        if exchange is None:
            return None
    edit_id = exchange.json["id"]
    with session.redis() as redis:
        redis.xtrim(f"dp:t:{mine.client.tenant.name}:events:{edit_id}", maxlen=1, approximate=False)
    told = await mine.client.once(
        Call("GET", f"/v1/edits/{edit_id}/events", headers=(("Last-Event-ID", "1"),)),
    )
    return next((line.removeprefix("event: ") for line in told.body.splitlines() if line.startswith("event: ")), None)


def _reset_was_told(session: Session, _evidence: Evidence) -> Iterable[str]:
    if session.notes["after a trim"] != "reset":
        yield f"of a trimmed stream the first thing told was {session.notes['after a trim']}"


LINK_FAULTS = (
    Fault("F15", f"workers parted from Redis for {PARTITION_S:.0f} s", _part_workers),
    Fault("F15b", f"gateways cut off from Redis for {CUT_OFF_S:.0f} s", _part_gateways),
    Fault("F16", f"{LOST_REPLIES:.0%} of Redis' replies lost", _lose_replies),
    Fault("F17", "+300 ms and 1 KB/s before Redis and the dialogue service", _slow_down, _no_pile_up, burst=60),
    Fault("F18", "dialogue service slow, 500, garbage, truncated, down", _break_dialogue, _quick_and_unrecorded),
    Fault(
        "F27",
        "event streams cut, gateways killed under them, a stream trimmed",
        _cut_streams,
        _reset_was_told,
        breaks_connections=True,
    ),
)
