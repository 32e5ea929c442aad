"""A lean HTTP client, the same for all sides: the load must not cost what the server should have."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from benchmarks.sides import SideFailed

LONGEST_S = 120.0
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] | None = None
    patience_s: float | None = None


class Http:
    """Connections to one server, kept open between requests; safe for threads."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 80
        self._idle: queue.LifoQueue[HTTPConnection] = queue.LifoQueue()

    def ask(self, wanted: Ask) -> bytes:
        """Give the body of the answer; raise TimeoutError when the patience ends first, SideFailed for all else."""
        while True:
            kept = self._take()
            try:
                return self._ask(kept or HTTPConnection(self._host, self._port), wanted)
            except ConnectionError as error:
                if kept is None:  # one that was kept may have been closed by the server in the meantime
                    raise SideFailed(f"{wanted.method} {wanted.path}: {error!r}") from error

    def close(self) -> None:
        """Close what is open and idle."""
        while (connection := self._take()) is not None:
            connection.close()

    def _take(self) -> HTTPConnection | None:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return None

    def _ask(self, connection: HTTPConnection, wanted: Ask) -> bytes:
        connection.timeout = wanted.patience_s or LONGEST_S
        try:
            if connection.sock is not None:
                connection.sock.settimeout(connection.timeout)
            connection.request(wanted.method, wanted.path, wanted.body, dict(wanted.headers or {}))
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException) as error:
            connection.close()
            if isinstance(error, OSError):
                raise
            raise SideFailed(f"{wanted.method} {wanted.path}: {error!r}") from error
        self._idle.put(connection)
        if answer.status >= 400:
            raise SideFailed(f"{wanted.method} {wanted.path}: {answer.status} {body[:200]!r}")
        return body
