"""A worker process, from the Celery message to the finished record."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from editing_service.images import read_picture
from editing_service.model_folder import open_model_folder
from shared.schemas.edit import EditStatus
from shared.schemas.events import EventType
from shared.settings import Settings
from shared.storage.claims import ClaimStore
from shared.storage.records import Claim, Written
from shared.storage.stores import open_stores
from tests.buckets import URL, s3_server
from tests.integration.editing.conftest import RESOLUTION, SLOW, WAIT_S, Desk, Workers

# Two workers in one test load PyTorch twice, which takes its time on a busy machine.
pytestmark = pytest.mark.timeout(600)

ENDED = (EditStatus.SUCCEEDED, EditStatus.FAILED, EditStatus.CANCELED)


async def test_an_edit_runs_to_its_picture(worked_desk: Desk) -> None:
    edit_id = await worked_desk.ask(steps=4, count=2, preview_every=2)
    edit = await worked_desk.until(edit_id, *ENDED)
    assert (edit.status, edit.attempt, len(edit.image_ids)) == (EditStatus.SUCCEEDED, 1, 2)
    assert edit.model is not None
    assert edit.model.startswith("tiny@")
    assert read_picture(await worked_desk.bytes_of(edit.image_ids[0])).size == (RESOLUTION, RESOLUTION)
    kinds = [event.event for event in await worked_desk.events(edit_id)]
    assert kinds[:2] == [EventType.EDIT_QUEUED, EventType.EDIT_STARTED]
    assert kinds[-1] == EventType.EDIT_SUCCEEDED
    assert EventType.EDIT_PREVIEW in kinds


async def test_a_warm_worker_tells_what_it_serves(worked_desk: Desk) -> None:
    await worked_desk.until(await worked_desk.ask(), *ENDED)
    await asyncio.sleep(1)
    (worker,) = await worked_desk.stores.queue.workers()
    assert (worker.warm, worker.slots) == (True, Settings().engine_slots)
    assert worker.model is not None
    assert (worker.model.name, worker.model.defaults.steps, worker.model.limits.max_side) == ("tiny", 3, RESOLUTION)


async def test_a_canceled_edit_stops_half_way_and_its_neighbour_goes_on(worked_desk: Desk) -> None:
    stops, goes_on = await worked_desk.ask(**SLOW), await worked_desk.ask(steps=60)
    await worked_desk.until(stops, EditStatus.RUNNING, step=3)
    await worked_desk.stores.edits.cancel("local", stops)
    stopped = await worked_desk.until(stops, *ENDED)
    assert stopped.status is EditStatus.CANCELED
    assert stopped.progress.step < SLOW["steps"]
    assert (await worked_desk.until(goes_on, *ENDED)).status is EditStatus.SUCCEEDED


async def test_another_worker_finishes_what_a_killed_one_began(desk: Desk, workers: Workers) -> None:
    first = workers.start()
    edit_id = await desk.ask(**SLOW)
    await desk.until(edit_id, EditStatus.RUNNING, step=3)
    first.kill()
    workers.start()
    edit = await desk.until(edit_id, *ENDED, sweeping=True)
    assert (edit.status, edit.attempt) == (EditStatus.SUCCEEDED, 2)
    ends = [event for event in await desk.events(edit_id) if event.event.is_terminal]
    assert len(ends) == 1


async def test_delivering_an_edit_many_times_runs_it_once(worked_desk: Desk) -> None:
    edit_id = await worked_desk.ask(deliveries=5, steps=30)
    edit = await worked_desk.until(edit_id, *ENDED)
    after = await worked_desk.until(await worked_desk.ask(), *ENDED)
    assert (edit.status, edit.attempt, after.status) == (EditStatus.SUCCEEDED, 1, EditStatus.SUCCEEDED)
    kinds = [event.event for event in await worked_desk.events(edit_id)]
    assert kinds.count(EventType.EDIT_STARTED) == kinds.count(EventType.EDIT_SUCCEEDED) == 1


async def test_a_stale_workers_ending_is_refused(
    desk: Desk, workers: Workers, claims: ClaimStore, settings: Settings
) -> None:
    edit_id = await desk.ask()
    stale = claims.claim(edit_id, "zombie")
    assert isinstance(stale, Claim)
    await asyncio.sleep(settings.lease_s + 0.2)
    workers.start()
    edit = await desk.until(edit_id, *ENDED, sweeping=True)
    assert (edit.status, edit.attempt) == (EditStatus.SUCCEEDED, 2)
    assert claims.cancel(stale) is Written.FENCED
    assert await desk.edit(edit_id) == edit


async def test_a_worker_stopped_past_its_lease_leaves_the_winners_picture(desk: Desk, workers: Workers) -> None:
    frozen = workers.start()
    edit_id = await desk.ask(**SLOW)
    await desk.until(edit_id, EditStatus.RUNNING, step=3)
    frozen.send_signal(signal.SIGSTOP)
    workers.start()
    edit = await desk.until(edit_id, *ENDED, sweeping=True)
    frozen.send_signal(signal.SIGCONT)
    assert (edit.status, edit.attempt) == (EditStatus.SUCCEEDED, 2)
    again = await desk.until(await desk.ask(), *ENDED)
    assert again.status is EditStatus.SUCCEEDED
    assert await desk.edit(edit_id) == edit
    assert read_picture(await desk.bytes_of(edit.image_ids[0])).size == (RESOLUTION, RESOLUTION)


async def test_a_worker_told_to_stop_finishes_what_it_has(desk: Desk, workers: Workers) -> None:
    worker = workers.start()
    edit_id = await desk.ask(**SLOW)
    await desk.until(edit_id, EditStatus.RUNNING, step=3)
    worker.terminate()
    assert await asyncio.to_thread(worker.wait, WAIT_S) == 0
    edit = await desk.edit(edit_id)
    assert (edit.status, edit.attempt) == (EditStatus.SUCCEEDED, 1)
    assert await desk.stores.queue.workers() == []


async def test_a_model_that_cannot_be_served_ends_the_worker_with_one_line(workers: Workers) -> None:
    worker = workers.start(editing_model="no/such/folder/anywhere")
    assert await asyncio.to_thread(worker.wait, WAIT_S) == 78
    assert workers.log().splitlines()[-1].startswith("editing worker: EDITING_MODEL=no/such/folder/anywhere is neither")
    assert "Traceback" not in workers.log()


async def test_weights_other_than_the_pinned_ones_are_not_served(workers: Workers, model_folder: Path) -> None:
    worker = workers.start(editing_model_digest="0" * 64)
    assert await asyncio.to_thread(worker.wait, WAIT_S) == 78
    found = open_model_folder(str(model_folder)).digest()
    assert workers.log().splitlines()[-1].endswith(f"EDITING_MODEL_DIGEST is {'0' * 64}, but the weights are {found}")


async def test_settings_that_cannot_work_end_the_worker_with_one_line(workers: Workers) -> None:
    worker = workers.start(engine_slots=0)
    assert await asyncio.to_thread(worker.wait, WAIT_S) == 78
    assert workers.log().startswith("editing worker: the settings can't be used: ENGINE_SLOTS")


async def test_a_worker_takes_and_gives_pictures_of_a_bucket(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server() as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        there = settings.model_copy(update={"image_store_url": URL})
        stores, workers = open_stores(there), Workers(there, tmp_path)
        try:
            workers.start()
            desk = Desk(stores, there)
            edit = await desk.until(await desk.ask(), *ENDED)
            assert edit.status is EditStatus.SUCCEEDED
            assert read_picture(await desk.bytes_of(edit.image_ids[0])).size == (RESOLUTION, RESOLUTION)
        finally:
            workers.end()
            await stores.close()
