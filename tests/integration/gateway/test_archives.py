"""A conversation leaves as an archive and comes back: all of it, or nothing."""

import asyncio
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.archives.writing import LEAST_SENT, archive_of
from shared.errors import NotFound
from shared.settings import Settings
from shared.storage.buckets import PIECE
from shared.storage.stores import Stores
from tests.archives import DOCUMENT, archive
from tests.integration.gateway.conftest import png

Json = dict[str, Any]
WAIT = {"Prefer": "wait=10"}
ZIP = {"Content-Type": "application/zip"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Archives of at most 100 kB."""
    return settings.model_copy(update={"max_import_bytes": 100_000})


async def send(api: httpx.AsyncClient, data: bytes, **headers: str) -> httpx.Response:
    return await api.post("/v1/conversations/import", content=data, headers={**ZIP, **headers})


async def tree_of(api: httpx.AsyncClient, conversation: Json) -> list[Any]:
    """The tree by instructions, places and pictures' hashes: what must be the same under other ids."""
    revisions = (await api.get(conversation["urls"]["revisions"])).json()["items"]
    place = {revision["id"]: number for number, revision in enumerate(revisions)}
    hashes = [(await api.get(f"/v1/images/{each['image_id']}")).headers["etag"] for each in revisions]
    head = place[conversation["head_revision_id"]]
    return [
        head,
        *(
            (each["instruction"], place.get(each["parent_id"]), each["created_at"], etag)
            for each, etag in zip(revisions, hashes, strict=True)
        ),
    ]


def everything(settings: Settings) -> set[str]:
    return {path.name for path in Path(settings.image_store_url).rglob("*") if path.is_file()}


@pytest.mark.usefixtures("worker")
async def test_a_conversation_comes_back_as_it_was_under_new_ids(
    api: httpx.AsyncClient, conversation: Json, settings: Settings, stores: Stores
) -> None:
    turns, own = conversation["urls"]["turns"], conversation["urls"]["self"]
    await api.patch(own, json={"title": "my house"})
    first = (await api.post(turns, json={"text": "make it night"}, headers=WAIT)).json()["edit"]
    await api.put(first["urls"]["rating"], json={"image_quality": 4, "satisfaction": 5})
    await api.post(turns, json={"text": "change the house"})
    again = {"text": "make it day", "base": "root", "parameters": {"count": 2}}
    await api.post(turns, json=again, headers=WAIT)
    wanted = {
        "conversation_id": conversation["id"],
        "instruction": "snow",
        "mask_image_id": conversation["root_image_id"],
    }
    await api.post("/v1/edits", json=wanted, headers=WAIT)
    await api.put(conversation["urls"]["head"], json={"revision_id": first["revision_ids"][0]})
    record = (await api.get(own)).json()
    before, said = await tree_of(api, record), (await api.get(turns)).json()["items"]

    exported = await api.get(f"{own}/export")
    assert exported.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(exported.content)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert names[:2] == ["conversation.json", "transcript.md"]
        assert {entry.compress_type for entry in opened.infolist() if entry.filename not in names[:2]} == {
            zipfile.ZIP_STORED
        }
        transcript = opened.read("transcript.md").decode()
        assert all(f"({name})" in transcript for name in names[2:])
    await api.delete(own)
    while await stores.images.collect_garbage():
        pass
    assert everything(settings) == set()

    arrived = await send(api, exported.content)
    assert arrived.status_code == 201, arrived.text
    new = arrived.json()
    assert arrived.headers["location"] == new["urls"]["self"]
    assert (new["title"], new["caption"], new["turn_count"]) == ("my house", "a red house in a meadow", 3)
    assert await tree_of(api, new) == before
    now = (await api.get(new["urls"]["turns"])).json()["items"]
    assert [(turn["text"], turn["reply"]) for turn in now] == [(turn["text"], turn["reply"]) for turn in said]
    assert [turn["edit"] and turn["edit"]["parameters"] for turn in now] == [
        turn["edit"] and turn["edit"]["parameters"] for turn in said
    ]
    assert now[0]["edit"]["imported"] is True
    assert now[0]["edit"]["rating"]["satisfaction"] == 5
    assert not ({conversation["id"], first["id"], first["image_ids"][0]} & set(str(now).split("'")))

    rerun = (await api.post(now[2]["edit"]["urls"]["rerun"], headers=WAIT)).json()
    assert rerun["identical"] is True
    provenance = (await api.get(f"{now[2]['edit']['urls']['images'][1]}/provenance")).json()
    assert [(step["instruction"], step["claimed"]) for step in provenance["steps"]] == [("make it day", True)]
    said_more = await api.post(new["urls"]["turns"], json={"text": "make it night"}, headers=WAIT)
    assert said_more.json()["number"] == 4
    assert len((await api.get("/v1/edits")).json()["items"]) == 5

    await api.delete(new["urls"]["self"])
    while await stores.images.collect_garbage():
        pass
    kept = {Path(file).name for file in await stores.redis.smembers("dp:t:local:files")}
    assert everything(settings) == kept == {f"{rerun['id']}-1-{index}.png" for index in (0, 1)} | _source(rerun)


def _source(rerun: Json) -> set[str]:
    """A rerun outside of the conversation keeps the picture that it started from."""
    return {f"{rerun['source_image_id']}.png"}


async def test_an_edit_that_is_not_over_is_left_out_even_if_it_ends_meanwhile(
    app: Any, api: httpx.AsyncClient, conversation: Json, stores: Stores, worker: Any
) -> None:
    worker.go.clear()
    edit = (await api.post(conversation["urls"]["turns"], json={"text": "make it night"})).json()["edit"]
    snapshot = await stores.archives.snapshot("local", conversation["id"])
    worker.go.set()
    async with asyncio.timeout(20), api.stream("GET", edit["urls"]["events"]) as events:  # ends with the edit
        async for _ in events.aiter_bytes():
            pass
    exported = b"".join([piece async for piece in archive_of("local", snapshot, app.state.ports)])
    with zipfile.ZipFile(io.BytesIO(exported)) as opened:
        document = json.loads(opened.read("conversation.json"))
    assert (document["edits"], document["turns"][0]["instruction"]) == ([], "make it night")
    new = (await send(api, exported)).json()
    assert (await api.get(new["urls"]["turns"])).json()["items"][0]["edit"] is None

    await api.delete(conversation["urls"]["self"])
    with pytest.raises(NotFound):  # half of a conversation is no archive
        [piece async for piece in archive_of("local", snapshot, app.state.ports)]


async def test_a_key_imports_once(api: httpx.AsyncClient) -> None:
    first, again = [await send(api, archive(), **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await send(api, archive(files={"transcript.md": b"more"}), **{"Idempotency-Key": "once"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-mismatch")
    assert len((await api.get("/v1/conversations")).json()["items"]) == 1


async def test_what_is_refused_leaves_nothing_behind(
    api: httpx.AsyncClient, settings: Settings, stores: Stores
) -> None:
    broken = archive(files={"images/img_b.png": png()})  # the first picture is in order and has been stored by then
    refused = [
        (await send(api, broken), 422, "invalid-archive"),
        (await send(api, b"hello"), 422, "invalid-archive"),
        (await send(api, b"x" * 100_001), 413, "body-too-large"),
        (await send(api, archive(), **{"Content-Type": "application/json"}), 415, "unsupported-media-type"),
    ]
    for answer, status, code in refused:
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "img_b.png" in refused[0][0].json()["detail"]
    other = await api.patch("/v1/conversations/import", json={})
    assert (other.status_code, other.headers["allow"]) == (405, "POST")
    assert everything(settings) == set()
    assert [key async for key in stores.redis.scan_iter("dp:t:*")] == []


async def test_an_archive_is_sent_in_small_pieces(app: Any, api: httpx.AsyncClient, stores: Stores) -> None:
    new = (await send(api, archive())).json()
    image = await stores.images.stored("local", new["root_image_id"])
    stores.files.put(image.file, b"\0" * (8 * PIECE))
    snapshot = await stores.archives.snapshot("local", new["id"])
    pieces = [len(piece) async for piece in archive_of("local", snapshot, app.state.ports)]
    assert sum(pieces) > 8 * PIECE
    assert max(pieces) < PIECE + LEAST_SENT + 4096


async def test_an_export_that_fails_on_the_way_breaks_off(api: httpx.AsyncClient, stores: Stores) -> None:
    new = (await send(api, archive())).json()
    stores.files.delete((await stores.images.stored("local", new["root_image_id"])).file)
    with capture_logs() as told, pytest.raises(httpx.RemoteProtocolError):
        await api.get(new["urls"]["export"])
    assert "request_failed" in [entry["event"] for entry in told]


async def test_times_of_an_archive_are_kept_but_in_lists_it_is_new(api: httpx.AsyncClient, image_id: str) -> None:
    older = (await api.post("/v1/conversations", json={"image_id": image_id})).json()
    new = (await send(api, archive())).json()
    listed = (await api.get("/v1/conversations")).json()["items"]
    assert [each["id"] for each in listed] == [new["id"], older["id"]]
    (edit,) = (await api.get("/v1/edits")).json()["items"]
    assert edit["created_at"] == DOCUMENT["edits"][0]["created_at"]
