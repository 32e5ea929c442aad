"""A running gateway lets things go when their time has come, and counts it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import housekeeping
from shared.settings import Settings
from shared.storage.claims import ClaimStore
from shared.storage.stores import Stores
from tests.patience import eventually
from tests.storage_world import World


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As usual, but nothing is kept for longer than a moment."""
    return settings.model_copy(update={"conversation_ttl_s": 1, "edit_ttl_s": 1, "unused_image_ttl_s": 1})


async def test_an_abandoned_conversation_and_its_picture_go(
    api: httpx.AsyncClient, conversation: dict[str, Any], settings: Settings
) -> None:
    async def is_gone() -> bool:
        return (await api.get(conversation["urls"]["self"])).status_code == 404

    async def no_file_is_left() -> bool:
        return not await asyncio.to_thread(lambda: list(Path(settings.image_store_url).rglob("*.png")))

    await eventually(is_gone)
    await eventually(no_file_is_left)
    assert (await api.get("/v1/conversations")).json()["items"] == []
    metrics = (await api.get("/metrics")).text
    assert 'dialogpaint_expired_total{kind="conversations"} 1.0' in metrics


async def test_a_picture_that_nothing_uses_goes(api: httpx.AsyncClient, image_id: str) -> None:
    async def is_gone() -> bool:
        return (await api.get(f"/v1/images/{image_id}")).status_code == 404

    await eventually(is_gone)


async def test_pictures_whose_files_are_missing_are_told_of(
    settings: Settings,
    stores: Stores,
    claims: ClaimStore,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World(stores, claims)
    monkeypatch.setattr(housekeeping, "read_settings", lambda: settings)
    file = f"{world.tenant}/{await world.image()}.png"
    assert await housekeeping.main() == 0
    world.stores.files.delete(file)
    assert await housekeeping.main() == 1
    assert capsys.readouterr().out.endswith(f"{world.tenant}: 1 pictures without their files\n  {file}\n")
