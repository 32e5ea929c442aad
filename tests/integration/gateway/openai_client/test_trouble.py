"""What is nobody's fault, as OpenAI's client sees it: queues, workers, rates, waits."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI
from openai import AsyncOpenAI

from gateway.endings import Endings
from gateway.ports import Ports
from gateway.waiting import Waiter
from shared.errors import EditOutOfMemory, StorageUnavailable
from shared.schemas.operations import Worker
from shared.settings import Settings
from shared.storage.claims import ClaimStore
from tests.integration.gateway.conftest import png, serving
from tests.integration.gateway.openai_client.calls import (
    KEY,
    SIZE,
    edits,
    files,
    finished,
    first_edit,
    half_transparent,
)
from tests.integration.gateway.stand_ins import MODEL, WorkerStandIn


class TestTrouble:
    """What is nobody's fault: queues, workers, rates, waits."""

    async def test_an_edit_that_fails_is_an_internal_server_error(
        self, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn
    ) -> None:
        worker.fault = EditOutOfMemory("Use a smaller picture.")
        with pytest.raises(openai.InternalServerError, match=r"Use a smaller picture\.") as failed:
            await client.images.edit(image=png(SIZE), prompt="night")
        assert failed.value.code == "out_of_memory"
        assert len(await edits(api)) == 1  # the client did not try again

    async def test_an_edit_that_somebody_cancels_is_a_conflict(
        self, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn
    ) -> None:
        worker.go.clear()
        waiting = asyncio.create_task(client.images.edit(image=png(SIZE), prompt="night"))
        await api.post((await first_edit(api))["urls"]["cancel"])
        with pytest.raises(openai.ConflictError, match="canceled"):
            await waiting

    async def test_without_a_worker_nothing_is_listed_and_an_edit_is_unavailable(self, client: AsyncOpenAI) -> None:
        assert [model async for model in client.models.list()] == []
        with pytest.raises(openai.InternalServerError) as refused:
            await client.with_options(max_retries=0).images.edit(image=png(SIZE), prompt="night")
        assert (refused.value.status_code, refused.value.code) == (503, "no_worker")
        assert refused.value.response.headers["retry-after"] == "2"

    async def test_a_client_that_leaves_cancels_nothing(
        self, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn
    ) -> None:
        worker.go.clear()
        with pytest.raises(openai.APITimeoutError):
            await client.with_options(timeout=1, max_retries=0).images.edit(image=png(SIZE), prompt="night")
        [edit] = await edits(api)
        worker.go.set()
        assert (await finished(api, edit["id"]))["status"] == "succeeded"

    async def test_a_gateway_that_goes_down_sends_its_waiting_calls_to_the_next(
        self, app: FastAPI, worker: WorkerStandIn
    ) -> None:
        worker.go.clear()
        async with (
            serving(app) as (url, server),
            AsyncOpenAI(base_url=f"{url}/openai/v1", api_key=KEY, max_retries=0) as client,
            httpx.AsyncClient(base_url=url, trust_env=False, headers={"Authorization": f"Bearer {KEY}"}) as api,
        ):
            waiting = asyncio.create_task(client.images.edit(image=png(SIZE), prompt="night"))
            edit = await first_edit(api)
            server.should_exit = True
            with pytest.raises(openai.InternalServerError, match="Nothing is lost") as ended:
                await waiting
        assert edit["id"] in ended.value.message
        assert_comes_back(ended.value, "shutting_down")

    async def test_storage_that_is_away_is_worth_another_try(
        self, app: FastAPI, client: AsyncOpenAI, worker: WorkerStandIn
    ) -> None:
        class Away(Endings):
            def of(self, edit_id: str) -> Any:
                raise StorageUnavailable

        worker.go.clear()
        ports: Ports = app.state.ports
        waiter = Waiter(ports.stores.edits, Away(ports.stores.ending_reader()))
        app.state.ports = replace(ports, waiter=waiter)
        with pytest.raises(openai.InternalServerError, match="Nothing is lost") as ended:
            await client.with_options(max_retries=0).images.edit(image=png(SIZE), prompt="night")
        app.state.ports = ports
        assert_comes_back(ended.value, "storage_unavailable")

    async def test_words_that_the_editor_was_never_taught_leave_no_picture_behind(
        self, client: AsyncOpenAI, claims: ClaimStore, settings: Settings
    ) -> None:
        model = MODEL.model_copy(update={"words": ["make", "it", "night"]})
        claims.heartbeat(Worker(id="few-words", slots=1, busy=0, warm=True, seen_at=datetime.now(UTC), model=model))
        with pytest.raises(openai.BadRequestError, match="sepia") as refused:
            await client.images.edit(image=png(SIZE), prompt="make it sepia", mask=half_transparent())
        assert (refused.value.code, refused.value.param) == ("unknown_words", "prompt")
        assert files(settings) == []

    class TestWaits:
        """With a server that waits one second."""

        @pytest.fixture
        def settings(self, settings: Settings) -> Settings:
            return settings.model_copy(update={"openai_wait_s": 1})

        async def test_a_wait_that_is_too_long_says_so_and_loses_nothing(
            self, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn
        ) -> None:
            worker.go.clear()
            with pytest.raises(openai.InternalServerError, match="Nothing is lost") as waited:
                await client.images.edit(image=png(SIZE), prompt="night")
            assert (waited.value.status_code, waited.value.code) == (504, "edit_still_running")
            [edit] = await edits(api)  # the client did not try again
            assert edit["id"] in waited.value.message
            worker.go.set()
            assert (await finished(api, edit["id"]))["status"] == "succeeded"

        async def test_with_a_key_the_client_waits_on_for_the_same_edit(
            self, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn, caplog: pytest.LogCaptureFixture
        ) -> None:
            worker.go.clear()
            caplog.set_level(logging.INFO, logger="openai._base_client")
            key = {"Idempotency-Key": "one"}
            waiting = asyncio.create_task(
                client.images.edit(image=png(SIZE), prompt="night", extra_headers=key)  # which tries again by itself
            )
            async with asyncio.timeout(20):
                while True:
                    if "Retrying request" in caplog.text:
                        break
                    await asyncio.sleep(0.02)
            worker.go.set()
            assert len((await waiting).data or []) == 1
            assert len(await edits(api)) == 1

    class TestFullQueue:
        """With room for one edit."""

        @pytest.fixture
        def settings(self, settings: Settings) -> Settings:
            return settings.model_copy(update={"max_queue": 1})

        async def test_a_full_queue_is_unavailable_and_says_when_to_come_back(
            self, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn
        ) -> None:
            worker.go.clear()
            waiting = asyncio.create_task(client.images.edit(image=png(SIZE), prompt="night"))
            await first_edit(api)
            with pytest.raises(openai.InternalServerError) as refused:
                await client.with_options(max_retries=0).images.edit(image=png(SIZE), prompt="day")
            assert (refused.value.status_code, refused.value.code) == (503, "queue_full")
            assert refused.value.response.headers["retry-after"]
            assert refused.value.response.headers["x-should-retry"] == "true"
            worker.go.set()
            await waiting

        async def test_a_refusal_at_the_last_moment_leaves_no_picture_behind(
            self, app: FastAPI, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn, settings: Settings
        ) -> None:
            worker.go.clear()
            waiting = asyncio.create_task(client.images.edit(image=png(SIZE), prompt="night"))
            await first_edit(api)
            before = files(settings)
            ports: Ports = app.state.ports
            roomy = replace(ports.stores.queue, limits=replace(ports.stores.queue.limits, max_queue=9))
            app.state.ports = replace(ports, stores=replace(ports.stores, queue=roomy))
            with pytest.raises(openai.InternalServerError, match="waiting"):
                await client.with_options(max_retries=0).images.edit(
                    image=png(SIZE), mask=half_transparent(), prompt="day"
                )
            async with asyncio.timeout(10):
                while True:  # until the sweep has deleted the files
                    if files(settings) == before:
                        break
                    await asyncio.sleep(0.05)
            worker.go.set()
            await waiting
            assert len(before) == 1

        async def test_a_queue_that_is_full_already_is_told_before_a_picture_is_kept(
            self, client: AsyncOpenAI, api: httpx.AsyncClient, worker: WorkerStandIn, settings: Settings
        ) -> None:
            worker.go.clear()
            waiting = asyncio.create_task(client.images.edit(image=png(SIZE), prompt="night"))
            await first_edit(api)
            with pytest.raises(openai.InternalServerError, match="waiting"):
                await client.with_options(max_retries=0).images.edit(image=png(SIZE), prompt="day")
            assert len(files(settings)) == 1
            worker.go.set()
            await waiting

    class TestRates:
        """With two requests a minute."""

        @pytest.fixture
        def settings(self, settings: Settings) -> Settings:
            return settings.model_copy(update={"rate_limit_per_minute": 2})

        async def test_too_many_calls_are_a_rate_limit_error(self, client: AsyncOpenAI) -> None:
            client = client.with_options(max_retries=0)
            for _ in range(2):
                await client.models.list()
            with pytest.raises(openai.RateLimitError) as refused:
                await client.models.list()
            assert refused.value.code == "rate_limit_exceeded"
            assert int(refused.value.response.headers["retry-after"]) >= 1


def assert_comes_back(error: openai.APIStatusError, code: str) -> None:
    headers = error.response.headers
    assert (error.status_code, error.code, headers["x-should-retry"]) == (503, code, "true")
    assert int(headers["retry-after"]) >= 1
