"""Which models are served, and what is remembered of them."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from gateway.breaker import CircuitBreaker
from gateway.dialogue_client import DialogueClient
from gateway.models import FRESH_S, ServedModels
from shared.errors import NoWorker
from shared.schemas.operations import EditingModel, Worker
from tests.integration.gateway.stand_ins import DIALOGUE_MODEL, MODEL


class FakeWorkers:
    """The workers' heartbeats."""

    def __init__(self, *models: EditingModel | None) -> None:
        self.models: tuple[EditingModel | None, ...] = models

    async def workers(self) -> list[Worker]:
        at = datetime(2026, 3, 1, tzinfo=UTC)
        return [Worker(id="w", slots=1, busy=0, warm=True, seen_at=at, model=model) for model in self.models]


def dialogue(described: Any) -> DialogueClient:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=described))
    return DialogueClient(httpx.AsyncClient(transport=transport, base_url="http://d"), CircuitBreaker(), 1)


async def test_both_models_are_told() -> None:
    served = await ServedModels(FakeWorkers(None, MODEL), dialogue(DIALOGUE_MODEL)).served()
    assert served.editing == MODEL
    assert served.dialogue is not None


async def test_a_model_that_nobody_serves_is_none() -> None:
    served = await ServedModels(FakeWorkers(), dialogue({"unknown": 1})).served()
    assert (served.dialogue, served.editing) == (None, None)


async def test_defaults_are_remembered_when_the_last_worker_is_lost() -> None:
    workers, now = FakeWorkers(MODEL), [0.0]
    models = ServedModels(workers, dialogue(DIALOGUE_MODEL), clock=lambda: now[0])
    assert (await models.editing()).defaults.steps == 4
    workers.models = ()
    now[0] += 2 * FRESH_S
    assert (await models.editing()).defaults.steps == 4
    assert (await models.served()).editing is None


async def test_the_heartbeats_are_read_once_a_second_not_for_every_edit() -> None:
    workers, now = FakeWorkers(MODEL), [0.0]
    models = ServedModels(workers, dialogue(DIALOGUE_MODEL), clock=lambda: now[0])
    assert await models.editing() == MODEL
    workers.models = (MODEL.model_copy(update={"digest": "another"}),)
    assert await models.editing() == MODEL
    now[0] += FRESH_S
    assert (await models.editing()).digest == "another"


async def test_without_any_worker_ever_there_are_no_defaults() -> None:
    with pytest.raises(NoWorker):
        await ServedModels(FakeWorkers(), dialogue(DIALOGUE_MODEL)).editing()


def test_a_model_that_tells_no_words_reads_any() -> None:
    assert MODEL.unknown_words("paint the moped turquoise") == []


def test_words_that_were_never_taught_are_found_once_each() -> None:
    taught = MODEL.model_copy(update={"words": ["paint", "the", "house", "red", "make", "it", "night"]})
    assert taught.unknown_words("Paint the HOUSE red; make it night") == []
    assert taught.unknown_words("paint the moped red; paint the moped teal") == ["moped", "teal"]
