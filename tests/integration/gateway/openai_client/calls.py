"""What the tests of OpenAI's client share: its key, pictures, and looks at what the gateway keeps."""

import asyncio
import base64
import io
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from shared.settings import Settings

KEY = "ann.first-secret"
SIZE = (64, 48)


def encoded(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def opened(b64_json: str | None) -> Image.Image:
    assert b64_json is not None
    return Image.open(io.BytesIO(base64.b64decode(b64_json)))


def half_transparent(size: tuple[int, int] = SIZE) -> bytes:
    mask = Image.new("RGBA", size, (10, 200, 30, 255))
    mask.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
    return encoded(mask)


async def edits(api: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.get("/v1/edits")).json()["items"]
    return items


async def first_edit(api: httpx.AsyncClient) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            if found := await edits(api):
                return found[0]
            await asyncio.sleep(0.02)


def files(settings: Settings, pattern: str = "*") -> list[Path]:
    return [file for file in (Path(settings.image_store_url) / "ann").glob(pattern) if file.is_file()]


async def finished(api: httpx.AsyncClient, edit_id: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            edit: dict[str, Any] = (await api.get(f"/v1/edits/{edit_id}")).json()
            if edit["finished_at"]:
                return edit
            await asyncio.sleep(0.05)
