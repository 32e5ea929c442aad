"""Listeners that are cut, slow or rude: each that comes back misses nothing, and none leaves anything behind."""

import asyncio
import random
import sys
import time
from collections.abc import Callable

import httpx
import pytest

from tests.hostile.events_of import Told, events_of
from tests.hostile.gateway_process import SAMPLE, GatewayProcess, Json, problem_of
from tests.hostile.listeners import Listener, knock

PATIENCE_S = 30.0
BAD_IDS = ("-1", "x", "1.5", "9" * 16, "1-0", "$", "0x1", "٣", "1,2", "NaN")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SLACK = 3  # descriptors of requests that are being answered while they are counted


async def storm(gateway: GatewayProcess, seed: int, turns: int, knocks: int) -> None:
    """Talk in two conversations while listeners of every kind come and go; each must have heard all of it once."""
    chance = random.Random(seed)
    async with httpx.AsyncClient(base_url=gateway.url, trust_env=False, timeout=60) as api:
        talks = [(await api.post("/v1/conversations", json={"image_id": SAMPLE})).json() for _ in range(2)]
        rude = asyncio.create_task(
            knock_often(gateway.port, [talk["urls"]["events"] for talk in talks], chance, knocks)
        )
        await asyncio.gather(*(one_talk(gateway, api, talk, random.Random(chance.random()), turns) for talk in talks))
        await rude


async def one_talk(
    gateway: GatewayProcess, api: httpx.AsyncClient, talk: Json, chance: random.Random, turns: int
) -> None:
    """Say some things while others listen, then compare what they heard with what was told."""
    url = talk["urls"]["events"]
    kinds: tuple[dict[str, float], ...] = (
        {},
        {"cut": 0.5},
        {"cut": 0.2},
        {"slow_s": 0.02},
        {"cut": 0.1, "slow_s": 0.01},
    )
    listeners = [Listener(gateway.port, url, random.Random(chance.random()), **kind) for kind in kinds]
    last_id = asyncio.get_running_loop().create_future()
    async with asyncio.timeout(PATIENCE_S + 3 * turns), asyncio.TaskGroup() as group:
        for listener in listeners:
            group.create_task(listener.follow(last_id))
        for _ in range(turns):
            said = {"text": chance.choice(("make it night", "change it", "thanks")), "parameters": {"preview_every": 1}}
            answer = await api.post(talk["urls"]["turns"], json=said, headers={"Prefer": "wait=20"})
            assert answer.status_code == 200, answer.text
        told = await asyncio.to_thread(all_events, gateway.url, talk["urls"]["self"])
        last_id.set_result(told[-1].id)
    assert [event.id for event in told] == list(range(1, len(told) + 1))
    for listener in listeners:
        assert listener.told == told
    assert sum(listener.connections for listener in listeners) > len(listeners)


def all_events(base_url: str, url: str) -> list[Told]:
    """What the stream says to somebody who comes afterwards."""
    with httpx.Client(base_url=base_url, trust_env=False, timeout=30) as api:
        return events_of(api, url)


async def knock_often(port: int, urls: list[str], chance: random.Random, knocks: int) -> None:
    """Many who ask for a stream and do not stay, some at once."""
    for _ in range(0, knocks, 20):
        await asyncio.gather(*(knock(port, chance.choice(urls), chance) for _ in range(20)))


def settled(look: Callable[[], int], most: int) -> int:
    """What can be seen once it is at most so much, or after a while."""
    deadline = time.monotonic() + PATIENCE_S
    while look() > most and time.monotonic() < deadline:
        time.sleep(0.1)
    return look()


def listeners_of(api: httpx.Client) -> int:
    """How many listeners the gateway counts."""
    [line] = [line for line in api.get("/metrics").text.splitlines() if line.startswith("dialogpaint_event_listeners ")]
    return int(float(line.split()[1]))


def test_everybody_who_comes_back_has_heard_everything_once(gateway: GatewayProcess, api: httpx.Client) -> None:
    asyncio.run(storm(gateway, seed=1, turns=6, knocks=200))
    assert settled(lambda: listeners_of(api), 0) == 0


@LINUX
def test_hundreds_who_come_and_go_leave_nothing_open(gateway: GatewayProcess, api: httpx.Client) -> None:
    url = api.post("/v1/conversations", json={"image_id": SAMPLE}).json()["urls"]["events"]
    asyncio.run(knock_often(gateway.port, [url], random.Random(2), 100))
    assert settled(lambda: listeners_of(api), 0) == 0
    before = gateway.open_files()
    asyncio.run(knock_often(gateway.port, [url], random.Random(3), 400))
    assert settled(lambda: listeners_of(api), 0) == 0
    assert settled(gateway.open_files, before + SLACK) <= before + SLACK


def test_an_id_of_no_event_is_refused_and_one_that_lies_ahead_resets(api: httpx.Client) -> None:
    urls = api.post("/v1/conversations", json={"image_id": SAMPLE}).json()["urls"]
    for bad in BAD_IDS:
        answer = api.get(urls["events"], headers=[(b"Last-Event-ID", bad.encode())])
        assert problem_of(answer, bad)["status"] == 422
    with api.stream("GET", urls["events"], headers={"Last-Event-ID": "999"}) as stream:
        assert next(stream.iter_lines()) == "event: reset"


@LINUX
@pytest.mark.fuzz
@pytest.mark.timeout(3_600)
def test_storms_of_listeners(gateway: GatewayProcess, api: httpx.Client) -> None:
    asyncio.run(storm(gateway, seed=0, turns=5, knocks=200))
    before = gateway.open_files()
    for seed in range(1, 31):
        asyncio.run(storm(gateway, seed, turns=10, knocks=400))
    assert settled(lambda: listeners_of(api), 0) == 0
    assert settled(gateway.open_files, before + SLACK) <= before + SLACK
