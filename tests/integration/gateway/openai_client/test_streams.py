"""What a streaming call of OpenAI's client gets."""

from collections.abc import Callable

import openai
import pytest
from fastapi import FastAPI
from openai import AsyncOpenAI

from gateway import openai_answers
from shared.errors import EditOutOfMemory
from shared.settings import Settings
from tests.integration.gateway.conftest import png, serving
from tests.integration.gateway.openai_client.calls import KEY, SIZE, opened
from tests.integration.gateway.stand_ins import WorkerStandIn


def raiser(error: Exception) -> Callable[..., bytes]:
    """A function that does nothing but raise this."""

    def fail(*_: object) -> bytes:
        raise error

    return fail


class TestStreams:
    """Server-sent events, as OpenAI's client reads them."""

    @pytest.mark.parametrize("partial_images", [0, 1, 2, 3])
    async def test_partial_images_come_before_the_picture(
        self, client: AsyncOpenAI, worker: WorkerStandIn, partial_images: int
    ) -> None:
        worker.previews = True
        stream = await client.images.edit(
            image=png(SIZE), prompt="night", stream=True, partial_images=partial_images, extra_body={"steps": 8}
        )
        events = [event async for event in stream]
        kinds = [event.type for event in events]
        assert kinds == ["image_edit.partial_image"] * partial_images + ["image_edit.completed"]
        indexes = [event.partial_image_index for event in events if event.type == "image_edit.partial_image"]
        assert indexes == list(range(partial_images))
        for event in events:
            picture = opened(event.b64_json)
            assert (picture.format, picture.size, event.size, event.output_format) == ("PNG", SIZE, "64x48", "png")
        last = events[-1]
        assert last.type == "image_edit.completed"
        assert last.usage.total_tokens == 0

    @pytest.mark.usefixtures("worker")
    async def test_each_of_n_pictures_is_an_event(self, client: AsyncOpenAI) -> None:
        stream = await client.images.edit(image=png(SIZE), prompt="night", stream=True, n=3)
        assert [event.type async for event in stream] == ["image_edit.completed"] * 3

    async def test_an_edit_that_fails_ends_its_stream_with_an_error(
        self, client: AsyncOpenAI, worker: WorkerStandIn
    ) -> None:
        worker.fault = EditOutOfMemory()
        with pytest.raises(openai.APIError) as failed:
            [event async for event in await client.images.edit(image=png(SIZE), prompt="night", stream=True)]
        assert (failed.value.code, failed.value.type) == ("out_of_memory", "server_error")

    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize(("lack", "code"), [(MemoryError(), "no_memory"), (KeyError("a bug"), "internal_error")])
    async def test_what_nobody_expected_is_the_last_event_too(
        self, client: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch, lack: Exception, code: str
    ) -> None:
        monkeypatch.setattr(openai_answers, "render", raiser(lack))
        stream = await client.images.edit(image=png(SIZE), prompt="night", stream=True)
        with pytest.raises(openai.APIError) as failed:
            [event async for event in stream]
        assert failed.value.code == code

    @pytest.mark.usefixtures("worker")
    @pytest.mark.parametrize(("headers", "again"), [({}, "false"), ({"Idempotency-Key": "once"}, "true")])
    async def test_without_memory_only_a_call_that_meets_its_edit_again_is_to_be_sent_again(
        self, client: AsyncOpenAI, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], again: str
    ) -> None:
        monkeypatch.setattr(openai_answers, "render", raiser(MemoryError()))
        patient = client.with_options(max_retries=0)
        with pytest.raises(openai.InternalServerError) as failed:
            await patient.images.edit(image=png(SIZE), prompt="night", extra_headers=headers)
        assert (failed.value.status_code, failed.value.code) == (503, "no_memory")
        assert failed.value.response.headers["x-should-retry"] == again

    async def test_a_stream_that_the_gateway_ends_says_where_the_edit_is(
        self, app: FastAPI, worker: WorkerStandIn
    ) -> None:
        worker.go.clear()
        async with (
            serving(app) as (url, server),
            AsyncOpenAI(base_url=f"{url}/openai/v1", api_key=KEY) as client,
        ):
            stream = await client.images.edit(image=png(SIZE), prompt="night", stream=True)
            server.should_exit = True
            with pytest.raises(openai.APIError, match="Nothing is lost") as ended:
                [event async for event in stream]
            assert ended.value.code == "shutting_down"

    class TestHeartbeats:
        """With a short pause between heartbeats."""

        @pytest.fixture
        def settings(self, settings: Settings) -> Settings:
            return settings.model_copy(update={"sse_heartbeat_s": 0.05})

        async def test_the_client_reads_over_heartbeats(self, client: AsyncOpenAI, worker: WorkerStandIn) -> None:
            worker.step_s = 0.1
            stream = await client.images.edit(image=png(SIZE), prompt="night", stream=True)
            assert [event.type async for event in stream] == ["image_edit.completed"]
