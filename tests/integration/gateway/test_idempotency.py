"""Idempotency-Key: one effect, and the first answer again."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import png
from tests.integration.gateway.stand_ins import DialogueStandIn, WorkerStandIn

Json = dict[str, Any]
KEY = {"Idempotency-Key": "5b0f-once"}


async def say(api: httpx.AsyncClient, conversation: Json, text: str, **headers: str) -> httpx.Response:
    return await api.post(conversation["urls"]["turns"], json={"text": text}, headers={**KEY, **headers})


@pytest.mark.usefixtures("worker")
async def test_a_repeated_turn_gets_the_first_answer_and_no_second_edit(
    api: httpx.AsyncClient, conversation: Json
) -> None:
    first = await say(api, conversation, "make it night", Prefer="wait=10")
    second = await say(api, conversation, "make it night", Prefer="wait=10")
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second.headers["location"] == first.headers["location"]
    assert len((await api.get("/v1/edits")).json()["items"]) == 1


async def test_a_key_with_another_body_is_refused(api: httpx.AsyncClient, conversation: Json) -> None:
    await say(api, conversation, "change the house")
    answer = await say(api, conversation, "change the tree")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-mismatch")


async def test_the_order_of_fields_does_not_matter(api: httpx.AsyncClient, conversation: Json) -> None:
    url, headers = conversation["urls"]["turns"], {**KEY, "Content-Type": "application/json"}
    first = await api.post(url, content=b'{"text": "change it", "run": true}', headers=headers)
    second = await api.post(url, content=b'{"run":true,"text":"change it"}', headers=headers)
    assert second.json() == first.json()


async def test_a_key_whose_first_request_still_runs_is_told_so(
    api: httpx.AsyncClient, conversation: Json, dialogue: DialogueStandIn
) -> None:
    dialogue.delay_s = 0.5
    first = asyncio.create_task(say(api, conversation, "change the house"))
    await asyncio.sleep(0.2)
    second = await say(api, conversation, "change the house")
    assert (second.status_code, second.json()["code"]) == (409, "idempotency-in-progress")
    assert (await first).status_code == 200


async def test_twenty_requests_with_one_key_make_one_edit(
    api: httpx.AsyncClient, image_id: str, worker: WorkerStandIn
) -> None:
    worker.go.clear()
    body = {"image_id": image_id, "instruction": "make it night"}
    answers = await asyncio.gather(*(api.post("/v1/edits", json=body, headers=KEY) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 202}) == 1
    assert len((await api.get("/v1/edits")).json()["items"]) == 1


async def test_a_refused_request_frees_its_key(api: httpx.AsyncClient, conversation: Json) -> None:
    url = conversation["urls"]["turns"]
    assert (await api.post(url, json={"text": ""}, headers=KEY)).status_code == 422
    assert (await api.post(url, json={"text": "change it"}, headers=KEY)).status_code == 200


@pytest.mark.usefixtures("worker")
async def test_pictures_conversations_and_reruns_take_keys_too(api: httpx.AsyncClient) -> None:
    async def twice(key: str, path: str, **body: Any) -> Json:
        first, second = [await api.post(path, headers={"Idempotency-Key": key}, **body) for _ in range(2)]
        assert first.status_code < 300, first.text
        assert second.headers["idempotent-replayed"] == "true"
        assert second.json() == first.json()
        answer: Json = first.json()
        return answer

    image = await twice("picture", "/v1/images", files={"file": ("a.png", png(), "image/png")})
    await twice("conversation", "/v1/conversations", json={"image_id": image["id"]})
    edit = await api.post(
        "/v1/edits", json={"image_id": image["id"], "instruction": "make it night"}, headers={"Prefer": "wait=10"}
    )
    await twice("rerun", edit.json()["urls"]["rerun"])
    assert len((await api.get("/v1/edits")).json()["items"]) == 2


@pytest.mark.usefixtures("worker")
async def test_an_interrupted_request_is_answered_from_its_effect(
    api: httpx.AsyncClient, conversation: Json, app: Any
) -> None:
    # The first run made the turn and then lost its process before it could keep the answer.
    kept = app.state.ports.stores.idempotency
    object.__setattr__(app.state.ports.stores, "idempotency", Forgetful(kept))
    first = await say(api, conversation, "make it night", Prefer="wait=10")
    object.__setattr__(app.state.ports.stores, "idempotency", ShortSighted(kept))
    second = await say(api, conversation, "make it night", Prefer="wait=10")
    assert second.json()["edit"]["id"] == first.json()["edit"]["id"]
    assert (await api.get(conversation["urls"]["self"])).json()["turn_count"] == 1


class Forgetful:
    """Loses every answer that it is given to keep."""

    def __init__(self, kept: Any) -> None:
        self.begin = kept.begin
        self.release = kept.release

    async def complete(self, *_: Any) -> None:
        """Do nothing."""


class ShortSighted:
    """Takes every unfinished request for lost."""

    def __init__(self, kept: Any) -> None:
        self._kept = type(kept)(kept.scripts, kept.ttl_s, 0)
        self.begin = self._kept.begin
        self.complete = self._kept.complete
        self.release = self._kept.release
