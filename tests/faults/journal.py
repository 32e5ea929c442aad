"""What the clients saw: one line of JSON for every request sent, answer got and event heard; only ever appended to."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Exchange:
    """One request as it was sent, and what came back: an answer, a broken connection, or nothing (yet)."""

    operation: str  # the same for all tries of one request
    tenant: str
    method: str
    path: str
    key: str | None
    wish: str | None  # words that no other operation uses: what comes of it can be told by them
    sent_at: float
    took_s: float | None = None
    status: int | None = None
    media_type: str = ""
    retry_after: str | None = None
    body: str = ""
    sha256: str | None = None  # of a body that is not text
    error: str | None = None  # why there is no answer
    cause: str | None = None  # and why that

    @property
    def accepted(self) -> bool:
        """Whether a success was answered."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def json(self) -> Json:
        """The body of an answer that is JSON; empty for any other."""
        try:
            content = json.loads(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class Heard:
    """One server-sent event that a follower heard, or `reset`, or how the following ended (`whole`)."""

    follower: str
    tenant: str
    stream: str  # the id that is followed: of an edit or a conversation
    id: int
    event: str
    data: Json


class Journal:
    """Writes and reads the clients' log."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._path = path
        self._numbers = count()

    def sent(self, exchange: Exchange) -> int:
        """Tell of a request before its first byte leaves; the number names it for `answered`."""
        number = next(self._numbers)
        self._write("sent", number=number, **exchange.__dict__)
        return number

    def answered(self, number: int, **outcome: Any) -> None:
        """Tell what became of a request."""
        self._write("answered", number=number, outcome=outcome)

    def heard(self, heard: Heard) -> None:
        """Tell of an event."""
        self._write("heard", **heard.__dict__)

    def mark(self, what: str) -> None:
        """Tell what was done to the system."""
        self._write("mark", what=what)

    def read(self) -> tuple[list[Exchange], list[Heard]]:
        """All requests in the order in which they were sent, and all that was heard."""
        exchanges: dict[int, Exchange] = {}
        heard = []
        for line in self._lines():
            match line.pop("kind"):
                case "sent":
                    number = line.pop("number")
                    exchanges[number] = Exchange(**line)
                case "answered":
                    exchanges[line["number"]] = replace(exchanges[line["number"]], **line["outcome"])
                case "heard":
                    heard.append(Heard(**line))
        return list(exchanges.values()), heard

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _lines(self) -> Iterator[Json]:
        for text in self._path.read_text(encoding="utf-8").splitlines():
            line = json.loads(text)
            line.pop("at")
            yield line

    def _write(self, kind: str, **fields: Any) -> None:
        self._file.write(json.dumps({"kind": kind, "at": time.time(), **fields}, ensure_ascii=False) + "\n")
