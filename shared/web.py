"""What both HTTP processes do alike: errors become problem+json, every request has an id and a log line."""

import math
import re
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import get_current_span
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import TYPE_PREFIX, DialogPaintError, InvalidRequest, NoMemory, Unauthorized
from shared.ids import new_id
from shared.schemas.problem import FieldError, Problem

log = structlog.get_logger(__name__)

KEEP_ALIVE_S = 75
"""How long a server keeps an idle connection: longer than clients and proxies do, so that none is cut as it is used."""
MEMORY_COMES_BACK_S = 2.0
LACKS = ("can't start new thread", "can't allocate memory")  # what Python and PyTorch say as a plain RuntimeError
PROBLEM_JSON = "application/problem+json"
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
PLACES = frozenset({"body", "query", "path", "header", "cookie"})
OURS = re.compile(r"^[A-Za-z0-9._-]{1,64}$")  # request ids of a caller that we take over
MOST_FIELD_ERRORS = 50  # told of: a body can be wrong in more places than anybody reads
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
HTTP_CODES = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large", 415: "unsupported-media-type"}
HTTP_DETAILS = {
    404: "There is nothing at this path; /docs lists what there is.",
    405: "This path does not take this method; the Allow header names those it takes.",
}

TRACED: TelemetryConfig = {
    "metrics": False,
    "logs": False,  # they would hold what users wrote
    "operation_spans": False,
    "exclude": lambda scope: scope["path"] in PROBES,
}
"""What FastAPI tells of requests, once `configure_tracing` has said where to: their spans alone."""

Observe = Callable[[str, str, int, float], None]  # method, route, status, seconds


def install_web(app: FastAPI, observe: Observe | None = None) -> None:
    """Give an app our error answers and request ids; call it after every other `add_middleware`."""
    app.add_exception_handler(DialogPaintError, _known_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(RequestIdMiddleware, observe=observe)


def request_id(request: Request) -> str:
    """The id of this request, as it is in its answer and its log lines."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def problem_response(error: DialogPaintError, request_id: str) -> Response:
    """The answer that tells of one of our errors."""
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if error.status == Unauthorized.status:
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(error.problem(request_id), headers)


def plain_problem(status: int, detail: str | None, name: str) -> Response:
    """The answer that tells of an error of HTTP itself; `detail` says more than the phrase of the status does."""
    phrase = HTTPStatus(status).phrase
    code = HTTP_CODES.get(status, phrase.lower().replace(" ", "-"))
    retryable = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    problem = Problem(
        type=f"{TYPE_PREFIX}{code}",
        title=phrase,
        status=status,
        code=code,
        detail=HTTP_DETAILS.get(status, f"{phrase}.") if detail in (None, phrase) else str(detail),
        retryable=retryable,
        request_id=name,
    )
    return _answer(problem, {})


class RequestIdMiddleware:
    """The outermost layer: names the request, logs it, and turns whatever still escapes into a plain 500."""

    def __init__(self, app: ASGIApp, observe: Observe | None = None) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        name = asked if OURS.match(asked) else new_id("req")
        scope.setdefault("state", {})["request_id"] = name
        answer = _Answer(send, name)
        began = time.perf_counter()
        get_current_span().set_attribute("request_id", name)
        with structlog.contextvars.bound_contextvars(request_id=name):
            await self._serve(scope, receive, answer, name)
            self._tell(scope, answer.status, time.perf_counter() - began)

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer", name: str) -> None:
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            log.debug("client_left")
        except DialogPaintError as error:  # from another middleware
            await problem_response(error, name)(scope, receive, answer)
        except Exception as error:
            told = unexpected(error, method=scope["method"], path=scope["path"])
            if answer.started:
                raise
            await problem_response(told, name)(scope, receive, answer)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        if self._observe is not None:
            self._observe(scope["method"], route, status, seconds)
        write = log.debug if scope["path"] in PROBES else log.info
        write("http_request", method=scope["method"], route=route, status=status, duration_s=round(seconds, 4))


class _Answer:
    """Passes an answer on with its request id; a plain-text error, which no handler of ours made, is rewritten."""

    def __init__(self, send: Send, name: str) -> None:
        self._send = send
        self._name = name
        self._replaced = False
        self.started = False
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._start(message)
        elif not self._replaced:
            await self._send(message)

    async def _start(self, message: Message) -> None:
        self.started, self.status = True, message["status"]
        headers = MutableHeaders(scope=message)
        if message["status"] >= HTTPStatus.BAD_REQUEST and headers.get("content-type", "").startswith("text/plain"):
            self._replaced = True
            answer = plain_problem(message["status"], None, self._name)
            message = {**message, "headers": answer.raw_headers}
            headers = MutableHeaders(scope=message)
        headers["X-Request-ID"] = self._name
        headers.setdefault("X-Content-Type-Options", "nosniff")
        await self._send(message)
        if self._replaced:
            await self._send({"type": "http.response.body", "body": bytes(answer.body), "more_body": False})


def unexpected(error: Exception, **where: str) -> DialogPaintError:
    """Log an error that nobody expected; what a caller is told: of a bug nothing, of a lack of memory to come back."""
    known: BaseException | None = error
    while known is not None:
        if isinstance(known, MemoryError) or (
            isinstance(known, RuntimeError) and any(no in str(known) for no in LACKS)
        ):
            log.error("no_memory", **where)  # a traceback would need more of it
            return NoMemory(retry_after_s=MEMORY_COMES_BACK_S)
        known = known.__cause__ or known.__context__
    log.error("request_failed", exc_info=error, **where)
    return DialogPaintError()


async def _known_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DialogPaintError)
    return problem_response(error, request_id(request))


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [FieldError(field=_field(each), message=each["msg"]) for each in error.errors()[:MOST_FIELD_ERRORS]]
    first = f"{fields[0].field}: {fields[0].message}" if fields else None
    return problem_response(InvalidRequest(first, errors=fields), request_id(request))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = plain_problem(error.status_code, error.detail, request_id(request))
    answer.headers.update(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # Starlette names those of the first route alone
        answer.headers["Allow"] = ", ".join(_methods_of(request))
    return answer


def _methods_of(request: Request) -> list[str]:
    """The methods that some route takes at this path."""
    asked = {"type": "http", "path": request.scope["path"], "root_path": request.scope.get("root_path", "")}
    scopes = [{**asked, "method": method, "headers": []} for method in METHODS]
    matching = (scope for scope in scopes if any(r.matches(scope)[0] is Match.FULL for r in request.app.routes))
    return [str(scope["method"]) for scope in matching]


def _field(wrong: Mapping[str, Any]) -> str:
    """`("body", "parameters", "steps")` as `parameters.steps`."""
    if wrong["type"] == "json_invalid":  # its place is a byte offset
        return "body"
    parts = [str(part) for part in wrong["loc"]]
    if len(parts) > 1 and parts[0] in PLACES:
        parts = parts[1:]
    return ".".join(parts)


def _answer(problem: Problem, headers: dict[str, str]) -> Response:
    content = problem.model_dump_json(exclude_none=True)
    return Response(content, problem.status, {"Cache-Control": "no-store", **headers}, media_type=PROBLEM_JSON)
