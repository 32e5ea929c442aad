"""What a successful call of OpenAI's client answers: pictures, masks, sizes."""

import io
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image

from gateway.app import create_app
from shared.settings import Settings
from tests.integration.gateway.conftest import png, serving
from tests.integration.gateway.openai_client.calls import KEY, SIZE, edits, files, half_transparent, opened
from tests.integration.gateway.stand_ins import MODEL, WorkerStandIn


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
