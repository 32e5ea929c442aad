"""HTTP/1.1 as the gateway reads it: what is none is refused as a problem, and no head is long, or long in coming."""

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.ids import new_id
from shared.web import plain_problem

MAX_HEAD = 64 * 1024  # bytes of a request's line and headers, as in other servers; uvicorn with httptools has no limit
HEAD_WITHIN_S = 60.0  # from the first byte, or from the connection; uvicorn would keep an idle connection for ever
LINGER_S = 1.0  # for what a refused client is still sending: closed at once, it might never read the refusal


class Protocol(HttpToolsProtocol):
    """One connection."""

    head_within_s = HEAD_WITHIN_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._not_understood = 0  # bytes since the last part of a request was complete
        self._refused = False
        self._head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what came, unless the connection is refused already."""
        if self._refused:
            return
        self._not_understood += len(data)
        super().data_received(data)
        if self._not_understood > MAX_HEAD and not self._refused:
            detail = f"Send at most {MAX_HEAD} bytes of headers."
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        self._wait_for_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to answer it."""
        self._stop_waiting()
        self._not_understood = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass on a part of the body."""
        self._not_understood = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._not_understood = 0
        super().on_message_complete()

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._head_due = asyncio.get_running_loop().call_later(self.head_within_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()

    def _give_up(self) -> None:
        if self._not_understood:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"Send all headers within {self.head_within_s:.0f} seconds.")
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        self._refused = True
        unanswered = self.cycle if self.cycle is not None and not self.cycle.response_complete else None
        if unanswered is None or not unanswered.response_started:
            answer = plain_problem(status, detail, new_id("req"))
            headers = b"".join(name + b": " + value + b"\r\n" for name, value in answer.raw_headers)
            line = f"HTTP/1.1 {status.value} {status.phrase}\r\nconnection: close\r\n".encode()
            self.transport.write(line + headers + b"\r\n" + bytes(answer.body))
        if unanswered is not None:  # for the application the client has left
            unanswered.disconnected = True
            unanswered.message_event.set()
        asyncio.get_running_loop().call_later(LINGER_S, self.transport.close)
