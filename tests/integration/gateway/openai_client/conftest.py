"""A gateway with one tenant, and OpenAI's own client, unmodified, that speaks to it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from openai import AsyncOpenAI

from gateway.auth import hash_key
from shared.settings import Settings
from tests.integration.gateway.conftest import serving
from tests.integration.gateway.openai_client.calls import KEY


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One tenant, whose key the client has to send."""
    return settings.model_copy(update={"api_keys": f"ann:{hash_key(KEY)}"})


@pytest.fixture
async def api(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway's own REST calls."""
    headers = {"Authorization": f"Bearer {KEY}"}
    async with (
        serving(app) as (url, _),
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=20, headers=headers) as client,
    ):
        yield client


@pytest.fixture
async def client(api: httpx.AsyncClient) -> AsyncIterator[AsyncOpenAI]:
    """OpenAI's client as its users make it."""
    async with AsyncOpenAI(base_url=f"{api.base_url}/openai/v1".replace("//openai", "/openai"), api_key=KEY) as client:
        yield client
