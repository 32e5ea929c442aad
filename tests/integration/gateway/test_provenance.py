"""Where a picture comes from: by records, beyond them by its file, and never by what somebody only claims."""

from typing import Any

import httpx
import pytest

from shared.storage.stores import Stores
from tests.integration.gateway.conftest import png
from tests.integration.gateway.stand_ins import MODEL

Json = dict[str, Any]
WAIT = {"Prefer": "wait=10"}
PNG = {"Content-Type": "image/png"}


async def edit(api: httpx.AsyncClient, **wanted: Any) -> Json:
    answer = await api.post("/v1/edits", json=wanted, headers=WAIT)
    assert answer.status_code == 200, answer.text
    edited: Json = answer.json()
    return edited


async def told(api: httpx.AsyncClient, image_id: str) -> Json:
    answer = await api.get(f"/v1/images/{image_id}/provenance")
    assert answer.status_code == 200, answer.text
    provenance: Json = answer.json()
    return provenance


@pytest.mark.usefixtures("worker")
async def test_a_result_tells_its_edits_back_to_the_upload(api: httpx.AsyncClient, conversation: Json) -> None:
    orange = (await api.post(conversation["urls"]["turns"], json={"text": "orange"}, headers=WAIT)).json()["edit"]
    night = await edit(
        api, conversation_id=conversation["id"], instruction="snow; night", parameters={"seed": 7, "count": 2}
    )
    provenance = await told(api, night["image_ids"][1])
    second, first = provenance["steps"]
    assert provenance["origin"] == "uploaded"
    assert (second["prior_instructions"], second["instruction"], second["parameters"]["seed"]) == (["snow"], "night", 8)
    assert (second["edit_id"], second["source_image_id"]) == (night["id"], orange["image_ids"][0])
    assert (first["instruction"], first["turn"], first["conversation_id"]) == ("orange", 1, conversation["id"])
    assert first["source_image_id"] == conversation["root_image_id"]
    assert {step["model_digest"] for step in (first, second)} == {MODEL.digest}
    assert {step["claimed"] for step in (first, second)} == {False}
    again = (await api.post(night["urls"]["rerun"], headers=WAIT)).json()
    assert again["identical"] is True  # though its edit, time and conversation are others


async def test_an_upload_and_a_sample_have_no_steps(api: httpx.AsyncClient, image_id: str) -> None:
    assert await told(api, image_id) == {"image_id": image_id, "origin": "uploaded", "steps": []}
    sample = (await api.get("/v1/samples")).json()["items"][0]["image_id"]
    root = (await api.post("/v1/conversations", json={"image_id": sample})).json()["root_image_id"]
    assert {(await told(api, each))["origin"] for each in (sample, root)} == {"sample"}


@pytest.mark.usefixtures("worker")
async def test_what_an_upload_tells_is_a_claim_also_behind_an_edit_made_here(
    api: httpx.AsyncClient, image_id: str
) -> None:
    first = await edit(api, image_id=image_id, instruction="make it night")
    ours = (await api.get(first["urls"]["images"][0])).content
    again = (await api.post("/v1/images", content=ours, headers=PNG)).json()["id"]
    (claim,) = (await told(api, again))["steps"]
    assert (claim["instruction"], claim["claimed"], claim["edit_id"]) == ("make it night", True, None)
    then = await edit(api, image_id=again, instruction="make it day")
    here, before = (await told(api, then["image_ids"][0]))["steps"]
    assert (here["edit_id"], here["claimed"]) == (then["id"], False)
    assert (before["instruction"], before["claimed"]) == ("make it night", True)


@pytest.mark.usefixtures("worker")
async def test_the_file_tells_what_is_on_record_no_more(api: httpx.AsyncClient, image_id: str, stores: Stores) -> None:
    first = await edit(api, image_id=image_id, instruction="make it night")
    about = (await api.post("/v1/conversations", json={"image_id": first["image_ids"][0]})).json()
    day = await edit(api, conversation_id=about["id"], instruction="make it day")
    await stores.redis.delete(f"dp:t:local:edit:{first['id']}")  # as if its time were over
    provenance = await told(api, day["image_ids"][0])
    here, before = provenance["steps"]
    assert (here["edit_id"], before["edit_id"]) == (day["id"], None)
    assert (before["instruction"], before["claimed"], provenance["origin"]) == ("make it night", False, "uploaded")

    record = await stores.images.stored("local", first["image_ids"][0])
    stores.files.put(record.file, png())  # as pictures were before their files told anything
    assert await told(api, record.id) == {"image_id": record.id, "origin": "unknown", "steps": []}
