"""The few REST calls that the demo and the end-to-end tests need, each one line of HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

TERMINAL = ("succeeded", "failed", "canceled")
Json = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    id: str
    name: str
    data: Json


class Api:
    """A running gateway; every call raises httpx.HTTPStatusError for what is not a success."""

    def __init__(self, base_url: str, key: str | None = None) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(base_url=base_url, headers=headers, timeout=75, trust_env=False)

    def samples(self) -> list[Json]:
        """The pictures that come with the gateway."""
        items: list[Json] = self._json("GET", "/v1/samples")["items"]
        return items

    def picture(self, url: str) -> bytes:
        """The bytes behind a picture's url."""
        return self.http.get(url).raise_for_status().content

    def upload(self, picture: bytes, media_type: str = "image/png") -> str:
        """Store a picture; its id."""
        image_id: str = self._json("POST", "/v1/images", content=picture, headers={"Content-Type": media_type})["id"]
        return image_id

    def converse(self, image_id: str, **more: Any) -> Json:
        """Begin a conversation about a stored picture."""
        return self._json("POST", "/v1/conversations", json={"image_id": image_id, **more})

    def conversation(self, conversation_id: str) -> Json:
        """A conversation as it is now."""
        return self._json("GET", f"/v1/conversations/{conversation_id}")

    def say(self, conversation_id: str, text: str, wait_s: int = 0, headers: Json | None = None, **more: Any) -> Json:
        """Take a turn, holding the answer up to `wait_s` seconds for its edit; the Turn."""
        prefer = {"Prefer": f"wait={wait_s}"} if wait_s else {}
        path = f"/v1/conversations/{conversation_id}/turns"
        return self._json("POST", path, json={"text": text, **more}, headers={**prefer, **(headers or {})})

    def revisions(self, conversation_id: str) -> list[Json]:
        """The conversation's tree of revisions."""
        items: list[Json] = self._json("GET", f"/v1/conversations/{conversation_id}/revisions")["items"]
        return items

    def move_head(self, conversation_id: str, revision_id: str) -> Json:
        """Undo, redo or branch: the next turn starts from this revision."""
        return self._json("PUT", f"/v1/conversations/{conversation_id}/head", json={"revision_id": revision_id})

    def submit(self, image_id: str, instruction: str, headers: Json | None = None, **more: Any) -> Json:
        """Queue an edit without a conversation."""
        body = {"image_id": image_id, "instruction": instruction, **more}
        return self._json("POST", "/v1/edits", json=body, headers=headers or {})

    def edit(self, edit_id: str) -> Json:
        """An edit as it is now."""
        return self._json("GET", f"/v1/edits/{edit_id}")

    def cancel(self, edit_id: str) -> Json:
        """Ask an edit to stop."""
        return self._json("POST", f"/v1/edits/{edit_id}/cancel")

    def finished(self, edit_id: str, patience_s: float = 120) -> Json:
        """The edit once it has reached a terminal status; TimeoutError when it has not in time."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            edit = self.edit(edit_id)
            if edit["status"] in TERMINAL:
                return edit
            time.sleep(0.1)
        raise TimeoutError(f"edit {edit_id} is not finished after {patience_s:.0f} s: {edit}")

    def events(self, path: str, after: str | None = None, timeout_s: float = 75) -> Iterator[Event]:
        """Server-sent events from an events path, as they come, replayed from behind the id `after`."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        with self.http.stream("GET", path, headers=headers, timeout=timeout_s) as stream:
            stream.raise_for_status()
            fields: dict[str, str] = {}
            for line in stream.iter_lines():
                name, _, value = line.partition(":")
                if name:
                    fields[name] = value.removeprefix(" ")
                elif "data" in fields:
                    yield Event(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
                    fields = {}

    def events_so_far(self, path: str, quiet_s: float = 0.2) -> list[Event]:
        """All events of a stream until it ends or says nothing for `quiet_s` seconds."""
        seen: list[Event] = []
        with suppress(httpx.ReadTimeout):
            for event in self.events(path, after="0", timeout_s=quiet_s):
                seen.append(event)  # one by one: an extend would lose them all at the timeout
        return seen

    def _json(self, method: str, path: str, **request: Any) -> Json:
        answer: Json = self.http.request(method, path, **request).raise_for_status().json()
        return answer
