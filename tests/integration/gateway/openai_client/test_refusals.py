"""What OpenAI's client is refused, in the shape that it knows."""

from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI
from PIL import Image

from tests.integration.gateway.conftest import png
from tests.integration.gateway.openai_client.calls import SIZE, edits, encoded, half_transparent


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
