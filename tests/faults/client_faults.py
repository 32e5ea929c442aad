"""F20–F22, F25, F26: clients that do what they should not, all at once, or too much."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Iterable

from shared.storage.keys import QUEUED
from tests.faults.client import Call
from tests.faults.evidence import Evidence
from tests.faults.journal import Exchange
from tests.faults.load import ORDINARY, Mine
from tests.faults.matrix import Fault
from tests.faults.session import Session

PAIRS, CUT_CLIENTS, SAME, FLOOD = 8, 200, 20, 60
QUEUE = 40
OVERLOADED_S, BACK_TO_NORMAL_S = 60.0, 15.0
FLOODED_BY = "flood"


async def _two_turns_at_once(session: Session) -> None:
    outcomes = []
    for _ in range(PAIRS):
        mine = session.someone
        made = await mine.client.insist(session.load.conversation_call(mine))
        assert made is not None
        calls = [session.load.turn_call(mine, made.json["id"], ORDINARY) for _ in range(2)]
        outcomes.append(await asyncio.gather(*(mine.client.insist(call) for call in calls)))
    session.notes["pairs"] = [sorted(each.status or 0 for each in pair if each is not None) for pair in outcomes]


def _one_wins(session: Session, _evidence: Evidence) -> Iterable[str]:
    for statuses in session.notes["pairs"]:  # type: ignore[attr-defined]
        if len(statuses) != 2 or statuses[0] not in (200, 202) or statuses[1] not in (409, 412):
            yield f"two turns at once were answered with {statuses}"
    session.notes["pairs"] = f"{PAIRS} pairs"


async def _cut_clients(session: Session) -> None:
    """Clients that leave at any moment between their first byte and the answer."""
    rng = random.Random(session.rng.random())
    for _ in range(CUT_CLIENTS // 10):
        await asyncio.gather(*(_say_and_leave(session, session.someone, rng) for _ in range(10)))


async def _say_and_leave(session: Session, mine: Mine, rng: random.Random) -> None:
    call = session.load.edit_call(mine, ORDINARY)
    number = session.journal.sent(
        Exchange("cut", mine.client.tenant.name, call.method, call.path, call.key, call.wish, time.time())
    )
    port = int(session.stack.urls[rng.randrange(2)].rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    data = _on_the_wire(call, mine.client.tenant.key)
    whole = rng.random() < 0.7
    writer.write(data if whole else data[: rng.randrange(1, len(data))])
    await writer.drain()
    await asyncio.sleep(rng.uniform(0, 0.03))
    writer.transport.abort()
    session.journal.answered(number)


def _on_the_wire(call: Call, key: str) -> bytes:
    body = json.dumps(call.body).encode()
    head = (
        f"POST {call.path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {call.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _same_key(session: Session) -> None:
    mine = session.someone
    call = session.load.edit_call(mine, ORDINARY)
    exchanges = await asyncio.gather(*(mine.client.insist(call) for _ in range(SAME)))
    session.notes["edits"] = len({exchange.json.get("id") for exchange in exchanges if exchange is not None})
    other = Call(**{**call.__dict__, "body": {**call.body, "instruction": "something else"}, "wish": None})  # type: ignore[dict-item]
    refused = await mine.client.insist(other)
    session.notes["another body"] = refused and refused.status


def _one_edit(session: Session, _evidence: Evidence) -> Iterable[str]:
    if session.notes["edits"] != 1:
        yield f"one key made {session.notes['edits']} edits"
    if session.notes["another body"] != 422:
        yield f"the key with another body was answered with {session.notes['another body']}"


async def _flood(session: Session) -> None:
    flooding, other = session.load.tenants
    for _ in range(FLOOD):
        session.load.do(session.load.edit(flooding, FLOODED_BY, follow=0.0))
    await asyncio.sleep(0.5)
    for _ in range(5):
        session.load.do(session.load.edit(other, "wait"))
        await asyncio.sleep(0.3)


def _wait_of_the_other(session: Session, evidence: Evidence) -> Iterable[str]:
    """Noted, not judged: edits are taken up in the order in which they came."""
    for word in (FLOODED_BY, "wait"):
        waits = [
            (int(edit.fields["started_at"]) - int(edit.fields["created_at"])) / 1e6
            for edit in session.edits_with(word, evidence)
            if "started_at" in edit.fields
        ]
        if waits:
            session.notes[f"{word}: median wait in s"] = round(statistics.median(waits), 1)
    return ()


async def _too_much(session: Session) -> None:
    """Ask for five times what the workers can do, for a minute; goodput is told before and meanwhile."""
    mine = session.someone
    session.notes["peak per s"] = await _finished_per_s(session, mine, at_once=12, for_s=5.0)
    session.notes["overloaded per s"] = await _finished_per_s(session, mine, at_once=60, for_s=OVERLOADED_S)


async def _finished_per_s(session: Session, mine: Mine, at_once: int, for_s: float) -> float:
    """How many edits a second are finished while so many clients keep asking; how many waited at most is noted."""
    asking = [asyncio.create_task(_keep_asking(session, mine)) for _ in range(at_once)]
    await asyncio.sleep(1.5)
    waiting = 0
    with session.redis() as redis:
        index = f"dp:t:{mine.client.tenant.name}:edits:succeeded"
        before, until = redis.zcard(index), time.monotonic() + for_s
        while time.monotonic() < until:
            waiting = max(waiting, redis.zcard(QUEUED))
            await asyncio.sleep(0.25)
        finished = redis.zcard(index) - before
    session.notes["most waiting"] = waiting
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    return float(round(finished / for_s, 1))


async def _keep_asking(session: Session, mine: Mine) -> None:
    while True:
        await mine.client.once(session.load.edit_call(mine, ORDINARY))
        await asyncio.sleep(0.25)


def _goodput(session: Session, evidence: Evidence) -> Iterable[str]:
    peak, overloaded = (float(str(session.notes[name])) for name in ("peak per s", "overloaded per s"))
    if overloaded < 0.8 * peak:
        yield f"{overloaded}/s are finished under overload, and {peak}/s before"
    if int(str(session.notes["most waiting"])) > QUEUE:
        yield f"{session.notes['most waiting']} edits waited, and {QUEUE} may"
    full = [exchange for exchange in evidence.recent if exchange.json.get("code") == "queue-full"]
    session.notes["refused"] = len(full)
    if not full or not all(exchange.retry_after for exchange in full):
        yield f"{len(full)} requests were refused, not all of them with Retry-After"
    if evidence.recovery_s > BACK_TO_NORMAL_S:
        yield f"all was as usual {evidence.recovery_s:.1f} s after the rush"


CLIENT_FAULTS = (
    Fault("F20", "two turns at once", _two_turns_at_once, _one_wins),
    Fault("F21", f"{CUT_CLIENTS} clients that leave at any moment", _cut_clients, burst=150),
    Fault("F22", f"one key {SAME} times at once, and with another body", _same_key, _one_edit),
    Fault("F25", f"one tenant asks for {FLOOD} edits at once", _flood, _wait_of_the_other, burst=FLOOD),
    Fault(
        "F26",
        f"five times the capacity for {OVERLOADED_S:.0f} s",
        _too_much,
        _goodput,
        burst=100,
        settings={"MAX_QUEUE": str(QUEUE)},
    ),
)
