"""What Redis and the pictures' folder hold: read directly, past every process of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.broker import QUEUE_EDITS
from shared.storage.client import SyncRedis, connect_worker
from shared.storage.keys import LEASES, OPEN, OUTBOX, QUEUED

Fields = Mapping[str, str]
TENANTS_OF_OPEN = "dp:tenants"


@dataclass(frozen=True)
class StoredEvent:
    """One entry of an event stream."""

    id: int
    event: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class StoredConversation:
    """A conversation with its turns and revisions."""

    tenant: str
    id: str
    fields: Fields
    turns: Sequence[Mapping[str, str]]
    revisions: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class StoredEdit:
    """An edit's record."""

    tenant: str
    id: str
    fields: Fields

    @property
    def status(self) -> str:
        """Its status."""
        return self.fields["status"]

    @property
    def error_code(self) -> str | None:
        """What it failed with."""
        code: str | None = json.loads(self.fields.get("error", "{}")).get("code")
        return code

    @property
    def attempt(self) -> int:
        """How often it was begun."""
        return int(self.fields["attempt"])

    @property
    def image_ids(self) -> list[str]:
        """The pictures that it made."""
        return list(json.loads(self.fields.get("image_ids", "[]")))


@dataclass(frozen=True)
class Records:
    """Everything at one moment."""

    edits: Mapping[str, StoredEdit]
    conversations: Mapping[str, StoredConversation]
    images: Mapping[str, tuple[str, Fields]]  # by id: whose, and what is known of it
    streams: Mapping[str, Sequence[StoredEvent]]  # by the id of an edit or conversation
    pending: Mapping[str, int] = field(default_factory=dict)  # what should be empty when all is done

    def stream_of(self, edit: StoredEdit) -> Sequence[StoredEvent]:
        """The events about one edit."""
        stream = self.streams.get(edit.fields.get("conversation_id", edit.id), ())
        return [event for event in stream if event.data.get("edit_id") == edit.id]


def read_records(redis_url: str) -> Records:
    """Read all of it."""
    redis = connect_worker(redis_url)
    try:
        return _read(redis)
    finally:
        redis.close()


def pending(redis_url: str) -> dict[str, int]:
    """How much there is of what should be empty when all is done."""
    redis = connect_worker(redis_url)
    try:
        return _pending(redis)
    finally:
        redis.close()


def file_of(pictures: Path, fields: Fields) -> bytes | None:
    """The bytes of a picture; None if there are none."""
    try:
        return (pictures / fields["file"]).read_bytes()
    except FileNotFoundError:
        return None


def _read(redis: SyncRedis) -> Records:
    edits, conversations, images, streams = {}, {}, {}, {}
    for key in redis.scan_iter("dp:t:*", count=1000):
        _, _, tenant, kind, *rest = key.split(":")
        if len(rest) != 1:
            continue
        [name] = rest
        if kind == "edit":
            edits[name] = StoredEdit(tenant, name, redis.hgetall(key))
        elif kind == "image":
            images[name] = (tenant, redis.hgetall(key))
        elif kind == "events":
            streams[name] = [_event(*entry) for entry in redis.xrange(key)]
        elif kind == "conversation":
            turns = [json.loads(text) for text in redis.lrange(f"{key}:turns", 0, -1)]
            revisions = {each: json.loads(text) for each, text in redis.hgetall(f"{key}:revisions").items()}
            conversations[name] = StoredConversation(tenant, name, redis.hgetall(key), turns, revisions)
    return Records(edits, conversations, images, streams, _pending(redis))


def _pending(redis: SyncRedis) -> dict[str, int]:
    return {
        "open edits": redis.zcard(OPEN),
        "queued edits": redis.zcard(QUEUED),
        "leases": redis.zcard(LEASES),
        "owners of open edits": redis.hlen(TENANTS_OF_OPEN),
        "outbox entries": redis.xlen(OUTBOX),
        "messages": redis.llen(QUEUE_EDITS),
    }


def _event(entry_id: str, fields: Fields) -> StoredEvent:
    return StoredEvent(int(entry_id.partition("-")[0]), fields["event"], json.loads(fields["data"]))
