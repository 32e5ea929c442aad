"""What bad input gets: a 4xx problem+json that says what to do, and nothing is created."""

import io
import json
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from gateway.app import create_app
from shared.settings import Settings
from tests.integration.gateway.conftest import png, serving
from tests.integration.gateway.stand_ins import WorkerStandIn

Json = dict[str, Any]
PNG = {"Content-Type": "image/png"}
LIMIT = 300_000  # bytes; small, so that the tests of the limit are quick


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings.model_copy(update={"max_body_bytes": LIMIT}))


@pytest.fixture(autouse=True)
def _a_worker_is_there(worker: WorkerStandIn) -> None:
    worker.go.clear()


def assert_refused(answer: httpx.Response, status: int, code: str | None = None, case: object = None) -> Json:
    """Check that an answer is a problem that a person can act on, and give it."""
    problem: Json = answer.json()
    assert answer.status_code == status, (case, answer.text)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["type"].endswith(problem["code"])
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert len(problem["detail"]) > 10
    assert "Traceback" not in answer.text
    assert code in (None, problem["code"]), (case, answer.text)
    return problem


async def upload(api: httpx.AsyncClient, data: bytes, media_type: str = "image/png") -> httpx.Response:
    return await api.post("/v1/images", content=data, headers={"Content-Type": media_type})


async def say(api: httpx.AsyncClient, conversation: Json, body: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await api.post(conversation["urls"]["turns"], content=content, headers={"Content-Type": "application/json"})


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green")]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)


def declared(width: int, height: int) -> bytes:
    """Return a PNG file that claims to be huge."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


NOISE = Image.effect_noise((64, 64), 90).convert("RGB")


PICTURES: dict[str, tuple[bytes, str, int, str]] = {
    "text": (b"hello", "image/png", 422, "invalid-picture"),
    "empty": (b"", "image/png", 422, "invalid-picture"),
    "svg": (b"<svg/>", "image/svg+xml", 415, "unsupported-media-type"),
    "gif-called-png": (encoded(NOISE, "GIF"), "image/png", 422, "invalid-picture"),
    "gif": (encoded(NOISE, "GIF"), "image/gif", 415, "unsupported-media-type"),
    "tiff-called-png": (encoded(NOISE, "TIFF"), "image/png", 422, "invalid-picture"),
    "truncated-png": (encoded(NOISE, "PNG")[:2000], "image/png", 422, "invalid-picture"),
    "truncated-jpeg": (encoded(NOISE, "JPEG")[:900], "image/jpeg", 422, "invalid-picture"),
    "truncated-webp": (encoded(NOISE, "WEBP")[:900], "image/webp", 422, "invalid-picture"),
    "animated-png": (animated("PNG"), "image/png", 422, "invalid-picture"),
    "animated-webp": (animated("WEBP"), "image/webp", 422, "invalid-picture"),
    "81-megapixels": (declared(9000, 9000), "image/png", 413, "picture-too-large"),
    "900-megapixels": (declared(30_000, 30_000), "image/png", 413, "picture-too-large"),
    "4097-a-side": (declared(4097, 1), "image/png", 413, "picture-too-large"),
    "too-many-bytes": (b"x" * (LIMIT + 1), "image/png", 413, "body-too-large"),
    "no-picture-type": (png(), "application/octet-stream", 415, "unsupported-media-type"),
    "json": (b"{}", "application/json", 415, "unsupported-media-type"),
}


async def test_a_picture_that_is_none(api: httpx.AsyncClient) -> None:
    for name, (data, media_type, status, code) in PICTURES.items():
        assert_refused(await upload(api, data, media_type), status, code, name)


async def test_a_body_that_grows_beyond_the_limit_while_it_is_sent(api: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 10_000 + 2):
            yield b"x" * 10_000

    answer = await api.post("/v1/images", content=chunks(), headers=PNG)
    assert_refused(answer, 413, "body-too-large")


async def test_a_body_of_words_is_bounded_much_sooner_than_a_picture(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/conversations", json={"image_id": "img_1", "title": "x" * 270_000})
    assert_refused(answer, 413, "body-too-large")


async def test_an_id_does_not_reach_other_keys(api: httpx.AsyncClient, conversation: Json) -> None:
    for part in ("turns", "revisions", "edits"):
        assert_refused(await api.get(f"/v1/conversations/{conversation['id']}:{part}"), 404)
        assert_refused(await api.delete(f"/v1/conversations/{conversation['id']}:{part}"), 404)
    assert len((await api.get(conversation["urls"]["revisions"])).json()["items"]) == 1


async def test_a_form_without_the_field_file(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/images", files={"picture": ("a.png", png(), "image/png")})
    assert assert_refused(answer, 422)["errors"][0]["field"] == "file"


async def test_a_form_field_that_is_no_file(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/images", data={"file": "text"}, files={"other": ("a.png", png(), "image/png")})
    assert_refused(answer, 422)


async def test_a_form_that_is_cut_off(api: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert_refused(await api.post("/v1/images", content=b"--x\r\nnonsense", headers=headers), 422)
    headers = {"Content-Type": "multipart/form-data"}
    assert_refused(await api.post("/v1/images", content=b"--x", headers=headers), 400)


TURNS: list[tuple[Json, str]] = [
    ({}, "text"),
    ({"text": ""}, "text"),
    ({"text": "   \n\t "}, "text"),
    ({"text": "\u200b\u200d\u2060"}, "text"),
    ({"text": "\u0000\u0007"}, "text"),
    ({"text": "x" * 2001}, "text"),
    ({"text": 7}, "text"),
    ({"text": None}, "text"),
    ({"text": ["make it night"]}, "text"),
    ({"text": "make it night", "run": "yes"}, "run"),
    ({"text": "make it night", "run": 1}, "run"),
    ({"text": "make it night", "base": 3}, "base"),
    ({"text": "make it night", "base": "img_1"}, "base"),
    ({"text": "make it night", "wish": True}, "wish"),
    ({"text": "make it night", "parameters": {"stepz": 3}}, "parameters.stepz"),
    ({"text": "make it night", "parameters": {"steps": "20"}}, "parameters.steps"),
    ({"text": "make it night", "parameters": {"steps": 20.5}}, "parameters.steps"),
    ({"text": "make it night", "parameters": {"steps": True}}, "parameters.steps"),
    ({"text": "make it night", "parameters": {"steps": 0}}, "parameters.steps"),
    ({"text": "make it night", "parameters": {"steps": 101}}, "parameters.steps"),
    ({"text": "make it night", "parameters": {"count": 9}}, "parameters.count"),
    ({"text": "make it night", "parameters": {"seed": -1}}, "parameters.seed"),
    ({"text": "make it night", "parameters": {"seed": 2**63}}, "parameters.seed"),
    ({"text": "make it night", "parameters": {"text_guidance_scale": "7"}}, "parameters.text_guidance_scale"),
    ({"text": "make it night", "parameters": {"text_guidance_scale": 31}}, "parameters.text_guidance_scale"),
    ({"text": "make it night", "parameters": {"image_guidance_scale": -0.1}}, "parameters.image_guidance_scale"),
    ({"text": "make it night", "parameters": {"preview_every": 9, "steps": 4}}, "parameters"),
    ({"text": "make it night", "parameters": []}, "parameters"),
    ({"text": "make it night", "parameters": {"sweep": [3, 5]}}, "parameters.sweep"),
    ({"text": "make it night", "parameters": {"sweep": {"text_guidance_scale": [3]}}}, "parameters.sweep"),
    ({"text": "make it night", "parameters": {"sweep": {"steps": [3, 4]}}}, "parameters.sweep.steps"),
    ({"text": "make it night", "parameters": {"count": 2, "sweep": {"text_guidance_scale": [3, 4]}}}, "parameters"),
]


async def test_a_turn_that_is_wrong_names_the_field(api: httpx.AsyncClient, conversation: Json) -> None:
    for body, field in TURNS:
        problem = assert_refused(await say(api, conversation, body), 422, "invalid-request", body)
        assert field in [error["field"] for error in problem["errors"]], body
    assert (await api.get(conversation["urls"]["turns"])).json()["items"] == []


async def test_previews_rarer_than_the_models_own_steps_are_refused(api: httpx.AsyncClient, conversation: Json) -> None:
    body = {"text": "make it night", "parameters": {"preview_every": 100}}
    problem = assert_refused(await say(api, conversation, body), 422, "invalid-request", body)
    assert "preview_every is 100" in problem["detail"]
    assert (await api.get(conversation["urls"]["turns"])).json()["items"] == []


BODIES: dict[str, bytes] = {
    "nan": b'{"text": "make it night", "parameters": {"text_guidance_scale": NaN}}',
    "infinity": b'{"text": "make it night", "parameters": {"text_guidance_scale": Infinity}}',
    "nan-for-an-integer": b'{"text": "make it night", "parameters": {"steps": NaN}}',
    "huge-integer": b'{"text": "make it night", "parameters": {"seed": 1' + b"0" * 5000 + b"}}",
    "lone-surrogate": b'{"text": "make it \\ud800 night"}',
    "unfinished": b'{"text": "make it night"',
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "text": b'"make it night"',
    "not-utf-8": b'{"text": "\xff\xfe"}',
    "very-deep": b"[" * 100_000,
}


async def test_json_that_is_none_or_holds_no_numbers(api: httpx.AsyncClient, conversation: Json) -> None:
    for name, body in BODIES.items():
        answer = await say(api, conversation, body)
        assert answer.status_code in (400, 422), name
        assert_refused(answer, answer.status_code, case=name)
    assert (await api.get(conversation["urls"]["self"])).json()["turn_count"] == 0


async def test_a_body_of_another_type_is_not_taken_for_json(api: httpx.AsyncClient, conversation: Json) -> None:
    body, headers = b'{"text": "make it night"}', {"Content-Type": "text/plain"}
    assert_refused(await api.post(conversation["urls"]["turns"], content=body, headers=headers), 422)


async def test_control_characters_are_taken_out_of_what_is_said(api: httpx.AsyncClient, conversation: Json) -> None:
    answer = await say(api, conversation, {"text": " change\u0000 the\u001b[31m car\u007f "})
    assert answer.json()["text"] == "change the[31m car"


async def test_text_at_the_limit_and_emoji_are_taken(api: httpx.AsyncClient, conversation: Json) -> None:
    assert (await say(api, conversation, {"text": "change " + "x" * 1993})).status_code == 200
    assert (await say(api, conversation, {"text": "change 👩‍👩‍👧 to \U0001f3e0"})).status_code == 200


OPERATIONS: list[tuple[str, str, Json | None]] = [
    ("GET", "/v1/images/{}", None),
    ("GET", "/v1/conversations/{}", None),
    ("PATCH", "/v1/conversations/{}", {"title": "x"}),
    ("DELETE", "/v1/conversations/{}", None),
    ("GET", "/v1/conversations/{}/turns", None),
    ("POST", "/v1/conversations/{}/turns", {"text": "make it night"}),
    ("GET", "/v1/conversations/{}/revisions", None),
    ("GET", "/v1/conversations/{}/events", None),
    ("PUT", "/v1/conversations/{}/head", {"revision_id": "rev_1"}),
    ("GET", "/v1/edits/{}", None),
    ("GET", "/v1/edits/{}/events", None),
    ("POST", "/v1/edits/{}/cancel", None),
    ("POST", "/v1/edits/{}/rerun", None),
    ("PUT", "/v1/edits/{}/rating", {"image_quality": 5, "satisfaction": 5}),
    ("GET", "/v1/studies/{}", None),
    ("DELETE", "/v1/studies/{}", None),
    ("GET", "/v1/studies/{}/next?participant=0123456789abcdef", None),
    ("POST", "/v1/studies/{}/votes", {"pair": 1, "choice": "same", "participant": "0123456789abcdef"}),
    ("GET", "/v1/studies/{}/results", None),
    ("GET", "/v1/studies/{}/results.csv", None),
]
NOBODYS = ["nothing_here", "conv_x:turns", "..%2f..%2fetc", "%00", "edit_" + "x" * 60, "🏠"]


async def test_an_id_that_nobody_has(api: httpx.AsyncClient) -> None:
    for method, path, body in OPERATIONS:
        for unknown in NOBODYS:
            answer = await api.request(method, path.format(unknown), json=body)
            assert_refused(answer, 404, case=(method, path, unknown))


ABOUT_NOTHING: list[tuple[str, Json, int]] = [
    ("/v1/conversations", {"image_id": "img_unknown"}, 404),
    ("/v1/conversations", {"image_id": "img_sample-unknown"}, 404),
    ("/v1/conversations", {"image_id": "no id at all"}, 422),
    ("/v1/conversations", {"image_id": "../../etc/passwd"}, 422),
    ("/v1/conversations", {}, 422),
    ("/v1/conversations", {"image_id": "img_unknown", "title": ""}, 422),
    ("/v1/conversations", {"image_id": "img_unknown", "caption": "x" * 2001}, 422),
    ("/v1/edits", {"image_id": "img_unknown", "instruction": "make it night"}, 404),
    ("/v1/edits", {"conversation_id": "conv_unknown", "instruction": "make it night"}, 404),
    ("/v1/edits", {"instruction": "make it night"}, 422),
    ("/v1/edits", {"image_id": "img_unknown", "instruction": " "}, 422),
    ("/v1/edits", {"image_id": "img_unknown", "base_revision_id": "rev_1", "instruction": "make it night"}, 422),
]


async def test_a_resource_about_something_that_is_not_there(api: httpx.AsyncClient) -> None:
    for path, body, status in ABOUT_NOTHING:
        assert_refused(await api.post(path, json=body), status, case=body)
        assert (await api.get(path)).json()["items"] == []


async def test_an_unknown_mask_or_base_or_picture_of_an_edit(
    api: httpx.AsyncClient, conversation: Json, image_id: str
) -> None:
    edit = {"instruction": "make it night", "conversation_id": conversation["id"]}
    other = (await upload(api, png(colour="blue"))).json()["id"]
    plain = {"instruction": "make it night", "image_id": image_id, "mask_image_id": "img_unknown"}
    assert_refused(await api.post("/v1/edits", json=plain), 404)
    assert_refused(await api.post("/v1/edits", json={**edit, "base_revision_id": "rev_unknown"}), 404)
    assert_refused(await api.post("/v1/edits", json={**edit, "image_id": other}), 422)
    assert_refused(await say(api, conversation, {"text": "make it night", "base": "rev_unknown"}), 404)
    head = {"revision_id": "rev_unknown"}
    assert_refused(await api.put(conversation["urls"]["head"], json=head), 404)
    assert (await api.get("/v1/edits")).json()["items"] == []


PAGES: list[tuple[str, Json]] = [
    ("/v1/conversations", {"limit": 0}),
    ("/v1/conversations", {"limit": 101}),
    ("/v1/conversations", {"limit": "many"}),
    ("/v1/conversations", {"cursor": "nonsense"}),
    ("/v1/conversations", {"cursor": "x" * 300}),
    ("/v1/edits", {"status": "done"}),
    ("/v1/edits", {"cursor": "-1"}),
    ("/v1/studies", {"limit": 0}),
    ("/v1/studies", {"cursor": "nonsense"}),
]


async def test_a_page_that_is_none(api: httpx.AsyncClient) -> None:
    for path, params in PAGES:
        assert_refused(await api.get(path, params=params), 422, case=params)


async def test_a_rating_outside_of_its_scale(api: httpx.AsyncClient, conversation: Json) -> None:
    edit = (await say(api, conversation, {"text": "make it night"})).json()["edit"]
    for rating in ({"image_quality": 6, "satisfaction": 1}, {"image_quality": 1}, {"image_quality": 2.5}):
        assert_refused(await api.put(edit["urls"]["rating"], json=rating), 422)
    unfinished = {"image_quality": 5, "satisfaction": 5}
    assert_refused(await api.put(edit["urls"]["rating"], json=unfinished), 409, "edit-not-finished")
    assert_refused(await api.post(edit["urls"]["rerun"]), 409, "edit-not-finished")


async def test_headers_that_mean_nothing(api: httpx.AsyncClient, conversation: Json) -> None:
    urls = conversation["urls"]
    assert_refused(await api.get(urls["events"], headers={"Last-Event-ID": "seven"}), 422)
    body = {"text": "change it"}
    assert_refused(await api.post(urls["turns"], json=body, headers={"If-Match": "seven"}), 422)
    assert_refused(await api.post(urls["turns"], json=body, headers={"Idempotency-Key": "a b"}), 422)
    assert_refused(await api.post(urls["turns"], json=body, headers={"Idempotency-Key": "x" * 256}), 422)
    assert (await api.post(urls["turns"], json=body, headers={"Prefer": "wait=long"})).status_code == 200


async def test_a_path_or_a_method_that_is_none(api: httpx.AsyncClient) -> None:
    assert_refused(await api.get("/v1/nothing"), 404)
    assert_refused(await api.put("/v1/images"), 405)


async def test_the_default_limit_refuses_more_than_20_mib_by_its_declared_length(settings: Settings) -> None:
    async with serving(create_app(settings)) as (url, _), httpx.AsyncClient(base_url=url, trust_env=False) as api:
        answer = await upload(api, b"x" * (20 * 2**20 + 1))
        assert_refused(answer, 413, "body-too-large")
