"""A sweep of guidance scales over HTTP: one request, many pictures, one of them to go on from."""

from typing import Any

import httpx
import pytest

from tests.integration.gateway.stand_ins import WorkerStandIn

Json = dict[str, Any]

AXES = {"text_guidance_scale": [3, 5, 7.5], "image_guidance_scale": [1.2, 1.6, 2]}
PARAMETERS = {"seed": 7, "sweep": AXES}


async def sweep(api: httpx.AsyncClient, where: Json, key: str | None = None) -> Json:
    body = {**where, "instruction": "make it night", "parameters": PARAMETERS}
    headers = {"Prefer": "wait=10", **({"Idempotency-Key": key} if key else {})}
    answer = await api.post("/v1/edits", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    edit: Json = answer.json()
    return edit


@pytest.mark.usefixtures("worker")
async def test_a_sweep_says_what_each_picture_was_made_with_and_any_can_be_chosen(
    api: httpx.AsyncClient, conversation: Json
) -> None:
    edit = await sweep(api, {"conversation_id": conversation["id"]})
    scales = [(cell["text_guidance_scale"], cell["image_guidance_scale"]) for cell in edit["cells"]]
    assert scales == [(text, image) for text in (3, 5, 7.5) for image in (1.2, 1.6, 2)]
    assert {cell["seed"] for cell in edit["cells"]} == {7}
    assert [cell["image_id"] for cell in edit["cells"]] == edit["image_ids"]
    assert [cell["revision_id"] for cell in edit["cells"]] == edit["revision_ids"]
    assert (await api.get(edit["cells"][8]["url"])).headers["content-type"] == "image/png"
    assert (edit["parameters"]["sweep"], edit["parameters"]["count"]) == (AXES, 9)
    await _choose(api, conversation, edit["cells"])


async def _choose(api: httpx.AsyncClient, conversation: Json, cells: list[Json]) -> None:
    """The first cell is the head until another is chosen, and all are siblings."""
    assert (await api.get(conversation["urls"]["self"])).json()["head_revision_id"] == cells[0]["revision_id"]
    moved = await api.put(conversation["urls"]["head"], json={"revision_id": cells[4]["revision_id"]})
    assert moved.json()["head_revision_id"] == cells[4]["revision_id"]
    tree = (await api.get(conversation["urls"]["revisions"])).json()["items"]
    assert {revision["parent_id"] for revision in tree[1:]} == {conversation["root_revision_id"]}


@pytest.mark.usefixtures("worker")
async def test_a_sweep_is_run_again_and_replayed_as_one_edit(api: httpx.AsyncClient, image_id: str) -> None:
    edit = await sweep(api, {"image_id": image_id}, key="a-sweep-once")
    assert (await sweep(api, {"image_id": image_id}, key="a-sweep-once"))["id"] == edit["id"]
    again = (await api.post(edit["urls"]["rerun"], headers={"Prefer": "wait=10"})).json()
    assert (again["identical"], again["parameters"], len(again["cells"])) == (True, edit["parameters"], 9)


async def test_what_is_said_can_be_tried_in_a_range_and_stopped(
    api: httpx.AsyncClient, conversation: Json, worker: WorkerStandIn
) -> None:
    worker.go.clear()
    await api.patch(conversation["urls"]["self"], json={"defaults": {"count": 2, "text_guidance_scale": 9, "steps": 3}})
    body = {"text": "make it night", "parameters": PARAMETERS}
    edit = (await api.post(conversation["urls"]["turns"], json=body)).json()["edit"]
    assert [cell["image_id"] for cell in edit["cells"]] == [None] * 9
    assert (edit["parameters"]["steps"], edit["progress"]["steps"]) == (3, 3)
    assert (await api.post(edit["urls"]["cancel"])).json()["status"] == "canceled"
    worker.go.set()
    again = (await api.post(edit["urls"]["rerun"], headers={"Prefer": "wait=10"})).json()
    assert (again["status"], again["conversation_id"], len(again["revision_ids"])) == (
        "succeeded",
        conversation["id"],
        9,
    )


async def test_a_conversation_takes_no_sweep_for_all_its_edits(api: httpx.AsyncClient, conversation: Json) -> None:
    refused = await api.patch(conversation["urls"]["self"], json={"defaults": {"sweep": AXES}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "defaults")
    assert "leave it out of the defaults" in refused.json()["detail"]
