"""OpenAI's own client, unmodified, against the running stack and its models."""

import base64
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from PIL import Image, ImageChops

from services.local.api import Api
from services.local.process import ROOT
from tests.e2e.conftest import Sample

QUICK = {"steps": 4, "seed": 7}


def opened(b64_json: str | None) -> Image.Image:
    assert b64_json is not None
    return Image.open(io.BytesIO(base64.b64decode(b64_json)))


@pytest.fixture(scope="module")
def base_url(api: Api) -> str:
    return str(api.http.base_url).rstrip("/")


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{base_url}/openai/v1", api_key=os.environ.get("API_KEY", "any")) as client:
        yield client


@pytest.fixture(scope="module")
def picture(api: Api, sample: Sample) -> bytes:
    return api.picture(f"/v1/images/{sample.image_id}")


def test_the_served_model_is_listed_and_edits(client: OpenAI, picture: bytes) -> None:
    [model] = client.models.list().data
    assert client.models.retrieve(model.id) == model
    answer = client.images.edit(image=picture, prompt="make it night", model=model.id, n=2, extra_body=QUICK)
    first, second = [opened(each.b64_json) for each in answer.data or []]
    source = Image.open(io.BytesIO(picture))
    assert first.size == second.size == source.size
    assert first.tobytes() != second.tobytes()
    assert ImageChops.difference(first, source.convert("RGB")).getbbox()


def test_a_stream_shows_the_picture_while_it_is_made(client: OpenAI, picture: bytes) -> None:
    stream = client.images.edit(
        image=picture, prompt="make it night", stream=True, partial_images=2, extra_body={"steps": 9, "seed": 7}
    )
    events = list(stream)
    assert [event.type for event in events] == ["image_edit.partial_image"] * 2 + ["image_edit.completed"]
    size = Image.open(io.BytesIO(picture)).size
    assert [opened(event.b64_json).size for event in events] == [size] * 3
    assert len({event.b64_json for event in events}) == 3


def test_outside_of_the_mask_every_pixel_stays(client: OpenAI, picture: bytes) -> None:
    source = Image.open(io.BytesIO(picture)).convert("RGB")
    half = (0, 0, source.width // 2, source.height)
    mask, buffer = Image.new("RGBA", source.size, "white"), io.BytesIO()
    mask.paste((0, 0, 0, 0), half)
    mask.save(buffer, "PNG")
    answer = client.images.edit(image=picture, mask=buffer.getvalue(), prompt="make it night", extra_body=QUICK)
    assert answer.data is not None
    edited = opened(answer.data[0].b64_json).convert("RGB")
    changed = ImageChops.difference(edited, source).getbbox()
    assert changed is not None
    assert changed[2] <= source.width // 2


def test_a_url_leads_to_the_picture_in_the_format_and_size_asked_for(client: OpenAI, api: Api, picture: bytes) -> None:
    width, height = Image.open(io.BytesIO(picture)).size
    answer = client.images.edit(
        image=picture,
        prompt="make it sepia",
        response_format="url",
        output_format="webp",
        size=f"{2 * width}x{2 * height}",
        extra_body=QUICK,
    )
    assert answer.data is not None
    got = Image.open(io.BytesIO(api.picture(answer.data[0].url or "")))
    assert (got.format, got.size) == ("WEBP", (2 * width, 2 * height))


def test_what_cannot_be_done_is_refused_in_openais_classes(client: OpenAI, picture: bytes) -> None:
    with pytest.raises(openai.BadRequestError, match="not a PNG, JPEG or WebP"):
        client.images.edit(image=b"no picture", prompt="make it night")
    with pytest.raises(openai.BadRequestError, match="one picture a call"):
        client.images.edit(image=[picture, picture], prompt="make it night")
    with pytest.raises(openai.NotFoundError, match="There is no model 'gpt-image-2' here"):
        client.images.edit(image=picture, prompt="make it night", model="gpt-image-2")


def test_the_example_of_the_docs_runs_as_it_is_printed(
    base_url: str, picture: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [script] = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/openai.md").read_text(), re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    Path("picture.png").write_bytes(picture)
    script = script.replace("http://127.0.0.1:8000", base_url).replace('"any"', repr(os.environ.get("API_KEY", "any")))
    namespace: dict[str, object] = {}
    exec(compile(script, "docs/openai.md", "exec"), namespace)
    assert isinstance(namespace["client"], OpenAI)
    namespace["client"].close()
    made = {file.name for file in tmp_path.iterdir()}
    assert made == {"picture.png", "night.png", "image_edit.partial_image.png", "image_edit.completed.png"}
    assert Path("night.png").read_bytes() != picture
