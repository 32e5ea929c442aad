"""Two pictures compared over REST."""

import io

import httpx
import pytest
from PIL import Image

from tests.integration.gateway.conftest import png


async def store(api: httpx.AsyncClient, data: bytes) -> str:
    answer = await api.post("/v1/images", content=data, headers={"Content-Type": "image/png"})
    image_id: str = answer.json()["id"]
    return image_id


async def test_two_pictures_are_compared_in_numbers_and_as_a_picture(api: httpx.AsyncClient, image_id: str) -> None:
    blue = await store(api, png(colour="blue"))
    numbers = (await api.get(f"/v1/images/{image_id}/difference", params={"to": blue})).json()
    assert (numbers["changed_share"], numbers["largest_change"], numbers["mean_change"]) == (1.0, 255, 170.0)
    assert numbers["box"] == {"left": 0, "top": 0, "width": 64, "height": 64}
    drawn = await api.get(numbers["urls"]["picture"])
    assert drawn.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(drawn.content)) as opened:
        assert opened.size == (64, 64)
    again = await api.get(numbers["urls"]["picture"], headers={"If-None-Match": drawn.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    same = (await api.get(f"/v1/images/{image_id}/difference", params={"to": image_id})).json()
    assert (same["psnr_db"], same["box"], same["changed_share"]) == (None, None, 0.0)


async def test_a_sample_is_compared_with_a_copy_of_it(api: httpx.AsyncClient) -> None:
    sample = (await api.get("/v1/samples")).json()["items"][0]
    root = (await api.post("/v1/conversations", json={"image_id": sample["image_id"]})).json()["root_image_id"]
    numbers = (await api.get(f"/v1/images/{sample['image_id']}/difference", params={"to": root})).json()
    assert numbers["changed_share"] == 0


@pytest.mark.parametrize("route", ["difference", "difference.png"])
async def test_what_cannot_be_compared_is_told_in_words(api: httpx.AsyncClient, image_id: str, route: str) -> None:
    small = await store(api, png(size=(32, 64)))
    for params, status, words in (
        ({"to": small}, 422, "64×64 and 32×64"),
        ({}, 422, "to: "),
        ({"to": "img_nowhere"}, 404, ""),
        ({"to": "../../x:y"}, 404, ""),
    ):
        answer = await api.get(f"/v1/images/{image_id}/{route}", params=params)
        assert answer.status_code == status, params
        assert words in answer.json()["detail"]
