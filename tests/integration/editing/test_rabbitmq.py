"""Messages by way of RabbitMQ instead of Redis: the record stays the truth, whatever wakes a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.broker import make_celery, send_edit
from shared.errors import StorageUnavailable
from shared.schemas.edit import EditStatus
from shared.settings import Settings
from shared.storage.stores import Stores
from tests.integration.editing.conftest import SLOW, Desk, Workers
from tests.rabbitmq import rabbitmq

pytestmark = pytest.mark.timeout(600)

ENDED = (EditStatus.SUCCEEDED, EditStatus.FAILED, EditStatus.CANCELED)


@pytest.fixture
def on_rabbitmq(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The same settings with a RabbitMQ of the test's own as broker."""
    with rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as url:
        yield settings.model_copy(update={"broker_url": url})


async def test_a_killed_workers_edit_goes_to_another_one(on_rabbitmq: Settings, stores: Stores, tmp_path: Path) -> None:
    workers, desk = Workers(on_rabbitmq, tmp_path), Desk(stores, on_rabbitmq)
    try:
        first = workers.start()
        once = await desk.until(await desk.ask(deliveries=3), *ENDED)
        assert (once.status, once.attempt) == (EditStatus.SUCCEEDED, 1)
        edit_id = await desk.ask(**SLOW)
        await desk.until(edit_id, EditStatus.RUNNING, step=3)
        first.kill()
        workers.start()
        edit = await desk.until(edit_id, *ENDED, sweeping=True)
        assert (edit.status, edit.attempt) == (EditStatus.SUCCEEDED, 2)
    finally:
        workers.end()


def test_a_broker_that_is_away_is_told_at_once() -> None:
    nowhere = Settings(broker_url="amqp://guest:guest@127.0.0.1:9//")
    with pytest.raises(StorageUnavailable):
        send_edit(make_celery(nowhere), "edit_x")
