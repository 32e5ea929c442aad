"""Requests that no client would make: each is answered as promised, refused as a problem, and never breaks anything."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import httpx
import pytest

from tests.hostile.gateway_process import SAMPLE, GatewayProcess, Json, problem_of
from tests.hostile.odd_requests import BODIES, HEADERS, IDS, PATHS, RAW, TEXTS, TURN, TYPES, WRONG
from tests.hostile.raw_http import ask, assert_told, request


@pytest.fixture(scope="module")
def conversation(gateway: GatewayProcess) -> Json:
    """A conversation about a sample."""
    begun = httpx.post(f"{gateway.url}/v1/conversations", json={"image_id": SAMPLE}, trust_env=False)
    created: Json = begun.raise_for_status().json()
    return created


@pytest.fixture(scope="module")
def edit(gateway: GatewayProcess) -> Json:
    """An edit that is over."""
    body = {"image_id": SAMPLE, "instruction": "make it night"}
    answer = httpx.post(f"{gateway.url}/v1/edits", json=body, headers={"Prefer": "wait=20"}, trust_env=False)
    made: Json = answer.raise_for_status().json()
    return made


def broken(body: Json) -> Iterator[Json]:
    """The body with each of its fields, at any depth, replaced by each of the wrong values, or named otherwise."""
    for name, value in body.items():
        for wrong in WRONG:
            yield {**body, name: wrong}
        yield {**body, f"{name}\x00": value}
        yield {**body, name * 500: value}
        if isinstance(value, dict):
            yield from ({**body, name: inner} for inner in broken(value))


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_every_field_of_a_wrong_type(api: httpx.Client, conversation: Json, edit: Json, method: str, path: str) -> None:
    url = path.format(conversation=conversation["id"], edit=edit["id"])
    for body in broken(BODIES[method, path]):
        answer = api.request(method, url, content=json.dumps(body), headers={"Content-Type": "application/json"})
        if not answer.is_success:
            problem_of(answer, body)


def test_json_that_is_odd_is_read_or_refused(api: httpx.Client, conversation: Json) -> None:
    urls = conversation["urls"]
    for (name, body), key in product(TEXTS.items(), (None, "odd")):
        headers = {
            "Content-Type": "application/json",
            **({"Idempotency-Key": f"{key} {name}".replace(" ", "-")} if key else {}),
        }
        for method, url in (("POST", urls["turns"]), ("PATCH", urls["self"]), ("PUT", urls["head"])):
            answer = api.request(method, url, content=body, headers=headers)
            if not answer.is_success:
                problem_of(answer, (name, url))


def test_json_under_any_name(api: httpx.Client, conversation: Json) -> None:
    for media_type in TYPES:
        answer = api.post(conversation["urls"]["turns"], content=TURN, headers={"Content-Type": media_type})
        if not answer.is_success:
            problem_of(answer, media_type)


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_with_an_odd_value(gateway: GatewayProcess, conversation: Json, edit: Json, name: str) -> None:
    urls = conversation["urls"]
    for value in HEADERS[name]:
        header = name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        typed = () if name == "Content-Type" else ("Content-Type: application/json",)
        for line, body in (
            (f"POST {urls['turns']} HTTP/1.1", TURN),
            (f"GET {urls['self']} HTTP/1.1", b""),
            (f"GET {edit['urls']['events']} HTTP/1.1", b""),
            (f"GET {edit['urls']['images'][0]} HTTP/1.1", b""),
            (f"DELETE {urls['self']}x HTTP/1.1", b""),
            ("POST /openai/v1/images/edits HTTP/1.1", b"{}"),
        ):
            answer = ask(gateway.port, request(line, *typed, header, f"Content-Length: {len(body)}", body=body))
            assert_told(answer, (header[:60], line))


@pytest.mark.parametrize("name", RAW)
def test_http_that_is_odd(gateway: GatewayProcess, name: str) -> None:
    answer = ask(gateway.port, RAW[name])
    assert_told(answer, name)
    assert ask(gateway.port, request("GET /livez HTTP/1.1")).status == 200


def test_an_id_that_is_none_is_not_found_and_changes_nothing(api: httpx.Client, conversation: Json, edit: Json) -> None:
    urls = conversation["urls"]
    before = [api.get(urls[part]).json() for part in ("self", "revisions")]
    real = {"conversations": conversation["id"], "edits": edit["id"], "images": edit["image_ids"][0]}
    for (method, path, body), shape in product(PATHS, IDS):
        kind = path.split("/")[2]
        answer = api.request(method, path.format(shape.format(id=real.get(kind, "x"))), json=body)
        if not answer.is_success:
            problem_of(answer, (method, path, shape))
    after = [api.get(urls[part]).json() for part in ("self", "revisions")]
    assert after[1] == before[1]
    assert after[0]["root_image_id"] == before[0]["root_image_id"]


def test_an_id_can_not_reach_beside_its_record(api: httpx.Client) -> None:
    conversation = api.post("/v1/conversations", json={"image_id": SAMPLE}).json()
    for part, (method, body) in product(
        ("turns", "revisions", "edits"), (("GET", None), ("PATCH", {"title": "hostile"}), ("DELETE", None))
    ):
        answer = api.request(method, f"/v1/conversations/{conversation['id']}:{part}", json=body)
        assert problem_of(answer, (method, part))["status"] == 404, (method, part)
    assert api.get(conversation["urls"]["self"]).json() == conversation
    assert len(api.get(conversation["urls"]["revisions"]).json()["items"]) == 1


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def test_every_path_answers_every_method(api: httpx.Client, gateway: GatewayProcess) -> None:
    described: dict[str, Any] = api.get("/openapi.json").json()["paths"]
    for path, method in product([*described, "/", "/docs", "/studio/app.js", "/nothing", "/v1", "/v1/"], METHODS):
        target = path.replace("{", "").replace("}", "")
        answer = ask(gateway.port, request(f"{method} {target} HTTP/1.1", "Content-Length: 0"), method)
        assert_told(answer, (method, path))
        if path in described and method.lower() not in described[path] and method != "HEAD":
            assert answer.status == 405, (method, path, answer)
