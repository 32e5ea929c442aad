"""How a row of the fault matrix is written down, and how what comes of it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.evidence import Evidence
from tests.faults.stack import QUICK

if TYPE_CHECKING:
    from tests.faults.session import Session

BUSY_S = float(QUICK["DIALOGUE_TIMEOUT_S"]) + 30
"""How long an idempotency key stays busy whose gateway was lost before the effect."""


@dataclass(frozen=True)
class Plan:
    """How one run goes."""

    load_s: float = 10.0
    rate: float = 5.0


@dataclass(frozen=True)
class Outcome:
    """What came of one run."""

    fault: str
    seed: int
    accepted: int
    terminal: int
    recovery_s: float
    violations: list[str]
    notes: Mapping[str, object] = field(default_factory=dict)


def nothing_more(_session: Session, _evidence: Evidence) -> Iterable[str]:
    """For faults of which nothing is promised beyond the invariants."""
    return ()


@dataclass(frozen=True)
class Fault:
    """One row of the fault matrix."""

    number: str
    name: str
    do: Callable[[Session], Awaitable[None]]
    check: Callable[[Session, Evidence], Iterable[str]] = nothing_more
    budget_s: float = BUSY_S + 8
    breaks_connections: bool = False
    may_fail: frozenset[str] = frozenset()
    settings: Mapping[str, str] | None = None  # of a stack of its own
    alone: bool = False  # on a stack of its own, which is no good for others afterwards
    burst: int = 0  # connections at once beyond the usual: pools keep as many as were ever needed
    left_mib: int = 0  # that the allocator of a gateway may keep for its next large picture
    judged: bool = True  # by all invariants
    small_disk: bool = False  # Redis' files are on a file system of DISK_BYTES; needs the right to mount one
