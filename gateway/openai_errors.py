"""Errors below /openai/ as OpenAI tells them, so that its clients raise their own classes for them.

Everything else in this gateway speaks of problems (RFC 9457); they are translated here, on their way out.
"""

import json
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import RateLimited, Unauthorized
from shared.schemas.problem import Problem
from shared.web import PROBLEM_JSON

BELOW = "/openai/"
BAD_REQUEST = int(HTTPStatus.BAD_REQUEST)
STATUSES = {413: BAD_REQUEST, 415: BAD_REQUEST, 422: BAD_REQUEST}  # what OpenAI answers with 400
CODES = {Unauthorized.code: "invalid_api_key", RateLimited.code: "rate_limit_exceeded"}


def error_body(problem: Problem) -> dict[str, Any]:
    """The body of an OpenAI error; its code is OpenAI's where there is one, else the problem's with underscores."""
    error = {
        "message": problem.detail,
        "type": _type(problem.status),
        "param": problem.errors[0].field if problem.errors else None,
        "code": CODES.get(problem.code, problem.code.replace("-", "_")),
    }
    return {"error": error}


class OpenAIErrors:
    """Rewrites every problem that is told below /openai/; the outermost layer, so that it sees all of them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith(BELOW):
            send = _Rewriter(send)
        await self._app(scope, receive, send)


class _Rewriter:
    """Holds a problem back until all of it is there; passes on whatever else is sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._problem = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_problem(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._problem += message.get("body", b"")
            if not message.get("more_body", False):
                await self._tell(self._start, Problem.model_validate_json(self._problem))

    async def _tell(self, start: Message, problem: Problem) -> None:
        body = json.dumps(error_body(problem)).encode()
        start = {**start, "status": STATUSES.get(problem.status, problem.status)}
        headers = MutableHeaders(scope=start)
        headers["Content-Type"] = "application/json"
        headers["Content-Length"] = str(len(body))
        headers["X-Should-Retry"] = "true" if problem.retryable else "false"  # else clients repeat every 409 and 5xx
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body, "more_body": False})


def _is_problem(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith(PROBLEM_JSON)


def _type(status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "server_error"
    return "rate_limit_error" if status == HTTPStatus.TOO_MANY_REQUESTS else "invalid_request_error"
