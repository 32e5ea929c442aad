"""A user study over REST: blind, balanced, counted."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import png
from tests.integration.gateway.test_bad_input import assert_refused

Json = dict[str, Any]
ANN, BOB = "ann-0123456789abcdef", "bob-0123456789abcdef"


async def upload(api: httpx.AsyncClient, colour: str) -> str:
    answer = await api.post("/v1/images", content=png(colour=colour), headers={"Content-Type": "image/png"})
    stored: str = answer.json()["id"]
    return stored


async def begun(api: httpx.AsyncClient, pairs: int = 3) -> Json:
    """A study in which one picture is red and the other is blue."""
    red, blue = await upload(api, "red"), await upload(api, "blue")
    pair = {"instruction": "make it night", "a": {"image_id": red, "label": "r"}, "b": {"image_id": blue, "label": "b"}}
    answer = await api.post("/v1/studies", json={"title": "Colours", "pairs": [pair] * pairs})
    assert answer.status_code == 201, answer.text
    study: Json = answer.json()
    assert answer.headers["location"] == study["urls"]["self"]
    return study


async def ask(api: httpx.AsyncClient, study: Json, who: str) -> Json:
    answer = await api.get(study["urls"]["next"], params={"participant": who})
    assert answer.status_code == 200, answer.text
    asked: Json = answer.json()
    return asked


async def vote(api: httpx.AsyncClient, study: Json, who: str, pair: int, choice: str) -> Json:
    body = {"pair": pair, "choice": choice, "participant": who}
    answer = await api.post(study["urls"]["votes"], json=body)
    assert answer.status_code == 200, answer.text
    after: Json = answer.json()
    return after


async def test_a_person_goes_through_all_pairs_and_sees_no_label_and_the_fewest_votes_first(
    api: httpx.AsyncClient,
) -> None:
    study = await begun(api)
    for number in (1, 2):
        await vote(api, study, BOB, number, "left")
    asked, seen = await ask(api, study, ANN), []
    assert (asked["voted"], asked["total"], asked["question"]) == (0, 3, "Which picture is better?")
    while asked["pair"]:
        assert '"label"' not in str(asked).replace("'", '"')
        assert (await api.get(asked["pair"]["left_url"])).status_code == 200
        seen.append(asked["pair"]["number"])
        asked = await vote(api, study, ANN, asked["pair"]["number"], "same")
    assert (seen[0], sorted(seen), asked["voted"]) == (3, [1, 2, 3], 3)


async def test_a_choice_counts_for_the_picture_that_was_on_that_side(api: httpx.AsyncClient) -> None:
    study = await begun(api, pairs=6)
    red = study["pairs"][0]["a"]["url"]
    sides = set()
    for who in (ANN, BOB):
        asked = await ask(api, study, who)
        while asked["pair"]:
            side = "left" if asked["pair"]["left_url"] == red else "right"
            sides.add(side)
            assert (await ask(api, study, who))["pair"] == asked["pair"], "a reload draws nothing anew"
            asked = await vote(api, study, who, asked["pair"]["number"], side)
    results = (await api.get(study["urls"]["results"])).json()
    assert [(each["label"], each["wins"], each["losses"]) for each in results["labels"]] == [("r", 12, 0), ("b", 0, 12)]
    assert (results["participants"], results["votes"]) == (2, 12)
    assert sides == {"left", "right"}, "one of 2048 studies would fail here by chance"


async def test_a_vote_can_be_changed_is_counted_once_and_exported_without_a_name(api: httpx.AsyncClient) -> None:
    study = await begun(api)
    await vote(api, study, ANN, 1, "left")
    after = await vote(api, study, ANN, 1, "same")
    assert after["voted"] == 1
    assert (await api.get(study["urls"]["results"])).json()["pairs"][0] == {"number": 1, "a": 0, "b": 0, "same": 1}
    assert (await api.get(study["urls"]["self"])).json()["vote_count"] == 1
    answer = await api.get(study["urls"]["csv"])
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    [line] = csv.DictReader(io.StringIO(answer.text))
    assert (line["label_a"], line["label_b"], line["chosen"], line["participant"]) == ("r", "b", "same", "1")
    assert ANN not in answer.text


async def test_a_sample_can_be_in_a_study_and_goes_with_it(api: httpx.AsyncClient) -> None:
    sample = (await api.get("/v1/samples")).json()["items"][0]["image_id"]
    variants = {"a": {"image_id": sample, "label": "x"}, "b": {"image_id": sample, "label": "y"}}
    wanted = {"title": "Samples", "pairs": [{**variants, "source_image_id": sample}]}
    study = (await api.post("/v1/studies", json=wanted)).json()
    pair = study["pairs"][0]
    assert pair["a"]["image_id"] == pair["b"]["image_id"] == pair["source_image_id"] != sample
    assert (await api.delete(study["urls"]["self"])).status_code == 204
    assert_refused(await api.get(study["urls"]["self"]), 404)
    assert_refused(await api.get(pair["a"]["url"]), 404)


@pytest.mark.usefixtures("worker")
async def test_ratings_of_edits_are_summarised_and_exported(api: httpx.AsyncClient, conversation: Json) -> None:
    study = await begun(api)
    assert (await api.get("/v1/ratings.csv")).text == "edit,instruction,model,quality,image_quality,satisfaction\n"
    said = {"text": "make it night", "parameters": {"quality": "fast"}}
    turn = await api.post(conversation["urls"]["turns"], json=said, headers={"Prefer": "wait=15"})
    rating = {"image_quality": 4, "satisfaction": 2, "comment": "I am Ann"}
    assert (await api.put(turn.json()["edit"]["urls"]["rating"], json=rating)).status_code == 200
    told = (await api.get("/v1/ratings")).json()
    assert (told["count"], told["image_quality"]["value"], told["satisfaction"]["value"]) == (1, 4, 2)
    assert [each["name"] for each in told["by_model"]] == ["stand-in-editor"]
    assert [each["name"] for each in told["by_quality"]] == ["fast"]
    assert (await api.get(study["urls"]["results"])).json()["ratings"] == told
    assert "I am Ann" not in (await api.get("/v1/ratings.csv")).text
    assert "I am Ann" in (await api.get("/v1/ratings.csv", params={"comments": True})).text


VARIANT: Json = {"image_id": "img_unknown", "label": "x"}
STUDIES: list[tuple[Json, int]] = [
    ({}, 422),
    ({"title": "x", "pairs": []}, 422),
    ({"title": " ", "pairs": [{"a": VARIANT, "b": VARIANT}]}, 422),
    ({"title": "x", "pairs": [{"a": VARIANT}]}, 422),
    ({"title": "x", "pairs": [{"a": VARIANT, "b": {**VARIANT, "label": ""}}]}, 422),
    ({"title": "x", "pairs": [{"a": VARIANT, "b": {**VARIANT, "label": "x" * 101}}]}, 422),
    ({"title": "x", "pairs": [{"a": VARIANT, "b": {**VARIANT, "image_id": "../etc"}}]}, 422),
    ({"title": "x", "pairs": [{"a": VARIANT, "b": VARIANT}] * 201}, 422),
    ({"title": "x", "pairs": [{"a": VARIANT, "b": VARIANT}], "open": True}, 422),
    ({"title": "x", "pairs": [{"a": VARIANT, "b": VARIANT}]}, 404),
]
VOTES: list[Json] = [
    {"pair": 0},
    {"pair": 4},
    {"pair": 201},
    {"pair": "1"},
    {"choice": "a"},
    {"choice": None},
    {"participant": "short"},
    {"participant": "x" * 65},
    {"participant": "ann:0123456789abcdef"},
    {"comment": "mine"},
]


async def test_a_study_that_is_wrong_is_refused(api: httpx.AsyncClient) -> None:
    for wanted, status in STUDIES:
        assert_refused(await api.post("/v1/studies", json=wanted), status, case=wanted)
    assert (await api.get("/v1/studies")).json()["items"] == []


async def test_a_vote_that_is_wrong_is_refused(api: httpx.AsyncClient) -> None:
    study = await begun(api)
    for wrong in VOTES:
        body = {"pair": 1, "choice": "left", "participant": ANN, **wrong}
        assert_refused(await api.post(study["urls"]["votes"], json=body), 422, case=wrong)
    assert_refused(await api.get("/v1/ratings.csv", params={"comments": "maybe"}), 422)
    for who in (None, "short", "a\x00" * 10):
        assert_refused(await api.get(study["urls"]["next"], params={"participant": who}), 422, case=who)
    assert (await api.get(study["urls"]["self"])).json()["vote_count"] == 0


async def test_a_study_is_created_once_for_one_idempotency_key(api: httpx.AsyncClient, image_id: str) -> None:
    variants = {"a": {"image_id": image_id, "label": "x"}, "b": {"image_id": image_id, "label": "y"}}
    wanted, key = {"title": "Once", "pairs": [variants]}, {"Idempotency-Key": "once"}
    first, again = [await api.post("/v1/studies", json=wanted, headers=key) for _ in range(2)]
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    assert len((await api.get("/v1/studies")).json()["items"]) == 1
