"""Reading a stream of server-sent events as a client does, as far as it goes now."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx

from tests.hostile.gateway_process import Json

HEARTBEAT = ": heartbeat"
TERMINAL = ("edit.succeeded", "edit.failed", "edit.canceled")


@dataclass(frozen=True)
class Told:
    """One event."""

    id: int
    kind: str
    data: Json

    @property
    def is_terminal(self) -> bool:
        """Whether it tells of an edit's end."""
        return self.kind in TERMINAL


def events_of(api: httpx.Client, url: str, after: int = 0) -> list[Told]:
    """All events behind `after` until now: what was is told before the first heartbeat."""
    with api.stream("GET", f"{url}/events", headers={"Last-Event-ID": str(after)}) as stream:
        assert stream.status_code == 200
        return list(parse(stream.iter_lines()))


def parse(lines: Iterable[str]) -> Iterator[Told]:
    """Events out of the lines of a stream, up to its end or its first heartbeat."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line == HEARTBEAT:
            return
        if name:
            fields[name] = value
        elif fields:
            yield Told(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}
