"""A whole conversation over HTTP: ask, edit, undo, re-apply, read back."""

from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import png
from tests.integration.gateway.stand_ins import DialogueStandIn, WorkerStandIn

Json = dict[str, Any]


async def say(api: httpx.AsyncClient, conversation: Json, text: str, wait_s: int = 10, **more: Any) -> httpx.Response:
    headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
    return await api.post(conversation["urls"]["turns"], json={"text": text, **more}, headers=headers)


async def test_an_uploaded_picture_comes_back_as_a_clean_png(api: httpx.AsyncClient) -> None:
    stored = await api.post("/v1/images", content=png((30, 20)), headers={"Content-Type": "image/png"})
    image = stored.json()
    assert (image["width"], image["height"], image["media_type"]) == (30, 20, "image/png")
    assert stored.headers["location"] == image["urls"]["self"]
    bytes_ = await api.get(image["urls"]["self"])
    assert bytes_.headers["content-type"] == "image/png"
    assert bytes_.headers["cache-control"].endswith("immutable")
    assert len(bytes_.content) == image["size"]
    again = await api.get(image["urls"]["self"], headers={"If-None-Match": bytes_.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_picture_may_come_as_a_form_field(api: httpx.AsyncClient) -> None:
    stored = await api.post("/v1/images", files={"file": ("house.png", png(), "image/png")})
    assert stored.status_code == 201


async def test_an_ambiguous_wish_gets_a_question_and_no_edit(api: httpx.AsyncClient, conversation: Json) -> None:
    answer = await say(api, conversation, "change the car")
    turn = answer.json()
    assert answer.status_code == 200
    assert (turn["number"], turn["reply"]["kind"]) == (1, "clarification")
    assert turn["instruction"] is None
    assert turn["edit"] is None


async def test_small_talk_starts_nothing(api: httpx.AsyncClient, conversation: Json) -> None:
    turn = (await say(api, conversation, "thanks a lot")).json()
    assert (turn["reply"]["kind"], turn["edit"]) == ("chat", None)


async def test_an_explicit_wish_becomes_a_picture_while_the_client_waits(
    api: httpx.AsyncClient, conversation: Json, worker: WorkerStandIn
) -> None:
    answer = await say(api, conversation, "paint the house orange", parameters={"seed": 7})
    turn, edit = answer.json(), answer.json()["edit"]
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=10"
    assert (turn["instruction"], edit["status"], edit["turn"]) == ("paint the house orange", "succeeded", 1)
    assert edit["parameters"]["seed"] == 7
    assert edit["model"] == "stand-in-editor"
    assert (await api.get(edit["urls"]["images"][0])).status_code == 200
    after = (await api.get(conversation["urls"]["self"])).json()
    assert after["head_revision_id"] == edit["revision_ids"][0]
    assert after["turn_count"] == 1
    assert worker.claimed[0].source.id == conversation["root_image_id"]


async def test_without_waiting_the_unfinished_edit_is_returned_at_once(
    api: httpx.AsyncClient, conversation: Json, worker: WorkerStandIn
) -> None:
    worker.go.clear()
    answer = await say(api, conversation, "remove the tree", wait_s=0)
    assert answer.status_code == 202
    assert answer.headers["location"] == answer.json()["edit"]["urls"]["self"]
    assert answer.json()["edit"]["status"] == "queued"


async def test_a_wait_that_is_over_returns_the_unfinished_edit(
    api: httpx.AsyncClient, conversation: Json, worker: WorkerStandIn
) -> None:
    worker.go.clear()
    answer = await say(api, conversation, "remove the tree", wait_s=1)
    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "wait=1"


async def test_a_turn_during_an_edit_is_told_which_edit_to_wait_for(
    api: httpx.AsyncClient, conversation: Json, worker: WorkerStandIn
) -> None:
    worker.go.clear()
    edit_id = (await say(api, conversation, "remove the tree", wait_s=0)).json()["edit"]["id"]
    answer = await say(api, conversation, "make it night")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["edit_id"]) == (409, "edit-in-progress", edit_id)
    assert "retry-after" in answer.headers


@pytest.mark.usefixtures("worker")
async def test_run_false_returns_the_instruction_for_approval_and_an_edit_request_runs_it(
    api: httpx.AsyncClient, conversation: Json
) -> None:
    turn = (await say(api, conversation, "remove the tree", run=False)).json()
    assert (turn["instruction"], turn["edit"]) == ("remove the tree", None)
    body = {"conversation_id": conversation["id"], "instruction": "remove the green tree"}
    edit = (await api.post("/v1/edits", json=body, headers={"Prefer": "wait=10"})).json()
    assert (edit["status"], edit["conversation_id"]) == ("succeeded", conversation["id"])
    assert len((await api.get(conversation["urls"]["revisions"])).json()["items"]) == 2


@pytest.mark.usefixtures("worker")
async def test_the_dialogue_model_is_told_what_was_said_and_done_before(
    api: httpx.AsyncClient, conversation: Json, dialogue: DialogueStandIn
) -> None:
    await say(api, conversation, "change the house")
    await say(api, conversation, "paint the house orange")
    await say(api, conversation, "thanks")
    told = dialogue.requests[-1]
    assert told.caption == "a red house in a meadow"
    assert told.instructions == ["paint the house orange"]
    assert [(turn.user, turn.reply_kind.value, turn.instruction) for turn in told.turns] == [
        ("change the house", "clarification", None),
        ("paint the house orange", "edit", "paint the house orange"),
    ]


@pytest.mark.usefixtures("worker")
async def test_undo_lets_the_next_turn_start_from_the_older_picture(
    api: httpx.AsyncClient, conversation: Json, dialogue: DialogueStandIn
) -> None:
    await say(api, conversation, "paint the house orange")
    root = conversation["root_revision_id"]
    moved = await api.put(conversation["urls"]["head"], json={"revision_id": root})
    assert moved.json()["head_revision_id"] == root
    turn = (await say(api, conversation, "make it night")).json()
    assert turn["edit"]["base_revision_id"] == root
    assert dialogue.requests[-1].instructions == []


@pytest.mark.usefixtures("worker")
async def test_base_root_applies_everything_agreed_again_to_the_original(
    api: httpx.AsyncClient, conversation: Json, dialogue: DialogueStandIn
) -> None:
    await say(api, conversation, "paint the house orange")
    await say(api, conversation, "remove the tree")
    edit = (await say(api, conversation, "make it night", base="root")).json()["edit"]
    assert edit["source_image_id"] == conversation["root_image_id"]
    assert edit["prior_instructions"] == ["paint the house orange", "remove the tree"]
    assert edit["progress"] == {"step": 12, "steps": 12}
    assert dialogue.requests[-1].instructions == ["paint the house orange", "remove the tree"]
    await say(api, conversation, "thanks")
    assert dialogue.requests[-1].instructions == ["paint the house orange", "remove the tree", "make it night"]


@pytest.mark.usefixtures("worker")
async def test_a_revision_can_be_the_base_of_a_turn(api: httpx.AsyncClient, conversation: Json) -> None:
    await say(api, conversation, "paint the house orange")
    root = conversation["root_revision_id"]
    edit = (await say(api, conversation, "make it night", base=root)).json()["edit"]
    revisions = (await api.get(conversation["urls"]["revisions"])).json()["items"]
    assert [revision["parent_id"] for revision in revisions] == [None, root, root]
    assert edit["base_revision_id"] == root


async def test_turns_are_read_back_in_order_page_by_page(api: httpx.AsyncClient, conversation: Json) -> None:
    for text in ("change the house", "thanks", "change the tree"):
        await say(api, conversation, text)
    first = (await api.get(conversation["urls"]["turns"], params={"limit": 2})).json()
    rest = (await api.get(conversation["urls"]["turns"], params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [turn["number"] for turn in [*first["items"], *rest["items"]]] == [1, 2, 3]
    assert rest["next_cursor"] is None


async def test_conversations_are_listed_newest_first_and_can_be_changed(
    api: httpx.AsyncClient, conversation: Json, image_id: str
) -> None:
    newer = (await api.post("/v1/conversations", json={"image_id": image_id})).json()
    listed = (await api.get("/v1/conversations")).json()["items"]
    assert [item["id"] for item in listed] == [newer["id"], conversation["id"]]
    patched = await api.patch(conversation["urls"]["self"], json={"title": "my house", "caption": None})
    assert (patched.json()["title"], patched.json()["caption"]) == ("my house", None)


@pytest.mark.usefixtures("worker")
async def test_a_conversations_defaults_fill_what_a_turn_leaves_open(api: httpx.AsyncClient, image_id: str) -> None:
    body = {"image_id": image_id, "defaults": {"steps": 3, "seed": 9}}
    conversation = (await api.post("/v1/conversations", json=body)).json()
    turn = (await say(api, conversation, "make it night", parameters={"seed": 5})).json()
    parameters = turn["edit"]["parameters"]
    assert (parameters["steps"], parameters["seed"], parameters["text_guidance_scale"]) == (3, 5, 7.5)


@pytest.mark.usefixtures("worker")
async def test_a_deleted_conversation_is_gone_with_its_edits_and_pictures(
    api: httpx.AsyncClient, conversation: Json
) -> None:
    edit = (await say(api, conversation, "make it night")).json()["edit"]
    deleted = await api.delete(conversation["urls"]["self"])
    assert (deleted.status_code, deleted.content) == (204, b"")
    for gone in (conversation["urls"]["self"], edit["urls"]["self"], edit["urls"]["images"][0]):
        assert (await api.get(gone)).status_code == 404


async def test_a_sample_begins_a_conversation_with_its_own_caption(api: httpx.AsyncClient) -> None:
    samples = (await api.get("/v1/samples")).json()["items"]
    assert samples
    for sample in samples:
        assert (await api.get(sample["url"])).headers["content-type"] == "image/png"
    created = await api.post("/v1/conversations", json={"image_id": samples[0]["image_id"]})
    assert created.status_code == 201
    assert created.json()["caption"] == samples[0]["caption"]
    root = await api.get(created.json()["urls"]["root_image"])
    assert root.content == (await api.get(samples[0]["url"])).content
