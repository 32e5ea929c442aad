"""Requests join and leave the engine between its steps: asked on the event loop, answered on one thread of their own.

That thread alone may compute. PyTorch's CPU kernels run in an OpenMP team that belongs to the thread which calls them;
a second thread that computes brings a second team, and once the teams together have more threads than there are cores
they no longer wait for work awake: every kernel then begins with a wake-up, and a step takes twice as long. So the
engine is made on the thread that uses it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

import structlog

from shared.errors import ShuttingDown, Unavailable

RequestT = TypeVar("RequestT")
ReplyT = TypeVar("ReplyT")
SaidT = TypeVar("SaidT", contravariant=True)
GivenT = TypeVar("GivenT", covariant=True)

EngineT = TypeVar("EngineT", bound="Engine[Any, Any]")

log = structlog.get_logger(__name__)


class TooManyWaiting(Unavailable):
    """More requests wait for the dialogue model than can be answered in time."""

    code, title = "dialogue-busy", "The dialogue model has too much to answer"


class Engine(Protocol[SaidT, GivenT]):
    """What answers: requests join under keys of their own, all take steps together, and leave one by one."""

    @property
    def free(self) -> int:
        """How many more may join."""

    def join(self, requests: Mapping[int, SaidT]) -> None:
        """Begin to answer; none of them has begun where this raises."""

    def step(self) -> Mapping[int, GivenT | Exception]:
        """Go one step further with all of them; returns those that are done, or why one can't be."""

    def clear(self) -> None:
        """Give up everything that has begun."""


@dataclass(frozen=True)
class Timed(Generic[ReplyT]):
    """A reply, how long its request waited to join, and the most that ever took a step together with it."""

    result: ReplyT
    queue_s: float
    rows: int


@dataclass
class _Entry(Generic[RequestT, ReplyT]):
    request: RequestT
    future: asyncio.Future[Timed[ReplyT]]
    arrived_at: float = field(default_factory=time.monotonic)
    queue_s: float = 0.0
    rows: int = 0

    def settle(self, outcome: ReplyT | Exception) -> None:
        """Hand the outcome to who waits for it; may be called on any thread."""
        self.future.get_loop().call_soon_threadsafe(self._settle, outcome)

    def _settle(self, outcome: ReplyT | Exception) -> None:
        if self.future.done():
            return
        if isinstance(outcome, Exception):
            self.future.set_exception(outcome)
        else:
            self.future.set_result(Timed(outcome, self.queue_s, self.rows))


class Batcher(Generic[RequestT, ReplyT]):
    """Lets requests join an engine in the order in which they came, as many as it has room for; the rest wait."""

    def __init__(self, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._waiting: deque[_Entry[RequestT, ReplyT]] = deque()
        self._begun: dict[int, _Entry[RequestT, ReplyT]] = {}
        self._keys = count()
        self._changed = threading.Condition()
        self._draining = False
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many requests have not joined yet."""
        return len(self._waiting)

    @property
    def is_open(self) -> bool:
        """Whether requests are taken and answered."""
        return not self._draining and self._thread is not None and self._thread.is_alive()

    async def submit(self, request: RequestT) -> Timed[ReplyT]:
        """The reply to one request; raises ShuttingDown or TooManyWaiting at once rather than let it wait in vain."""
        entry: _Entry[RequestT, ReplyT] = _Entry(request, asyncio.get_running_loop().create_future())
        with self._changed:
            if self._draining:
                raise ShuttingDown(retry_after_s=1)
            if self.waiting >= self._most_waiting:
                raise TooManyWaiting(retry_after_s=1)
            self._waiting.append(entry)
            self._changed.notify()
        return await entry.future

    def start(self, make: Callable[[], EngineT]) -> EngineT:
        """Make the engine on the thread that is going to use it, and begin to answer; raises what `make` raises."""
        made: Future[EngineT] = Future()
        self._thread = threading.Thread(target=self._run, args=(make, made), name="device", daemon=True)
        self._thread.start()
        return made.result()

    async def stop(self) -> None:
        """Take nothing new, answer what waits, then end."""
        with self._changed:
            self._draining = True
            self._changed.notify()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _run(self, make: Callable[[], EngineT], made: Future[EngineT]) -> None:
        try:
            engine = make()
        except Exception as error:
            made.set_exception(error)
            return
        made.set_result(engine)
        while self._has_work():
            self._admit(engine, self._next(engine.free))
            if self._begun:
                self._step(engine)

    def _has_work(self) -> bool:
        """Wait until there is something to do; false once there never will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._begun or self._waiting or self._draining)
            return bool(self._begun or self._waiting)

    def _next(self, free: int) -> list[_Entry[RequestT, ReplyT]]:
        """The oldest requests that fit and that somebody still waits for."""
        entries: list[_Entry[RequestT, ReplyT]] = []
        while self._waiting and len(entries) < free:
            entry = self._waiting.popleft()
            if not entry.future.done():
                entries.append(entry)
        return entries

    def _admit(self, engine: Engine[RequestT, ReplyT], entries: list[_Entry[RequestT, ReplyT]]) -> None:
        """Let requests join together; where that fails, each by itself, so that only the bad one fails."""
        if not entries:
            return
        joining = {next(self._keys): entry for entry in entries}
        began_at = time.monotonic()
        try:
            engine.join({key: entry.request for key, entry in joining.items()})
        except Exception as error:
            log.exception("join_failed", rows=len(entries))
            if len(entries) == 1:
                entries[0].settle(error)
                return
            for entry in entries:
                self._admit(engine, [entry])
            return
        for entry in entries:
            entry.queue_s = began_at - entry.arrived_at
        self._begun |= joining

    def _step(self, engine: Engine[RequestT, ReplyT]) -> None:
        """One step; where it fails, it fails for everyone in it, and the loop outlives it."""
        for entry in self._begun.values():
            entry.rows = max(entry.rows, len(self._begun))
        try:
            done = engine.step()
        except Exception as error:
            log.exception("step_failed", rows=len(self._begun))
            engine.clear()
            done = dict.fromkeys(self._begun, error)
        for key, outcome in done.items():
            self._begun.pop(key).settle(outcome)
