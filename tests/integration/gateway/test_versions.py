"""ETag and If-Match: a client that acts on what it saw last."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.integration.gateway.stand_ins import DialogueStandIn

Json = dict[str, Any]


async def test_the_version_is_the_etag_and_grows_with_every_change(api: httpx.AsyncClient, conversation: Json) -> None:
    url = conversation["urls"]["self"]
    before = await api.get(url)
    assert before.headers["etag"] == f'"{before.json()["version"]}"'
    await api.post(conversation["urls"]["turns"], json={"text": "change it"})
    assert (await api.get(url)).json()["version"] > before.json()["version"]


@pytest.mark.parametrize("call", ["turn", "patch", "head", "delete", "edit"])
async def test_a_stale_version_changes_nothing(api: httpx.AsyncClient, conversation: Json, call: str) -> None:
    urls, headers = conversation["urls"], {"If-Match": f'"{conversation["version"]}"'}
    await api.patch(urls["self"], json={"title": "changed by somebody else"})
    calls: dict[str, Any] = {
        "turn": ("POST", urls["turns"], {"text": "change it"}),
        "patch": ("PATCH", urls["self"], {"title": "mine"}),
        "head": ("PUT", urls["head"], {"revision_id": conversation["root_revision_id"]}),
        "delete": ("DELETE", urls["self"], None),
        "edit": ("POST", "/v1/edits", {"conversation_id": conversation["id"], "instruction": "make it night"}),
    }
    method, url, body = calls[call]
    before = (await api.get(urls["self"])).json()
    answer = await api.request(method, url, json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (412, "version-mismatch")
    assert answer.json()["version"] == before["version"]
    assert (await api.get(urls["self"])).json() == before


async def test_the_present_version_or_a_star_is_let_through(api: httpx.AsyncClient, conversation: Json) -> None:
    url = conversation["urls"]["self"]
    present = await api.patch(url, json={"title": "mine"}, headers={"If-Match": f'"{conversation["version"]}"'})
    whichever = await api.patch(url, json={"title": "still mine"}, headers={"If-Match": "*"})
    assert (present.status_code, whichever.status_code) == (200, 200)


async def test_of_two_turns_at_the_same_time_one_wins(
    api: httpx.AsyncClient, conversation: Json, dialogue: DialogueStandIn
) -> None:
    dialogue.delay_s = 0.3
    url = conversation["urls"]["turns"]
    answers = await asyncio.gather(*(api.post(url, json={"text": f"change {name}"}) for name in ("a", "b")))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    loser = next(answer for answer in answers if answer.status_code == 409).json()
    assert (loser["code"], loser["retryable"]) == ("concurrent-change", True)
    assert loser["version"] == (await api.get(conversation["urls"]["self"])).json()["version"]
    assert len((await api.get(url)).json()["items"]) == 1
