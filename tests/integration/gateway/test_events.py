"""Server-sent events: complete, in order, resumable, and over when they should be."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from shared.settings import Settings
from tests.integration.gateway.conftest import serving
from tests.integration.gateway.stand_ins import WorkerStandIn

Json = dict[str, Any]
Event = tuple[int, str, Json]


async def events(api: httpx.AsyncClient, url: str, after: int | None = None) -> AsyncIterator[Event]:
    """Read events as they come."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    async with api.stream("GET", url, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                yield int(fields["id"]), fields["event"], json.loads(fields["data"])
                fields = {}


async def until(api: httpx.AsyncClient, url: str, last: str, after: int | None = None) -> list[Event]:
    """Read events up to the first of the kind `last`."""
    seen: list[Event] = []
    async with asyncio.timeout(20):
        async for event in events(api, url, after):
            seen.append(event)
            if event[1] == last:
                break
    return seen


async def say(api: httpx.AsyncClient, conversation: Json, text: str, wait_s: int = 0) -> Json:
    answer = await api.post(conversation["urls"]["turns"], json={"text": text}, headers={"Prefer": f"wait={wait_s}"})
    turn: Json = answer.json()
    return turn


@pytest.mark.usefixtures("worker")
async def test_a_conversation_tells_everything_that_happens(api: httpx.AsyncClient, conversation: Json) -> None:
    following = asyncio.create_task(until(api, conversation["urls"]["events"], "head.moved"))
    await asyncio.sleep(0.1)
    turn = await say(api, conversation, "make it night", wait_s=10)
    seen = await following
    assert [number for number, _, _ in seen] == list(range(1, len(seen) + 1))
    kinds = [kind for _, kind, _ in seen]
    assert {"turn.created", "edit.queued", "edit.started", "edit.succeeded"} <= set(kinds)
    assert kinds[-1] == "head.moved"
    assert seen[-1][2]["revision_id"] == turn["edit"]["revision_ids"][0]


@pytest.mark.usefixtures("worker")
async def test_a_listener_that_was_cut_off_goes_on_where_it_was(api: httpx.AsyncClient, conversation: Json) -> None:
    url = conversation["urls"]["events"]
    await say(api, conversation, "make it night", wait_s=10)
    whole = await until(api, url, "head.moved")
    for number, kind, _ in whole[:-1]:
        rest = await until(api, url, "head.moved", after=number)
        assert rest == whole[number:], kind


@pytest.mark.usefixtures("worker")
async def test_an_edits_stream_ends_with_its_terminal_event(api: httpx.AsyncClient, image_id: str) -> None:
    edit = (await api.post("/v1/edits", json={"image_id": image_id, "instruction": "make it night"})).json()
    seen = [event async for event in events(api, edit["urls"]["events"])]
    assert seen[0][1] == "edit.queued"
    assert seen[-1][1] == "edit.succeeded"
    assert [event async for event in events(api, edit["urls"]["events"])] == seen
    assert [event async for event in events(api, edit["urls"]["events"], after=seen[-1][0])] == []


@pytest.mark.usefixtures("worker")
async def test_an_edits_stream_holds_only_its_own_part_of_the_conversation(
    api: httpx.AsyncClient, conversation: Json
) -> None:
    await say(api, conversation, "make it night", wait_s=10)
    second = (await say(api, conversation, "make it day", wait_s=10))["edit"]
    seen = [event async for event in events(api, second["urls"]["events"])]
    assert {data["edit_id"] for _, _, data in seen} == {second["id"]}


@pytest.mark.usefixtures("worker")
async def test_events_reach_listeners_of_every_gateway(
    api: httpx.AsyncClient, conversation: Json, settings: Settings
) -> None:
    async with (
        serving(create_app(settings)) as (url, _),
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20) as other,
    ):
        following = asyncio.create_task(until(other, conversation["urls"]["events"], "edit.succeeded"))
        await asyncio.sleep(0.1)
        await say(api, conversation, "make it night", wait_s=10)
        assert (await following)[-1][1] == "edit.succeeded"


async def test_a_canceled_edit_tells_so_and_frees_its_conversation(
    api: httpx.AsyncClient, conversation: Json, worker: WorkerStandIn
) -> None:
    worker.step_s = 0.3
    edit = (await say(api, conversation, "make it night"))["edit"]
    await until(api, edit["urls"]["events"], "edit.started")
    await api.post(edit["urls"]["cancel"])
    seen = await until(api, edit["urls"]["events"], "edit.canceled")
    assert seen[-1][1] == "edit.canceled"
    after = (await api.post(edit["urls"]["cancel"])).json()
    assert (after["status"], after["image_ids"]) == ("canceled", [])
    assert (await say(api, conversation, "change it"))["reply"]["kind"] == "clarification"


class TestHeartbeats:
    """With a short pause between heartbeats."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"sse_heartbeat_s": 0.1})

    async def test_a_quiet_stream_sends_heartbeats(self, api: httpx.AsyncClient, conversation: Json) -> None:
        async with asyncio.timeout(10), api.stream("GET", conversation["urls"]["events"]) as stream:
            async for line in stream.aiter_lines():
                if line == ": heartbeat":
                    break


async def test_streams_end_at_once_when_the_gateway_stops(app: FastAPI) -> None:
    async with serving(app) as (url, server), httpx.AsyncClient(base_url=url, trust_env=False) as api:
        stored = await api.post("/v1/conversations", json={"image_id": "img_sample-house-and-tree"})
        conversation = stored.json()
        async with asyncio.timeout(10), api.stream("GET", conversation["urls"]["events"]) as stream:
            await asyncio.sleep(0.2)
            server.should_exit = True
            began = asyncio.get_running_loop().time()
            assert [line async for line in stream.aiter_lines()] == []
            assert asyncio.get_running_loop().time() - began < 1.5  # uvicorn alone would wait its whole grace of 2 s
