"""Nothing of one tenant reaches another by any route: its words, ids and hashes are searched for in every answer."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from gateway.auth import hash_key
from shared.schemas.operations import QueueState
from shared.settings import Settings
from tests.integration.gateway.canary_attempts import ATTEMPTS, NOWHERE, PERSON, RATING, Ids, Json, key, study_of
from tests.integration.gateway.conftest import png, serving
from tests.integration.gateway.stand_ins import WorkerStandIn

OWNER, STRANGER, NEWCOMER = "owner-canary.first-secret", "stranger.second-secret", "newcomer.third-secret"
ID = re.compile(r"(?:img|conv|rev|edit|turn|study)_[A-Za-z0-9_-]{22}")
WORDS = (
    "canary-title",
    "canary-caption",
    "canary-turn",
    "canary-wish",
    "canary-comment",
    "canary-label",
    "owner-canary",
)
COLOURS = {"canary": "purple", "strange": "green"}
OWNERS_KEYS = {"images": key(1), "conversations": key(2), "turns": key(3), "edits": key(4), "openai": key(5)}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Three tenants; a call of OpenAI's kind does not wait long."""
    keys = ",".join(f"{key.partition('.')[0]}:{hash_key(key)}" for key in (OWNER, STRANGER, NEWCOMER))
    return settings.model_copy(update={"api_keys": keys, "openai_wait_s": 1})


class Tenant(httpx.AsyncClient):
    """A client with a key that keeps all that it is answered."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        super().__init__(base_url=url, headers=headers, trust_env=False, timeout=20)
        self.answers: list[bytes] = []
        self.event_hooks = {"response": [self._keep]}

    async def _keep(self, answer: httpx.Response) -> None:
        if "event-stream" not in answer.headers.get("content-type", ""):
            self.answers.append(_all_of(await answer.aread(), answer))

    async def ask(self, call: str, arguments: Json) -> httpx.Response:
        """Send `METHOD /path` with the arguments that an attempt made."""
        method, _, path = call.partition(" ")
        more = {name: value for name, value in arguments.items() if name != "path"}
        return await self.request(method, path.format(**arguments.get("path", {})), **more)


@pytest.fixture
async def url(app: FastAPI) -> AsyncIterator[str]:
    """Where the gateway is."""
    async with serving(app) as (base_url, _):
        yield base_url


@pytest.fixture
async def owner(url: str) -> AsyncIterator[Tenant]:
    """Whose things they are."""
    async with Tenant(url, OWNER) as tenant:
        yield tenant


@pytest.fixture
async def stranger(url: str) -> AsyncIterator[Tenant]:
    """Who has things too, and tries to get at the owner's."""
    async with Tenant(url, STRANGER) as tenant:
        yield tenant


async def furnish(tenant: Tenant, worker: WorkerStandIn, mark: str, **headers: dict[str, str]) -> Ids:
    """Give a tenant some of everything: a finished edit in a conversation, one of OpenAI's, and one that waits."""
    worker.go.set()
    worker.previews, worker.colour = True, COLOURS[mark]
    picture = png(colour=COLOURS[mark])
    sent = {"Content-Type": "image/png", **headers.get("images", {})}
    image = (await tenant.post("/v1/images", content=picture, headers=sent)).json()["id"]
    about = {"image_id": image, "title": f"{mark}-title", "caption": f"{mark}-caption"}
    conversation = (await tenant.post("/v1/conversations", json=about, headers=headers.get("conversations"))).json()
    said = {"text": f"{mark}-turn", "parameters": {"preview_every": 2}}
    wait = {"Prefer": "wait=15", **headers.get("turns", {})}
    edit = (await tenant.post(conversation["urls"]["turns"], json=said, headers=wait)).json()["edit"]
    await tenant.put(edit["urls"]["rating"], json={**RATING, "comment": f"{mark}-comment"})
    form: Json = {"files": {"image": picture}, "data": {"prompt": f"{mark}-wish"}}
    await tenant.post("/openai/v1/images/edits", **form, headers=headers.get("openai"))
    told = await events_until(tenant, edit["urls"]["events"], b"succeeded")
    worker.go.clear()
    wish = {"image_id": image, "instruction": f"{mark}-wish"}
    waiting = (await tenant.post("/v1/edits", json=wish, headers=headers.get("edits"))).json()
    (result,), (revision,) = edit["image_ids"], edit["revision_ids"]
    preview = ID.findall(told.partition('"image_id"')[2])[0]
    study = (await tenant.post("/v1/studies", json=study_of(image, result, mark=mark))).json()
    await tenant.post(study["urls"]["votes"], json={"pair": 1, "choice": "left", "participant": PERSON})
    return Ids(image, result, preview, conversation["id"], revision, edit["id"], waiting["id"], study["id"])


async def events_until(tenant: Tenant, url: str, last: bytes) -> str:
    """Read an event stream until something is told."""
    told = b""
    async with asyncio.timeout(20), tenant.stream("GET", url) as stream:
        async for chunk in stream.aiter_bytes():
            told += chunk
            if last in told:
                break
    return told.decode()


async def canaries_of(owner: Tenant, theirs: Ids) -> set[str]:
    """Everything by which the owner could be known: words, all ids that it was ever told, hashes of its pictures."""
    pictures = [await owner.get(f"/v1/images/{image}") for image in (theirs.image, theirs.result, theirs.preview)]
    for path in (f"/v1/conversations/{theirs.conversation}/{part}" for part in ("turns", "revisions")):
        await owner.get(path)
    ids = ID.findall(b"".join(owner.answers).decode("latin-1"))
    return {*WORDS, *ids, *vars(theirs).values(), *(hashlib.sha256(each.content).hexdigest() for each in pictures)}


def _all_of(body: bytes, answer: httpx.Response) -> bytes:
    return b"\n".join([body, *(value for pair in answer.headers.raw for value in pair)])


def leaks(canaries: set[str], answer: bytes) -> list[str]:
    return [canary for canary in canaries if canary.encode() in answer]


def comparable(answer: httpx.Response) -> tuple[int, Json, set[str]]:
    """An answer without what differs each time."""
    body = {**answer.json(), "request_id": ""} if answer.content else {}
    return answer.status_code, body, {name for name in answer.headers if name != "x-request-id"}


def test_every_route_is_attempted() -> None:
    described = create_app(Settings()).openapi()["paths"]
    assert set(ATTEMPTS) == {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}


def test_every_id_in_a_path_is_tried_with_somebody_elses() -> None:
    for call, attempts in ATTEMPTS.items():
        if "{" in call and "{model}" not in call:
            assert any(attempt.status == 404 for attempt in attempts), call


async def test_no_route_gives_anything_away(
    owner: Tenant, stranger: Tenant, worker: WorkerStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = await furnish(stranger, worker, "strange")
    theirs = await furnish(owner, worker, "canary", **OWNERS_KEYS)
    canaries, before = await canaries_of(owner, theirs), await all_there_is(owner, theirs)
    cursor = (await owner.get("/v1/edits", params={"limit": 1})).json()["next_cursor"]
    wrong = []
    for call, attempt in ((call, attempt) for call, attempts in ATTEMPTS.items() for attempt in attempts):
        worker.beat()
        arguments = _with_cursor(attempt.send(theirs, mine), cursor)
        answer = await stranger.ask(call, arguments)
        if answer.status_code != attempt.status or "idempotent-replayed" in answer.headers:
            wrong.append(f"{call} answered {answer.status_code}: {answer.text[:200]}")
        wrong += [f"{call} told {canary}" for canary in leaks(canaries, stranger.answers[-1])]
        if attempt.status == 404:
            nowhere = await stranger.ask(call, attempt.send(NOWHERE, mine))
            if comparable(answer) != comparable(nowhere):
                wrong.append(f"{call} tells what is somebody else's from what is nowhere")
    assert wrong == []
    assert await all_there_is(owner, theirs) == before
    assert set((await stranger.get("/v1/queue")).json()) == set(QueueState.model_fields)
    assert leaks(set(WORDS) - {"owner-canary"}, capsys.readouterr().out.encode()) == []


async def test_the_search_finds_what_the_owner_is_told(owner: Tenant, worker: WorkerStandIn) -> None:
    theirs = await furnish(owner, worker, "canary")
    canaries = await canaries_of(owner, theirs)
    for call, attempts in ATTEMPTS.items():
        if call.startswith("GET /v1/") and "_id}" in call and not call.endswith("/events"):
            await owner.ask(call, attempts[0].send(theirs, theirs))
            assert leaks(canaries, owner.answers[-1]), call
    told = await events_until(owner, f"/v1/conversations/{theirs.conversation}/events", b"head.moved")
    assert leaks(canaries, told.encode())


async def test_who_is_new_sees_empty_lists(url: str, owner: Tenant, worker: WorkerStandIn) -> None:
    await furnish(owner, worker, "canary")
    async with Tenant(url, NEWCOMER) as newcomer:
        for path in ("/v1/conversations", "/v1/edits", "/v1/edits?status=queued", "/v1/studies"):
            assert (await newcomer.get(path)).json() == {"items": [], "next_cursor": None}


async def test_event_streams_tell_only_ones_own(owner: Tenant, stranger: Tenant, worker: WorkerStandIn) -> None:
    mine = await furnish(stranger, worker, "strange")
    theirs = await furnish(owner, worker, "canary", **OWNERS_KEYS)
    following = asyncio.gather(
        events_until(stranger, f"/v1/conversations/{mine.conversation}/events", b"edit.canceled"),
        events_until(stranger, f"/v1/edits/{mine.waiting}/events", b"edit.succeeded"),
    )
    for tenant, conversation, text in (
        (owner, theirs.conversation, "canary-turn again"),
        (stranger, mine.conversation, "strange-turn"),
    ):
        turn = (await tenant.post(f"/v1/conversations/{conversation}/turns", json={"text": text})).json()
        await tenant.post(turn["edit"]["urls"]["cancel"])
    worker.go.set()
    for told in await following:
        assert leaks(await canaries_of(owner, theirs), told.encode()) == []


async def all_there_is(owner: Tenant, theirs: Ids) -> list[Any]:
    """The owner's things, but for the places of its waiting edits: others may have come before them."""
    paths = (f"/v1/conversations/{theirs.conversation}", "/v1/conversations", "/v1/edits", "/v1/studies", "/v1/ratings")
    parts = (f"{paths[0]}/turns", f"{paths[0]}/revisions")
    return [_without_places((await owner.get(path)).json()) for path in (*paths, *parts)]


def _without_places(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {name: _without_places(value) for name, value in thing.items() if name != "queue_position"}
    return [_without_places(each) for each in thing] if isinstance(thing, list) else thing


def _with_cursor(arguments: Json, cursor: str) -> Json:
    """The owner's own cursor, where an attempt has room for one."""
    params = arguments.get("params", {})
    return {**arguments, "params": {name: cursor if value == "{cursor}" else value for name, value in params.items()}}
