"""HTTP/1.1 as bytes on a socket, for what no client library would send."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse

PROBLEM_JSON = "application/problem+json"
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 if the connection was closed without an answer."""

    status: int
    content_type: str
    body: bytes


def ask(port: int, request: bytes, method: str = "GET") -> Answer:
    """Send the bytes, and read the first answer to them."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
        with suppress(OSError):  # refused before all of it was read: the answer is there
            connection.sendall(request)
        answer = HTTPResponse(connection, method=method)
        try:
            answer.begin()
            return Answer(answer.status, answer.headers.get("content-type", ""), answer.read())
        except (HTTPException, OSError):
            return Answer(0, "", b"")


def request(line: str, *headers: str | bytes, body: bytes = b"") -> bytes:
    """A request of these lines; Host and Connection: close come by themselves."""
    given = [header if isinstance(header, bytes) else header.encode() for header in headers]
    lines = [line.encode(), b"Host: 127.0.0.1", b"Connection: close", *given]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def assert_told(answer: Answer, case: object) -> None:
    """Check that an answer is no error of ours, and that a refusal is a problem that a person can act on."""
    assert 0 < answer.status < 500, (case, answer)
    if answer.status >= 400 and answer.body:
        told = json.loads(answer.body)
        assert answer.content_type in (PROBLEM_JSON, "application/json"), (case, answer)
        assert len(told["error"]["message"] if "error" in told else told["detail"]) > 10, (case, answer)
    elif answer.status >= 400:  # the answer to a HEAD has no body
        assert answer.content_type in (PROBLEM_JSON, "application/json"), (case, answer)
