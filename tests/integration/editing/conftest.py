"""Real worker processes on a tiny model, with real Redis and real Celery between them and the test."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from editing_service.images import write_png
from shared.broker import make_celery, send_edit
from shared.ids import new_id
from shared.schemas.edit import Edit, EditStatus
from shared.schemas.events import Event
from shared.schemas.parameters import ResolvedParameters
from shared.settings import Settings
from shared.storage.records import DEFAULT_TENANT, NewEdit
from shared.storage.stores import Stores, open_stores
from tests.editing_models import make_picture, save_pipeline
from tests.running_redis import running_redis

RESOLUTION = 64
WAIT_S = 180
SLOW = {"steps": 100, "count": 2}  # some seconds


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a tiny model that says its defaults."""
    folder = save_pipeline(tmp_path_factory.mktemp("model"))
    said = {"steps": 3, "text_guidance_scale": 1.5, "image_guidance_scale": 1.0, "resolution": RESOLUTION}
    (folder / "dialogpaint.json").write_text(json.dumps({**said, "name": "tiny"}))
    return folder


@pytest.fixture
def settings(redis_url: str, tmp_path: Path, model_folder: Path) -> Settings:
    """Settings with short times, so that a lost worker is noticed soon."""
    return settings_on(redis_url, tmp_path, model_folder)


def settings_on(redis_url: str, folder: Path, model_folder: Path) -> Settings:
    """The same on any Redis and folder."""
    return Settings(
        redis_url=redis_url,
        image_store_url=str(folder / "images"),
        editing_model=str(model_folder),
        device="cpu",
        lease_s=2,
        heartbeat_s=0.5,
    )


class Workers:
    """Starts worker processes and ends those that a test leaves behind."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        self._settings, self._logs = settings, logs
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, **changes: object) -> subprocess.Popen[bytes]:
        """Start one; `changes` are settings that it gets instead."""
        said = {**self._settings.model_dump(mode="json"), **changes}
        variables = {name.upper(): str(value) for name, value in said.items()}
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
        log = self._logs / f"worker-{len(self._processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen([sys.executable, "-m", "editing_service"], env=environment, stderr=output)
        self._processes.append(process)
        return process

    def log(self, number: int = 0) -> str:
        """Read what a worker wrote."""
        return (self._logs / f"worker-{number}.log").read_text()

    def end(self) -> None:
        """End all that still run."""
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def workers(settings: Settings, tmp_path: Path) -> Iterator[Workers]:
    """Start workers that end with the test."""
    workers = Workers(settings, tmp_path)
    yield workers
    workers.end()


class Desk:
    """The gateway's part: accepts edits, publishes their messages, and looks at the records."""

    def __init__(self, stores: Stores, settings: Settings) -> None:
        self.stores = stores
        self._app = make_celery(settings)

    async def ask(self, deliveries: int = 1, **parameters: float) -> str:
        """Accept an edit of a new picture and publish it so many times."""
        data = write_png(make_picture(1, (RESOLUTION, RESOLUTION)))
        image = await self.stores.images.add(DEFAULT_TENANT, data, "image/png", (RESOLUTION, RESOLUTION))
        asked = {"steps": 3, "text_guidance_scale": 2.0, "image_guidance_scale": 1.5, "seed": 7, **parameters}
        edit = NewEdit(new_id("edit"), "paint the house", image.id, ResolvedParameters.model_validate(asked))
        await self.stores.edits.accept(DEFAULT_TENANT, edit)
        await self.publish(copies=deliveries)
        return edit.id

    async def publish(self, copies: int = 1) -> None:
        """Publish what is in the outbox."""
        entries = await self.stores.queue.take("desk", block_s=0.01)
        for entry in entries:
            for _ in range(copies):
                await asyncio.to_thread(send_edit, self._app, entry.edit_id)
        await self.stores.queue.sent(entries)

    async def sweep(self) -> None:
        """Put back what lost workers had, and publish it."""
        await self.stores.queue.sweep()
        await self.publish()

    async def edit(self, edit_id: str) -> Edit:
        """Read an edit's record."""
        return await self.stores.edits.get(DEFAULT_TENANT, edit_id)

    async def until(self, edit_id: str, *statuses: EditStatus, step: int = 0, sweeping: bool = False) -> Edit:
        """Wait until the edit has one of these statuses and so many steps."""
        deadline = time.monotonic() + WAIT_S
        while True:
            edit = await self.edit(edit_id)
            if edit.status in statuses and edit.progress.step >= step:
                return edit
            assert time.monotonic() < deadline, f"the edit is still {edit.status} at {edit.progress}"
            if sweeping:
                await self.sweep()
            await asyncio.sleep(0.02)

    async def events(self, edit_id: str) -> list[Event]:
        """Read an edit's events."""
        return (await self.stores.events.read(DEFAULT_TENANT, edit_id, after=0)).events

    async def bytes_of(self, image_id: str) -> bytes:
        """Read a picture."""
        return await self.stores.images.read(DEFAULT_TENANT, image_id)


@pytest.fixture
async def desk(stores: Stores, settings: Settings) -> Desk:
    """Sit at the gateway's desk."""
    return Desk(stores, settings)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Settings]:
    """Settings on a Redis with one worker, for tests that leave it as well as they found it: it takes time to start."""
    folder = tmp_path_factory.mktemp("lasting")
    with running_redis(folder) as url:
        settings = settings_on(url, folder, model_folder)
        workers = Workers(settings, folder)
        workers.start()
        yield settings
        workers.end()


@pytest.fixture
async def worked_desk(lasting: Settings) -> AsyncIterator[Desk]:
    """A desk whose worker is there already."""
    stores = open_stores(lasting)
    yield Desk(stores, lasting)
    await stores.close()
