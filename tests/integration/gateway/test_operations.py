"""What operators and tools see."""

from typing import Any

import httpx
import pytest

from gateway.app import create_app
from shared.settings import Settings
from tests.integration.gateway.conftest import free_port, serving
from tests.integration.gateway.stand_ins import WorkerStandIn

Json = dict[str, Any]


@pytest.mark.usefixtures("worker")
async def test_with_everything_there_the_gateway_is_ready(api: httpx.AsyncClient) -> None:
    answer = await api.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "missing": []})


async def test_what_is_missing_is_named_in_a_problem(api: httpx.AsyncClient) -> None:
    answer = await api.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["missing"] == ["warm editing worker"]
    assert answer.json()["code"] == "unavailable"


@pytest.mark.usefixtures("worker")
async def test_the_models_tell_their_names_limits_and_defaults(api: httpx.AsyncClient) -> None:
    models = (await api.get("/v1/models")).json()
    assert models["dialogue"]["name"] == "stand-in-dialogue"
    assert models["editing"]["defaults"]["steps"] == 4


@pytest.mark.usefixtures("worker")
async def test_the_queue_tells_workers_and_free_slots(api: httpx.AsyncClient) -> None:
    queue = (await api.get("/v1/queue")).json()
    assert (queue["depth"], queue["free_slots"], queue["workers"][0]["id"]) == (0, 4, "stand-in")


@pytest.mark.usefixtures("worker")
async def test_a_finished_edit_can_be_rated_and_run_again(api: httpx.AsyncClient, image_id: str) -> None:
    body = {"image_id": image_id, "instruction": "make it night", "parameters": {"seed": 3, "count": 2}}
    edit = (await api.post("/v1/edits", json=body, headers={"Prefer": "wait=10"})).json()
    assert len(edit["image_ids"]) == 2
    rated = await api.put(edit["urls"]["rating"], json={"image_quality": 5, "satisfaction": 4})
    assert rated.json()["rating"] == {"image_quality": 5, "satisfaction": 4, "comment": None}
    again = (await api.post(edit["urls"]["rerun"], headers={"Prefer": "wait=10"})).json()
    assert (again["rerun_of"], again["identical"]) == (edit["id"], True)
    assert again["parameters"] == edit["parameters"]


@pytest.mark.usefixtures("worker")
async def test_several_instructions_are_one_edit_one_after_the_other(api: httpx.AsyncClient, image_id: str) -> None:
    body = {"image_id": image_id, "instruction": "remove the tree; make it night;"}
    edit = (await api.post("/v1/edits", json=body, headers={"Prefer": "wait=10"})).json()
    assert (edit["prior_instructions"], edit["instruction"]) == (["remove the tree"], "make it night")
    assert edit["status"] == "succeeded"
    assert edit["progress"]["step"] == edit["progress"]["steps"] == 2 * edit["parameters"]["steps"]


async def test_an_instruction_of_marks_alone_is_refused_in_words(api: httpx.AsyncClient, image_id: str) -> None:
    refused = await api.post("/v1/edits", json={"image_id": image_id, "instruction": " ; ;"})
    assert refused.status_code == 422
    assert "say what to change" in refused.json()["detail"]


@pytest.mark.parametrize("separators", [4, 1_000])
async def test_more_instructions_than_an_edit_carries_out_are_refused(
    api: httpx.AsyncClient, image_id: str, separators: int
) -> None:
    refused = await api.post("/v1/edits", json={"image_id": image_id, "instruction": "a;" * separators})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "instruction"
    assert "at most 3: send the others as edits of their own" in refused.json()["detail"]


async def test_a_long_edit_that_came_to_nothing_is_run_again_in_its_conversation(
    api: httpx.AsyncClient, conversation: Json, worker: WorkerStandIn
) -> None:
    for wish in ("make it night", "remove the tree", "make it snow"):
        await api.post(conversation["urls"]["turns"], json={"text": wish}, headers={"Prefer": "wait=10"})
    worker.go.clear()
    said = await api.post(conversation["urls"]["turns"], json={"text": "make it sepia", "base": "root"})
    first = said.json()["edit"]
    await api.post(first["urls"]["cancel"])
    worker.go.set()
    again = (await api.post(first["urls"]["rerun"], headers={"Prefer": "wait=10"})).json()
    same = ("instruction", "prior_instructions", "parameters", "conversation_id", "base_revision_id")
    assert {name: again[name] for name in same} == {name: first[name] for name in same}
    assert len(again["prior_instructions"]) == 3
    head = (await api.get(conversation["urls"]["self"])).json()["head_revision_id"]
    assert again["revision_ids"] == [head]
    once_more = (await api.post(again["urls"]["rerun"], headers={"Prefer": "wait=10"})).json()
    assert (once_more["conversation_id"], once_more["identical"]) == (None, True)


@pytest.mark.usefixtures("worker")
async def test_edits_are_listed_by_status(api: httpx.AsyncClient, image_id: str) -> None:
    body = {"image_id": image_id, "instruction": "make it night"}
    edit = (await api.post("/v1/edits", json=body, headers={"Prefer": "wait=10"})).json()
    listed = await api.get("/v1/edits", params={"status": "succeeded"})
    assert [item["id"] for item in listed.json()["items"]] == [edit["id"]]
    assert (await api.get("/v1/edits", params={"status": "failed"})).json()["items"] == []


@pytest.mark.usefixtures("worker")
async def test_metrics_count_turns_and_requests_without_ids(api: httpx.AsyncClient, conversation: Json) -> None:
    await api.post(conversation["urls"]["turns"], json={"text": "change it"})
    exposed = (await api.get("/metrics")).text
    assert 'dialogpaint_turns_total{reply="clarification"} 1.0' in exposed
    assert "dialogpaint_storage_up 1.0" in exposed
    assert "dialogpaint_redis_append_only_ok 0.0" in exposed  # the tests' Redis keeps no file
    assert "dialogpaint_redis_memory_bytes 0.0" not in exposed
    assert 'route="/v1/conversations/{conversation_id}/turns"' in exposed
    assert conversation["id"] not in exposed


async def test_metrics_say_that_redis_is_away_and_leave_out_what_only_it_knows(settings: Settings) -> None:
    away = create_app(settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{free_port()}/0"}))
    async with serving(away) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False) as api:
        exposed = (await api.get("/metrics")).text
    assert "dialogpaint_storage_up 0.0" in exposed
    assert "dialogpaint_edits_open" not in exposed


async def test_an_edit_that_is_canceled_while_it_waits_is_counted_once(
    api: httpx.AsyncClient, image_id: str, worker: WorkerStandIn
) -> None:
    worker.go.clear()
    edit = (await api.post("/v1/edits", json={"image_id": image_id, "instruction": "make it night"})).json()
    for _ in range(2):
        assert (await api.post(edit["urls"]["cancel"])).json()["status"] == "canceled"
    metrics = (await api.get("/metrics")).text
    assert 'dialogpaint_edits_finished_total{reason="",state="canceled"} 1.0' in metrics
