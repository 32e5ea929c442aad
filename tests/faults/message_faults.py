"""F23, F24, F34: messages that come twice, in another order, never, or make no sense; sweepers and relays at once."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Iterable
from functools import partial

from gateway.edit_queue import relay
from gateway.loops import stop_loops
from shared.broker import QUEUE_EDITS, TASK_RUN_EDIT, make_celery, send_edit
from shared.settings import Settings
from shared.storage.client import SyncRedis
from shared.storage.stores import open_stores
from tests.faults.evidence import Evidence
from tests.faults.load import LONG
from tests.faults.matrix import Fault
from tests.faults.mutants import WANTED
from tests.faults.session import MAX_ATTEMPTS, Session

SHUFFLES, PAUSE_S = 40, 0.15
MOST = 100
"""Messages from which on there are no more copies: where nobody takes them, they would grow by two fifths each time."""
SWEEPS = 200


async def _ill_treat_messages(session: Session) -> None:
    """A burst first, so that messages wait; then copies, losses, another order, junk."""
    rng = random.Random(session.rng.random())
    for _ in range(12):
        session.load.do(session.load.edit(session.someone))
    with session.redis() as redis:
        for turn in range(SHUFFLES):
            _shuffle(redis, rng)
            if turn % 8 == 0:
                redis.rpush(QUEUE_EDITS, _junk(rng.choice(["task", "arguments"])))
            await asyncio.sleep(PAUSE_S)


def _shuffle(redis: SyncRedis, rng: random.Random) -> None:
    messages = []
    while (message := redis.lpop(QUEUE_EDITS)) is not None:
        messages.append(message)
    rng.shuffle(messages)
    copies = [0, 1, 1, 2, 3] if len(messages) < MOST else [0, 1]
    for message in messages:
        for _ in range(rng.choice(copies)):
            redis.rpush(QUEUE_EDITS, message)


def _junk(kind: str) -> str:
    """A message that Celery can read, and that means nothing here."""
    positional: list[object] = [{"not": "an id"}, 7] if kind == "arguments" else ["edit_of_nobody_at_all"]
    arguments = [positional, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
    name = "editing.unknown" if kind == "task" else TASK_RUN_EDIT
    return json.dumps(
        {
            "body": base64.b64encode(json.dumps(arguments).encode()).decode(),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {"lang": "py", "task": name, "id": "junk", "argsrepr": "", "kwargsrepr": "", "root_id": "junk"},
            "properties": {
                "correlation_id": "junk",
                "delivery_mode": 2,
                "delivery_info": {"exchange": "", "routing_key": QUEUE_EDITS},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": f"junk-{random.random()}",
            },
        }
    )


async def _not_json(session: Session) -> None:
    """Bytes that are no message at all."""
    with session.redis() as redis:
        for junk in ("junk", "{}", '{"body": 1}'):
            redis.rpush(QUEUE_EDITS, junk)
            await asyncio.sleep(2.0)


async def _sweep_and_relay(session: Session) -> None:
    """Many sweepers and relays at once, beside those of both gateways."""
    settings = Settings(
        redis_url=session.stack.redis_url, image_store_url=str(session.stack.pictures), max_attempts=MAX_ATTEMPTS
    )
    several = [open_stores(settings) for _ in range(3)]
    send = partial(send_edit, make_celery(settings))
    relays = [asyncio.create_task(relay(stores.queue, send, f"relay-{n}")) for n, stores in enumerate(several)]
    try:
        for _ in range(SWEEPS // 10):
            await asyncio.gather(*(stores.queue.sweep() for stores in several for _ in range(3)))
            await asyncio.sleep(0.2)
    finally:
        await stop_loops(relays)
        for stores in several:
            await stores.close()


def _nothing_run_twice(_session: Session, evidence: Evidence) -> Iterable[str]:
    wishes = {exchange.wish for exchange in evidence.recent}
    again = [edit for edit in evidence.records.edits.values() if edit.fields["instruction"] in wishes]
    again = [edit for edit in again if edit.attempt > 1]
    if again:
        yield f"{len(again)} edits were tried again, and no worker was lost"


async def _long_edits(session: Session) -> None:
    """Edits that run for longer than their messages stay invisible."""
    for _ in range(3):
        session.load.do(session.load.edit(session.someone, LONG))
        await asyncio.sleep(2.0)


MESSAGE_FAULTS = (
    Fault(
        "F23",
        "messages doubled, lost, reordered; unknown tasks, odd arguments",
        _ill_treat_messages,
        _nothing_run_twice,
    ),
    Fault("F23b", "messages that are none", _not_json),
    Fault(
        "F24",
        "visibility timeout below the run time",
        _long_edits,
        _nothing_run_twice,
        settings={WANTED: "short-visibility"},
    ),
    Fault("F34", "many sweepers and relays at once", _sweep_and_relay, _nothing_run_twice),
)
