"""Errors as problem+json, request ids, the log line."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.testclient import TestClient
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import PlainTextResponse, Response

from shared.errors import EditInProgress, NotFound, QueueFull, Unauthorized
from shared.schemas.turn import TurnRequest
from shared.web import PROBLEM_JSON, install_web, request_id

Observed = tuple[str, str, int]


@pytest.fixture
def observed() -> list[Observed]:
    """What the metrics were told."""
    return []


@pytest.fixture
def client(observed: list[Observed]) -> Iterator[TestClient]:
    """An app that can go wrong in every way we know."""
    app = FastAPI()
    failures: dict[str, Exception] = {
        "not-found": NotFound(),
        "queue-full": QueueFull(retry_after_s=2.2),
        "in-progress": EditInProgress("edit_1"),
        "unauthorized": Unauthorized(),
        "bug": RuntimeError("the secret of the house"),
        "memory": MemoryError(),
        "thread": RuntimeError("can't start new thread"),
        "tensor": RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 10 bytes"),
        "teapot": HTTPException(418, "I am one", headers={"X-Pot": "tea"}),
    }

    @app.get("/fail/{name}")
    def fail(name: str) -> None:
        raise failures[name]

    @app.post("/turns")
    def turns(said: TurnRequest, page: int = 0) -> str:
        return f"{said.text} {page}"

    @app.patch("/turns")
    def change() -> None:
        raise NotImplementedError

    @app.get("/plain")
    def plain() -> Response:
        return PlainTextResponse("too much", 413)

    @app.get("/name")
    def name(request: Request) -> str:
        return request_id(request)

    app.add_middleware(BaseHTTPMiddleware, dispatch=_refuse_early)
    install_web(app, lambda method, route, status, _: observed.append((method, route, status)))
    with TestClient(app) as opened:
        yield opened


async def _refuse_early(request: Request, call_next: Any) -> Response:
    if request.url.path == "/early":
        raise Unauthorized("No key.")
    answer: Response = await call_next(request)
    return answer


def problem(client: TestClient, path: str, status: int) -> dict[str, Any]:
    """The problem that a path answers with."""
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM_JSON
    body: dict[str, Any] = answer.json()
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def test_our_errors_become_problems(client: TestClient) -> None:
    assert problem(client, "/fail/not-found", 404)["code"] == "not-found"
    assert problem(client, "/fail/in-progress", 409)["edit_id"] == "edit_1"


def test_a_retryable_error_says_when(client: TestClient) -> None:
    answer = client.get("/fail/queue-full")
    assert answer.headers["retry-after"] == "3"
    assert answer.json()["retryable"] is True


def test_a_missing_key_says_how_to_authenticate(client: TestClient) -> None:
    assert client.get("/fail/unauthorized").headers["www-authenticate"] == "Bearer"


def test_a_bug_is_a_plain_500_that_tells_nothing(client: TestClient) -> None:
    answer = client.get("/fail/bug")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal-error"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("lack", ["memory", "thread", "tensor"])
def test_a_process_out_of_memory_asks_to_come_back(client: TestClient, lack: str) -> None:
    answer = client.get(f"/fail/{lack}")
    assert (answer.status_code, answer.json()["code"]) == (503, "no-memory")
    assert int(answer.headers["retry-after"]) > 0


def test_an_error_in_another_middleware_is_a_problem_too(client: TestClient) -> None:
    assert problem(client, "/early", 401)["detail"] == "No key."


def test_http_errors_keep_their_headers_and_become_problems(client: TestClient) -> None:
    assert problem(client, "/fail/teapot", 418)["detail"] == "I am one"
    assert client.get("/fail/teapot").headers["x-pot"] == "tea"
    assert problem(client, "/nowhere", 404)["code"] == "not-found"
    assert problem(client, "/turns", 405)["code"] == "method-not-allowed"


def test_a_refused_method_is_told_all_that_the_path_takes(client: TestClient) -> None:
    assert client.get("/turns").headers["allow"] == "POST, PATCH"
    assert client.post("/plain").headers["allow"] == "GET"


def test_no_more_wrong_fields_are_named_than_anybody_reads(client: TestClient) -> None:
    told = client.post("/turns", json={"text": "hi", **{f"field{number}": 1 for number in range(500)}}).json()
    assert len(told["errors"]) == 50


def test_a_plain_text_error_is_rewritten(client: TestClient) -> None:
    assert problem(client, "/plain", 413)["code"] == "body-too-large"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"text": ""}', "text"),
        ('{"text": "hi", "parameters": {"steps": NaN}}', "parameters.steps"),
        ('{"text": "hi", "parameters": {"steps": "5"}}', "parameters.steps"),
        ('{"text": "hi", "colour": 1}', "colour"),
        ('{"text": "\\ud800"}', "text"),
        ("{", "body"),
        ("", "body"),
        ("[]", "body"),
    ],
)
def test_invalid_bodies_name_the_field(client: TestClient, body: str, field: str) -> None:
    answer = client.post("/turns", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    found = answer.json()
    assert found["code"] == "invalid-request"
    assert field in [each["field"] for each in found["errors"]]
    assert all(each["message"] for each in found["errors"])


def test_invalid_query_parameters_are_named_without_their_place(client: TestClient) -> None:
    answer = client.post("/turns?page=x", json={"text": "hi"})
    assert [each["field"] for each in answer.json()["errors"]] == ["page"]


def test_a_callers_request_id_is_kept_if_it_is_harmless(client: TestClient) -> None:
    assert client.get("/name", headers={"X-Request-ID": "abc-1"}).json() == "abc-1"
    assert client.get("/name", headers={"X-Request-ID": "a b\x7f"}).json().startswith("req_")


def test_requests_are_observed_by_route_and_not_by_path(client: TestClient, observed: list[Observed]) -> None:
    client.get("/fail/not-found")
    client.get("/nowhere")
    assert observed == [("GET", "/fail/{name}", 404), ("GET", "unmatched", 404)]
