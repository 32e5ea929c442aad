"""OpenAI's own client, unmodified, against the gateway: pictures, streams, masks, sizes, errors, waits."""

import asyncio
import base64
import io
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fastapi import FastAPI
from openai import AsyncOpenAI
from PIL import Image

from gateway.app import create_app
from gateway.auth import hash_key
from gateway.endings import Endings
from gateway.ports import Ports
from gateway.waiting import Waiter
from shared.errors import EditOutOfMemory, StorageUnavailable
from shared.schemas.operations import Worker
from shared.settings import Settings
from shared.storage.claims import ClaimStore
from tests.integration.gateway.conftest import png, serving
from tests.integration.gateway.stand_ins import MODEL, WorkerStandIn

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


@pytest.mark.usefixtures("worker")
class TestPictures:
    """What a successful call answers."""

    @pytest.mark.parametrize("as_list", [False, True])
    async def test_one_picture_comes_back_in_its_own_size(self, client: AsyncOpenAI, as_list: bool) -> None:
        picture = ("house.png", png(SIZE))
        answer = await client.images.edit(image=[picture] if as_list else picture, prompt="make it night")
        assert answer.data is not None
        assert [opened(each.b64_json).size for each in answer.data] == [SIZE]
        assert (answer.size, answer.output_format, answer.data[0].url) == ("64x48", "png", None)
        assert answer.usage is not None
        assert answer.usage.total_tokens == 0

    async def test_n_pictures_and_our_parameters_reach_the_worker(
        self, client: AsyncOpenAI, worker: WorkerStandIn
    ) -> None:
        ours = {"steps": 3, "seed": 7, "text_guidance_scale": 4.5, "image_guidance_scale": 1.25}
        answer = await client.images.edit(image=png(SIZE), prompt="make it night", n=2, extra_body=ours)
        assert len(answer.data or []) == 2
        claim = worker.claimed[0]
        assert claim.instruction == "make it night"
        assert claim.parameters.model_dump() == {
            **ours,
            "count": 2,
            "preview_every": 0,
            "quality": "exact",
            "sweep": None,
        }

    @pytest.mark.parametrize(("asked", "served"), [("low", "fast"), ("high", "exact"), ("auto", "exact")])
    async def test_low_quality_is_served_fast_and_any_other_exactly(
        self, client: AsyncOpenAI, worker: WorkerStandIn, asked: Any, served: str
    ) -> None:
        await client.images.edit(image=png(SIZE), prompt="make it night", quality=asked)
        assert worker.claimed[0].parameters.quality == served

    async def test_a_prompt_goes_to_the_editor_as_it_is(self, client: AsyncOpenAI, worker: WorkerStandIn) -> None:
        prompt = "make it night; and then, slowly; dawn;" + "a;" * 900
        await client.images.edit(image=png(SIZE), prompt=prompt)
        assert (worker.claimed[0].instruction, worker.claimed[0].prior_instructions) == (prompt, ())

    async def test_what_is_harmless_is_accepted_and_ignored(self, client: AsyncOpenAI) -> None:
        answer = await client.images.edit(
            image=png(SIZE),
            prompt="make it night",
            model=MODEL.name,
            user="somebody",
            quality="high",
            background="auto",
            input_fidelity="high",
            extra_body={"moderation": "low"},
        )
        assert len(answer.data or []) == 1

    @pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
    @pytest.mark.parametrize("size", ["auto", "128x96"])
    async def test_format_and_size_are_as_asked_for(self, client: AsyncOpenAI, kind: Any, size: str) -> None:
        answer = await client.images.edit(image=png(SIZE), prompt="night", output_format=kind, size=size)
        assert answer.data is not None
        picture = opened(answer.data[0].b64_json)
        assert (picture.format, picture.size) == (kind.upper(), SIZE if size == "auto" else (128, 96))
        assert answer.size == "{}x{}".format(*picture.size)

    @pytest.mark.parametrize(("kind", "size"), [("png", "auto"), ("jpeg", "auto"), ("png", "128x96")])
    async def test_a_url_leads_to_the_picture(
        self, client: AsyncOpenAI, api: httpx.AsyncClient, kind: Any, size: str
    ) -> None:
        answer = await client.images.edit(
            image=png(SIZE), prompt="night", response_format="url", output_format=kind, size=size
        )
        assert answer.data is not None
        assert answer.data[0].b64_json is None
        got = await api.get(answer.data[0].url or "")
        assert got.headers["content-type"] == f"image/{kind}"
        assert Image.open(io.BytesIO(got.content)).size == (SIZE if size == "auto" else (128, 96))

    async def test_a_url_asked_for_again_leads_to_the_same_copy(self, client: AsyncOpenAI, settings: Settings) -> None:
        for quality in (60, 60, 60, 90):
            answer = await client.images.edit(
                image=png(SIZE),
                prompt="night",
                response_format="url",
                output_format="jpeg",
                output_compression=quality,
                extra_headers={"Idempotency-Key": f"quality-{quality}"},
            )
            assert answer.data
        assert len(files(settings, "*.jpg")) == 2

    async def test_the_worker_gets_a_mask_that_is_white_where_openais_is_transparent(
        self, client: AsyncOpenAI, worker: WorkerStandIn, settings: Settings
    ) -> None:
        await client.images.edit(image=png(SIZE), mask=half_transparent(), prompt="make it night")
        kept = worker.claimed[0].mask
        assert kept is not None
        mask = Image.open(io.BytesIO(worker.read(kept)))
        assert (mask.mode, mask.size, mask.getpixel((0, 0)), mask.getpixel((63, 0))) == ("L", SIZE, 255, 0)

    async def test_the_served_model_is_listed_and_can_be_named(self, client: AsyncOpenAI) -> None:
        listed = [model async for model in client.models.list()]
        assert [(model.id, model.object, model.owned_by) for model in listed] == [(MODEL.name, "model", "dialogpaint")]
        assert (await client.models.retrieve(MODEL.name)).id == MODEL.name

    async def test_the_same_idempotency_key_makes_one_edit(self, client: AsyncOpenAI, api: httpx.AsyncClient) -> None:
        key = {"Idempotency-Key": "one"}
        answers = [
            await client.images.edit(image=png(SIZE), prompt="make it night", extra_headers=key) for _ in range(2)
        ]
        assert answers[0] == answers[1]
        assert len(await edits(api)) == 1
        with pytest.raises(openai.BadRequestError) as refused:
            await client.images.edit(image=png(SIZE), prompt="make it day", extra_headers=key)
        assert refused.value.code == "idempotency_mismatch"


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


@pytest.mark.usefixtures("worker")
class TestRefusals:
    """Calls that can't be carried out: OpenAI's classes, and words that say what to do."""

    @pytest.mark.parametrize(
        ("asked", "param", "words"),
        [
            ({"image": [png(SIZE), png(SIZE)]}, "image", "one picture a call, and 2 came"),
            ({"image": b"no picture"}, "image", "not a PNG, JPEG or WebP"),
            ({"image": b""}, "image", "empty"),
            ({"prompt": " "}, "prompt", "prompt"),
            ({"prompt": "x" * 2001}, "prompt", "2000"),
            ({"n": 9}, "n", "8"),
            ({"n": 0}, "n", "1"),
            ({"size": "large"}, "size", "width and height"),
            ({"size": "512x512"}, "size", "64x48"),
            ({"size": "8192x6144"}, "size", "4096"),
            ({"size": "4096x3072", "n": 2}, "size", "16 megapixels"),
            ({"mask": png(SIZE)}, "mask", "alpha"),
            ({"mask": half_transparent((32, 32))}, "mask", "32×32"),
            ({"mask": encoded(Image.new("RGBA", SIZE, (0, 0, 0, 255)))}, "mask", "transparent"),
            ({"mask": b"no mask"}, "mask", "PNG"),
            ({"output_format": "gif"}, "output_format", "jpeg"),
            ({"background": "transparent"}, "background", "opaque"),
            ({"partial_images": 4, "stream": True}, "partial_images", "3"),
            ({"stream": True, "response_format": "url"}, "response_format", "b64_json"),
            ({"markup": png(SIZE)}, "markup", "not permitted"),
            ({"extra_body": {"steps": 101}}, "steps", "100"),
            ({"extra_body": {"strength": 1}}, "strength", "not permitted"),
        ],
    )
    async def test_a_bad_call_is_a_bad_request_that_names_its_field(
        self, client: AsyncOpenAI, api: httpx.AsyncClient, asked: Any, param: str, words: str
    ) -> None:
        with pytest.raises(openai.BadRequestError, match=words) as refused:
            await client.images.edit(**{"image": png(SIZE), "prompt": "make it night", **asked})
        assert refused.value.param == param
        assert refused.value.type == "invalid_request_error"
        assert refused.value.request_id
        assert await edits(api) == []

    async def test_a_model_that_is_not_served_is_not_found(self, client: AsyncOpenAI) -> None:
        for call in (
            client.images.edit(image=png(SIZE), prompt="night", model="gpt-image-2"),
            client.models.retrieve("gpt-image-2"),
        ):
            with pytest.raises(openai.NotFoundError) as refused:
                await call
            assert refused.value.code == "model_not_found"

    async def test_an_unknown_key_is_an_authentication_error(self, client: AsyncOpenAI) -> None:
        stranger = client.with_options(api_key="ann.second-secret")
        with pytest.raises(openai.AuthenticationError) as refused:
            await stranger.models.list()
        assert refused.value.code == "invalid_api_key"

    async def test_what_is_not_there_or_no_form_is_refused_in_openais_shape(self, api: httpx.AsyncClient) -> None:
        for answer in (
            await api.post("/openai/v1/chat/completions", json={}),
            await api.get("/openai/v1/images/edits"),
            await api.post("/openai/v1/images/edits", json={}),
            await api.post("/openai/v1/images/edits", content=b"--x", headers={"Content-Type": "multipart/form-data"}),
            await api.post("/openai/v1/images/edits", files={"mask": png(SIZE)}, data={"prompt": "night"}),
            await api.post("/openai/v1/images/edits", content=b"x" * (20 * 2**20 + 1)),
        ):
            assert answer.headers["content-type"] == "application/json"
            assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
            assert answer.status_code in {400, 404, 405}
            assert answer.headers["x-should-retry"] == "false"

    async def test_other_paths_go_on_speaking_of_problems(self, api: httpx.AsyncClient) -> None:
        assert (await api.get("/v1/edits/edit_1")).headers["content-type"] == "application/problem+json"


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


async def test_another_gateway_answers_a_call_that_is_sent_again(
    client: AsyncOpenAI, worker: WorkerStandIn, settings: Settings
) -> None:
    key = {"Idempotency-Key": "one"}
    first = await client.images.edit(image=png(SIZE), prompt="night", extra_headers=key)
    async with (
        serving(create_app(settings)) as (url, _),
        AsyncOpenAI(base_url=f"{url}/openai/v1", api_key=KEY) as other,
    ):
        assert await other.images.edit(image=png(SIZE), prompt="night", extra_headers=key) == first
    assert len(worker.claimed) == 1
