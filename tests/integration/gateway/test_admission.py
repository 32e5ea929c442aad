"""Keys, tenants, rates and the full queue."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from gateway.auth import hash_key
from shared.settings import Settings
from tests.integration.gateway.conftest import png, serving
from tests.integration.gateway.stand_ins import WorkerStandIn

Json = dict[str, Any]
ANN, BEN = "ann.first-secret", "ben.second-secret"


def as_(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def pictures(settings: Settings) -> list[Path]:
    return list(Path(settings.image_store_url).rglob("*.png"))


class TestWithKeys:
    """A gateway with the keys of two tenants."""

    @pytest.fixture
    def app(self, settings: Settings) -> FastAPI:
        keys = f"ann:{hash_key(ANN)}, ben:{hash_key(BEN)}"
        return create_app(settings.model_copy(update={"api_keys": keys}))

    @pytest.mark.parametrize("key", [None, "ann.second-secret", "zoe.first-secret", "ann", "ann.", "ann." + "x" * 300])
    async def test_a_wrong_key_is_refused_everywhere(self, api: httpx.AsyncClient, key: str | None) -> None:
        for path in ("/v1/conversations", "/v1/edits", "/v1/images/img_1", "/v1/nothing", "/v1/samples"):
            answer = await api.get(path, headers=as_(key) if key else {})
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"

    async def test_probes_and_docs_need_no_key(self, api: httpx.AsyncClient) -> None:
        for path in ("/livez", "/metrics", "/docs", "/openapi.json"):
            assert (await api.get(path)).status_code == 200
        assert (await api.get("/readyz")).status_code == 503  # no worker

    async def test_what_belongs_to_another_tenant_is_not_there(
        self, api: httpx.AsyncClient, worker: WorkerStandIn
    ) -> None:
        worker.go.clear()
        headers = {**as_(ANN), "Content-Type": "image/png"}
        image = (await api.post("/v1/images", content=png(), headers=headers)).json()
        conversation = (await api.post("/v1/conversations", json={"image_id": image["id"]}, headers=as_(ANN))).json()
        asked = {"image_id": image["id"], "instruction": "make it night"}
        edit = (await api.post("/v1/edits", json=asked, headers=as_(ANN))).json()
        for url in (image["urls"]["self"], *conversation["urls"].values(), *edit["urls"].values()):
            for path in [url] if isinstance(url, str) else url:
                if path.endswith(("/cancel", "/rerun", "/rating", "/head")):
                    continue
                assert (await api.get(path, headers=as_(BEN))).status_code == 404, path
        assert (await api.post("/v1/edits", json=asked, headers=as_(BEN))).status_code == 404
        assert (await api.post(edit["urls"]["cancel"], headers=as_(BEN))).status_code == 404
        assert (await api.get("/v1/edits", headers=as_(BEN))).json()["items"] == []
        assert (await api.get(edit["urls"]["self"], headers=as_(ANN))).json()["status"] == "queued"

    async def test_two_tenants_may_use_the_same_idempotency_key(self, api: httpx.AsyncClient) -> None:
        body = {"image_id": "img_sample-house-and-tree"}
        answers = [
            await api.post("/v1/conversations", json=body, headers={**as_(key), "Idempotency-Key": "same"})
            for key in (ANN, BEN)
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json()["id"] != answers[1].json()["id"]


class TestQuota:
    """Two tenants with two open edits each."""

    @pytest.fixture
    def app(self, settings: Settings) -> FastAPI:
        keys = f"ann:{hash_key(ANN)}, ben:{hash_key(BEN)}"
        return create_app(settings.model_copy(update={"api_keys": keys, "max_open_edits": 2}))

    async def test_one_edit_too_many_is_a_problem_of_its_own_and_not_of_others(
        self, api: httpx.AsyncClient, worker: WorkerStandIn
    ) -> None:
        worker.go.clear()
        body = {"image_id": "img_sample-house-and-tree", "instruction": "make it night"}
        answers = [await api.post("/v1/edits", json=body, headers=as_(ANN)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        problem = answers[2].json()
        assert (problem["code"], problem["retryable"]) == ("too-many-open-edits", True)
        assert answers[2].headers["content-type"] == "application/problem+json"
        assert int(answers[2].headers["retry-after"]) >= 1
        assert (await api.post("/v1/edits", json=body, headers=as_(BEN))).status_code == 202
        await api.post(answers[1].json()["urls"]["cancel"], headers=as_(ANN))
        assert (await api.post("/v1/edits", json=body, headers=as_(ANN))).status_code == 202

    async def test_openais_call_is_told_before_its_picture_is_kept(
        self, api: httpx.AsyncClient, worker: WorkerStandIn, settings: Settings
    ) -> None:
        worker.go.clear()
        body = {"image_id": "img_sample-house-and-tree", "instruction": "make it night"}
        for _ in range(2):
            await api.post("/v1/edits", json=body, headers=as_(ANN))
        kept = pictures(settings)
        form: Json = {"files": {"image": png()}, "data": {"prompt": "make it night"}}
        refused = await api.post("/openai/v1/images/edits", **form, headers=as_(ANN))
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_open_edits")
        assert refused.json()["error"]["type"] == "rate_limit_error"
        assert int(refused.headers["retry-after"]) >= 1
        assert pictures(settings) == kept


async def test_too_many_requests_are_told_when_to_come_back(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"rate_limit_per_minute": 3}))
    async with serving(app) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False) as api:
        answers = [await api.get("/v1/samples") for _ in range(5)]
        assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=60'
        refused = answers[-1]
        assert (refused.status_code, refused.json()["code"]) == (429, "rate-limited")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert refused.headers["ratelimit"].startswith('"default";r=0')
        assert (await api.get("/livez")).status_code == 200


async def test_a_full_queue_takes_nothing_and_says_when_to_retry(settings: Settings, worker: WorkerStandIn) -> None:
    worker.go.clear()
    app = create_app(settings.model_copy(update={"max_queue": 2}))
    async with serving(app) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False) as api:
        stored = await api.post("/v1/images", content=png(), headers={"Content-Type": "image/png"})
        body = {"image_id": stored.json()["id"], "instruction": "make it night"}
        answers = [await api.post("/v1/edits", json=body) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 503]
        assert answers[2].json()["code"] == "queue-full"
        assert int(answers[2].headers["retry-after"]) >= 1
        assert len((await api.get("/v1/edits")).json()["items"]) == 2
        assert (await api.get("/v1/queue")).json()["depth"] == 2


async def test_without_a_worker_ever_seen_an_edit_is_refused(api: httpx.AsyncClient, image_id: str) -> None:
    answer = await api.post("/v1/edits", json={"image_id": image_id, "instruction": "make it night"})
    assert (answer.status_code, answer.json()["code"]) == (503, "no-worker")
