"""Server-sent events: from bytes as they arrive to events."""

import json

from dialogpaint.models import Event


class Parser:
    """Takes the bytes of one `text/event-stream`, in whatever pieces, and gives its events.

    `last_id` is the id of the last event, from which the next connection goes on.
    """

    def __init__(self, last_id: int = 0) -> None:
        self.last_id = last_id
        self._rest = b""
        self._fields: dict[str, str] = {}

    def feed(self, piece: bytes) -> list[Event]:
        """Return the events that this piece completes; raises ValueError for what is no event of ours."""
        *lines, self._rest = (self._rest + piece).split(b"\n")  # not splitlines: U+2028 and others stay in their line
        return [event for line in lines if (event := self._line(line.removesuffix(b"\r").decode())) is not None]

    def _line(self, line: str) -> Event | None:
        if line:
            name, _, content = line.partition(":")
            self._fields[name] = content.removeprefix(" ")  # a comment's name is empty; nobody reads it
            return None
        fields, self._fields = self._fields, {}
        if "data" not in fields:
            return None
        self.last_id = int(fields.get("id", self.last_id))
        data = json.loads(fields["data"])
        if not isinstance(data, dict):
            raise ValueError("its data is no object")
        return Event(id=self.last_id, event=fields.get("event", "message"), at=data.pop("at", None), data=data)
