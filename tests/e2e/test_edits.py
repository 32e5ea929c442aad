"""Edits without a conversation: in company, cancelled, run again, and what bad input gets."""

import httpx
import numpy as np
import pytest
from PIL import Image

from editing_service.images import read_picture, write_png
from evaluation.photographs import generated
from services.local.api import Api, Json
from tests.e2e.conftest import Sample


def test_unlike_edits_at_once_give_the_pictures_they_give_alone(api: Api, sample: Sample) -> None:
    wishes: list[tuple[str, Json]] = [
        ("make it night", {"steps": 4, "seed": 1}),
        ("make it black and white", {"steps": 6, "seed": 2, "text_guidance_scale": 4.0}),
        ("make it sepia", {"steps": 5, "seed": 3, "image_guidance_scale": 1.0}),
    ]
    together = [api.submit(sample.image_id, wish, parameters=how) for wish, how in wishes]
    pictures = [api.finished(edit["id"])["image_ids"] for edit in together]
    for (wish, how), image_ids in zip(wishes, pictures, strict=True):
        alone = api.finished(api.submit(sample.image_id, wish, parameters=how)["id"])
        assert len(alone["image_ids"]) == len(image_ids) == 1


def test_a_photograph_gets_a_style_in_its_own_size_and_words_where_the_model_knows_no_better(api: Api) -> None:
    photograph = Image.fromarray(generated(3)["generated 2"])
    image_id = api.upload(write_png(photograph))
    grey = api.finished(api.submit(image_id, "make it black and white")["id"])
    found = read_picture(api.picture(f"/v1/images/{grey['image_ids'][0]}"))
    assert found.size == photograph.size
    assert _colourful(found) < _colourful(photograph) / 4
    declined = api.finished(api.submit(image_id, "remove the ball")["id"])
    assert (declined["status"], declined["error"]["code"]) == ("failed", "unfamiliar-picture")
    assert "make it sepia" in declined["error"]["detail"]


def test_a_cancelled_edit_stops_and_stays_cancelled(api: Api, sample: Sample) -> None:
    edit = api.submit(sample.image_id, "make it night", parameters={"steps": 100})
    api.cancel(edit["id"])
    stopped = api.finished(edit["id"])
    assert (stopped["status"], stopped["image_ids"]) == ("canceled", [])
    assert api.cancel(edit["id"])["status"] == "canceled"


def test_an_edit_run_again_gives_the_same_picture(api: Api, sample: Sample) -> None:
    first = api.finished(api.submit(sample.image_id, "make it night", parameters={"steps": 4, "seed": 11})["id"])
    rerun = api.http.post(f"/v1/edits/{first['id']}/rerun").raise_for_status().json()
    second = api.finished(rerun["id"])
    pictures = [api.picture(f"/v1/images/{edit['image_ids'][0]}") for edit in (first, second)]
    assert pictures[0] == pictures[1]


def test_an_edit_can_be_rated(api: Api, sample: Sample) -> None:
    edit = api.finished(api.submit(sample.image_id, "make it sepia", parameters={"steps": 2})["id"])
    answer = api.http.put(f"/v1/edits/{edit['id']}/rating", json={"image_quality": 4, "satisfaction": 5})
    assert answer.raise_for_status().status_code == 200
    assert api.edit(edit["id"])["rating"]["satisfaction"] == 5


def test_the_same_key_submits_one_edit(api: Api, sample: Sample) -> None:
    key = {"Idempotency-Key": f"one-edit-of-{sample.image_id}"}
    edits = [api.submit(sample.image_id, "make it sepia", headers=key, parameters={"steps": 2}) for _ in range(3)]
    assert len({edit["id"] for edit in edits}) == 1
    assert api.finished(edits[0]["id"])["status"] == "succeeded"


@pytest.mark.parametrize(
    ("method", "path", "request_body", "statuses"),
    [
        ("POST", "/v1/images", {"content": b"no picture", "headers": {"Content-Type": "image/png"}}, {415, 422}),
        ("POST", "/v1/images", {"content": b"GIF89a", "headers": {"Content-Type": "image/gif"}}, {415}),
        ("POST", "/v1/conversations", {"json": {"image_id": "img_unknown"}}, {404, 422}),
        ("POST", "/v1/conversations", {"json": {"image_id": 3}}, {422}),
        ("POST", "/v1/conversations", {"json": {"image_id": "img_x", "colour": "red"}}, {422}),
        ("POST", "/v1/edits", {"content": b"{", "headers": {"Content-Type": "application/json"}}, {400, 422}),
        ("POST", "/v1/edits", {"json": {"image_id": "img_unknown", "instruction": "make it night"}}, {404, 422}),
        ("GET", "/v1/edits/edit_unknown", {}, {404}),
        ("GET", "/v1/images/img_unknown", {}, {404}),
        ("GET", "/v1/conversations/conv_unknown/turns", {}, {404}),
        ("GET", "/v1/nothing", {}, {404}),
        ("DELETE", "/v1/models", {}, {405}),
    ],
)
def test_bad_input_gets_a_problem_that_says_what_to_do(
    api: Api, method: str, path: str, request_body: Json, statuses: set[int]
) -> None:
    answer = api.http.request(method, path, **request_body)
    assert answer.status_code in statuses
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "code", "title", "status", "detail", "retryable", "request_id"} <= problem.keys()


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
def test_an_empty_or_endless_wish_creates_nothing(api: Api, conversation: Json, text: str) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        api.say(conversation["id"], text)
    assert refused.value.response.status_code in {413, 422}
    assert api.conversation(conversation["id"])["turn_count"] == 0


def test_the_operator_sees_what_is_served(api: Api) -> None:
    assert api.http.get("/livez").status_code == api.http.get("/readyz").status_code == 200
    assert "edit" in api.http.get("/metrics").text
    models = api.http.get("/v1/models").raise_for_status().json()
    assert {"dialogue", "editing"} <= models.keys()
    assert api.http.get("/v1/queue").raise_for_status().json()["depth"] >= 0
    assert api.http.get("/docs").status_code == 200


def _colourful(picture: Image.Image) -> float:
    """How far apart the channels are on average, in levels."""
    return float(np.ptp(np.asarray(picture).astype(int), axis=2).mean())
