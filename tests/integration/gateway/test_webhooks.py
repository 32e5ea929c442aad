"""Asking for a webhook: what the gateway takes on, and what it refuses."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from gateway.webhooks.signing import new_secret
from shared.settings import Settings
from shared.storage.stores import Stores

pytestmark = pytest.mark.usefixtures("worker")

Json = dict[str, Any]

URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A gateway that can sign webhooks, and may send them to an address of this machine."""
    return settings.model_copy(update={"webhook_secrets": new_secret(), "webhook_allow": "127.0.0.1"})


async def submit(api: httpx.AsyncClient, image_id: str, **more: object) -> httpx.Response:
    body = {"image_id": image_id, "instruction": "make it night", **more}
    return await api.post("/v1/edits", json=body, headers={"Prefer": "wait=20"})


async def owed(stores: Stores) -> dict[str, Json]:
    """Edit id → its edit, as the owed messages tell it."""
    taken = await stores.webhooks.take(10, 60, 10)
    return {webhook.edit.id: webhook.edit.model_dump(mode="json") for webhook in taken.webhooks}


async def test_the_end_of_an_edit_is_owed_as_the_edit_is_read(
    api: httpx.AsyncClient, stores: Stores, image_id: str
) -> None:
    await submit(api, image_id)
    edit = (await submit(api, image_id, webhook_url=URL)).json()
    assert edit["status"] == "succeeded"
    read = (await api.get(edit["urls"]["self"])).json()
    metrics = (await api.get("/metrics")).text
    assert "dialogpaint_webhooks_owed 1.0" in metrics
    assert "dialogpaint_webhooks_dead 0.0" in metrics
    assert await owed(stores) == {edit["id"]: read}


async def test_a_turn_may_ask_for_one_too(api: httpx.AsyncClient, stores: Stores, conversation: Json) -> None:
    async def say(text: str) -> Json:
        body = {"text": text, "webhook_url": URL}
        answer: Json = (await api.post(conversation["urls"]["turns"], json=body, headers={"Prefer": "wait=20"})).json()
        return answer

    assert (await say("change it"))["edit"] is None
    turn = await say("make it night")
    assert list(await owed(stores)) == [turn["edit"]["id"]]


async def test_running_an_edit_again_tells_nobody(api: httpx.AsyncClient, stores: Stores, image_id: str) -> None:
    edit = (await submit(api, image_id, webhook_url=URL)).json()
    again = await api.post(edit["urls"]["rerun"], headers={"Prefer": "wait=20"})
    assert again.json()["status"] == "succeeded"
    assert list(await owed(stores)) == [edit["id"]]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://10.0.0.1/", "public address"),
        ("http://169.254.169.254/latest/meta-data/", "public address"),
        ("http://[::ffff:10.0.0.1]/", "public address"),
        ("http://0xa000001/", "public address"),
        ("ftp://example.com/", "http://"),
        ("file:///etc/passwd", "http://"),
        ("example.com", "http://"),
        ("https://user:secret@example.com/", "password"),
        ("http://127.0.0.1\\@example.com/", "http://"),
        ("http://127.0.0.1/" + "x" * 2048, "at most 2048"),
        (7, "string"),
    ],
)
async def test_a_url_that_leads_nowhere_public_is_refused(
    api: httpx.AsyncClient, image_id: str, conversation: Json, url: str, told: str
) -> None:
    turn = await api.post(conversation["urls"]["turns"], json={"text": "make it night", "webhook_url": url})
    for answer in (await submit(api, image_id, webhook_url=url), turn):
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "invalid-request")
        assert [error["field"] for error in problem["errors"]] == ["webhook_url"]
        assert told in problem["detail"]
    assert (await api.get("/v1/edits")).json()["items"] == []
    assert (await api.get(conversation["urls"]["turns"])).json()["items"] == []


class TestWithoutASecret:
    """On a server where nobody has set one."""

    @pytest.fixture
    def app(self, settings: Settings) -> FastAPI:
        """The gateway."""
        return create_app(settings.model_copy(update={"webhook_secrets": ""}))

    async def test_a_webhook_is_refused_with_what_to_set(self, api: httpx.AsyncClient, image_id: str) -> None:
        answer = await submit(api, image_id, webhook_url=URL)
        assert (answer.status_code, answer.json()["code"]) == (422, "webhooks-off")
        assert "WEBHOOK_SECRETS" in answer.json()["detail"]
        assert (await api.get("/v1/edits")).json()["items"] == []
        assert (await submit(api, image_id)).json()["status"] == "succeeded"
