"""All that a run leaves behind: what the clients saw, what Redis and the pictures hold, what the processes wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.client import Tenant
from tests.faults.journal import Exchange, Heard, Json
from tests.faults.records import Records

TERMINAL = frozenset({"succeeded", "failed", "canceled"})


@dataclass(frozen=True)
class Footprint:
    """What one process holds."""

    pid: int
    memory_mib: float
    descriptors: int


@dataclass(frozen=True)
class Evidence:
    """What the invariants are checked on."""

    exchanges: Sequence[Exchange]
    heard: Sequence[Heard]
    records: Records
    pictures: Path
    logs: str
    tenants: Sequence[Tenant]
    max_attempts: int
    before: Mapping[str, Footprint] = field(default_factory=dict)
    after: Mapping[str, Footprint] = field(default_factory=dict)
    recovery_s: float = 0.0
    budget_s: float = 0.0
    undecided: int = 0  # operations that had no answer when patience ended
    connections_may_break: bool = False  # a gateway was killed
    may_fail: frozenset[str] = frozenset()  # the codes with which edits may fail
    burst: int = 0  # connections at once beyond the usual
    left_mib: int = 0  # that an allocator may keep beyond the usual
    since: float = 0.0  # when this run began; what is older was judged before

    @property
    def recent(self) -> list[Exchange]:
        """The requests of this run."""
        return [exchange for exchange in self.exchanges if exchange.sent_at >= self.since]

    def accepted_edits(self) -> Iterator[tuple[Exchange, str]]:
        """Every success that promised an edit, with the edit's id."""
        for exchange in self.exchanges:
            if exchange.accepted and exchange.method == "POST":
                if exchange.path == "/v1/edits":
                    yield exchange, exchange.json["id"]
                elif exchange.path.endswith("/turns") and exchange.json.get("edit"):
                    yield exchange, exchange.json["edit"]["id"]

    def accepted_turns(self) -> Iterator[tuple[Exchange, str, Json]]:
        """Every success that promised a turn, with its conversation's id and the turn."""
        for exchange in self.exchanges:
            if exchange.accepted and exchange.method == "POST" and exchange.path.endswith("/turns"):
                yield exchange, exchange.path.split("/")[3], exchange.json

    def statuses_seen(self) -> dict[str, list[tuple[float, float, str]]]:
        """Of each edit: when a read of it began and ended, and the status that it told."""
        seen: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
        for exchange in self.exchanges:
            if not exchange.accepted or not exchange.path.startswith("/v1/edits"):
                continue
            if exchange.method == "POST" and not exchange.path.endswith("/cancel"):
                continue  # a repeated request gets its first answer, which tells of the past
            for edit in exchange.json.get("items", [exchange.json]):
                if "status" in edit:
                    seen[edit["id"]].append(
                        (exchange.sent_at, exchange.sent_at + (exchange.took_s or 0.0), edit["status"])
                    )
        return seen
