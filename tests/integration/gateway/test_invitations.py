"""Invitations: voting without a key, and nothing but that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from gateway.app import create_app
from gateway.auth import hash_key
from shared.settings import Settings
from tests.integration.gateway.conftest import serving
from tests.integration.gateway.test_studies import ANN, BOB, ask, begun, vote

KEY = "ann.of-the-studio"


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """A gateway that wants a key."""
    return create_app(settings.model_copy(update={"api_keys": f"ann:{hash_key(KEY)}"}))


@pytest.fixture
async def url(app: FastAPI) -> AsyncIterator[str]:
    """Where it is."""
    async with serving(app) as (address, _):
        yield address


def client(url: str, key: str | None) -> httpx.AsyncClient:
    """Somebody with a key, or an invitation, or neither."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=20)


async def test_who_is_invited_votes_and_sees_the_pictures_of_the_study(url: str) -> None:
    async with client(url, KEY) as owner:
        study = await begun(owner, pairs=2)
        assert (await owner.get(study["urls"]["self"])).json() == study
        assert study["urls"]["invitation"] == f"/#{study['id']}?invitation={study['invitation']}"
        async with client(url, study["invitation"]) as guest:
            asked = await ask(guest, study, BOB)
            while asked["pair"]:
                assert (await guest.get(asked["pair"]["left_url"])).status_code == 200
                asked = await vote(guest, study, BOB, asked["pair"]["number"], "left")
        assert (await owner.get(study["urls"]["results"])).json()["votes"] == 2


async def test_an_invitation_opens_nothing_else(url: str) -> None:
    async with client(url, KEY) as owner:
        study, other = await begun(owner), await begun(owner)
        hidden = other["pairs"][0]["a"]["url"]
        async with client(url, study["invitation"]) as guest:
            for path in (
                study["urls"]["self"], study["urls"]["results"], study["urls"]["csv"], hidden, f"{hidden}/provenance",
                "/v1/studies", "/v1/conversations", "/v1/models", "/v1/ratings",
                f"{other['urls']['next']}?participant={ANN}",
            ):  # fmt: skip
                answer = await guest.get(path)
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized"), path
            assert (await guest.delete(study["urls"]["self"])).status_code == 401
            assert (await guest.post("/v1/edits", json={})).status_code == 401
            assert (await guest.post(f"{study['urls']['next']}")).status_code == 401


async def test_what_is_no_invitation_is_refused(url: str) -> None:
    async with client(url, KEY) as owner:
        study, other = await begun(owner), await begun(owner)
        foreign = other["invitation"].replace(other["id"], study["id"])
        for sent in (
            study["invitation"][:-1] + "0",
            foreign,
            study["invitation"].replace("ann.", "bob."),
            "ann.",
            None,
        ):
            if sent == study["invitation"]:
                continue
            async with client(url, sent) as stranger:
                answer = await stranger.get(study["urls"]["next"], params={"participant": ANN})
                assert answer.status_code == 401, sent
        await owner.delete(study["urls"]["self"])
        async with client(url, study["invitation"]) as late:
            answer = await late.get(study["urls"]["next"], params={"participant": ANN})
            assert (answer.status_code, "not exist" in answer.json()["detail"]) == (401, True)


async def test_a_guests_idempotency_key_is_not_the_tenants(url: str) -> None:
    async with client(url, KEY) as owner:
        study = await begun(owner)
        same = {"Idempotency-Key": "k1"}
        async with client(url, study["invitation"]) as guest:
            said = {"pair": 1, "choice": "left", "participant": BOB}
            assert (await guest.post(study["urls"]["votes"], json=said, headers=same)).status_code == 200
        said = {"pair": 2, "choice": "right", "participant": ANN}
        assert (await owner.post(study["urls"]["votes"], json=said, headers=same)).status_code == 200


async def test_an_invitation_ends_with_the_last_key_of_its_tenant(settings: Settings) -> None:
    keys = settings.model_copy(update={"api_keys": f"ann:{hash_key(KEY)}"})
    async with serving(create_app(keys)) as (url, _), client(url, KEY) as owner:
        study = await begun(owner)
    others = settings.model_copy(update={"api_keys": f"bob:{hash_key('bob.x')}"})
    nobody = settings.model_copy(update={"api_keys": "", "without_keys": "nobody"})
    for changed in (others, nobody):
        async with serving(create_app(changed)) as (url, _), client(url, study["invitation"]) as guest:
            answer = await eventually_not_503(guest, study["urls"]["next"])
            assert (answer.status_code, "has no key" in answer.json()["detail"]) == (401, True)


async def eventually_not_503(guest: httpx.AsyncClient, path: str) -> httpx.Response:
    """The answer once the gateway has looked its keys up."""
    while True:
        answer = await guest.get(path, params={"participant": ANN})
        if answer.status_code != 503:
            return answer
        await asyncio.sleep(0.05)


async def test_who_guesses_is_counted(settings: Settings) -> None:
    limited = settings.model_copy(update={"api_keys": f"ann:{hash_key(KEY)}", "rate_limit_per_minute": 6})
    async with serving(create_app(limited)) as (url, _), client(url, f"ann.study_x.{'0' * 32}") as stranger:
        answers = [await stranger.get("/v1/studies/study_x/next", params={"participant": ANN}) for _ in range(8)]
    assert {answer.status_code for answer in answers} == {401, 429}


async def test_guests_use_up_their_own_share_of_requests(settings: Settings) -> None:
    limited = settings.model_copy(update={"api_keys": f"ann:{hash_key(KEY)}", "rate_limit_per_minute": 6})
    async with serving(create_app(limited)) as (url, _), client(url, KEY) as owner:
        study = await begun(owner)
        async with client(url, study["invitation"]) as guest:
            answers = [await guest.get(study["urls"]["next"], params={"participant": ANN}) for _ in range(8)]
        assert 429 in {answer.status_code for answer in answers}
        assert (await owner.get(study["urls"]["self"])).status_code == 200
