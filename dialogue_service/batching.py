"""Requests that arrive together share a forward pass: a collector on the event loop, one thread for the device."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from shared.errors import ShuttingDown, Unavailable

RequestT = TypeVar("RequestT")
ReplyT = TypeVar("ReplyT")

log = structlog.get_logger(__name__)


class TooManyWaiting(Unavailable):
    """More requests wait for the dialogue model than can be answered in time."""

    code, title = "dialogue-busy", "The dialogue model has too much to answer"


@dataclass(frozen=True)
class Timed(Generic[ReplyT]):
    """A reply, how long its request waited for its batch, and how many shared that batch."""

    result: ReplyT
    queue_s: float
    rows: int


@dataclass
class _Entry(Generic[RequestT, ReplyT]):
    request: RequestT
    future: asyncio.Future[Timed[ReplyT]]
    arrived_at: float = field(default_factory=time.monotonic)


class Batcher(Generic[RequestT, ReplyT]):
    """Collects requests and answers up to `most_rows` of them with one call on the device thread.

    While a batch is on the device the next one gathers by itself; an idle device waits `wait_s` for company.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[RequestT]], Sequence[ReplyT]],
        most_rows: int,
        most_waiting: int,
        wait_s: float = 0.002,
    ) -> None:
        self._answer, self._most_rows, self._most_waiting, self._wait_s = answer, most_rows, most_waiting, wait_s
        self._waiting: asyncio.Queue[_Entry[RequestT, ReplyT]] = asyncio.Queue()
        self._device = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device")
        self._loop: asyncio.Task[None] | None = None
        self._draining = False

    @property
    def waiting(self) -> int:
        """How many requests no batch has taken yet."""
        return self._waiting.qsize()

    @property
    def is_open(self) -> bool:
        """Whether requests are taken and answered."""
        return not self._draining and self._loop is not None and not self._loop.done()

    async def submit(self, request: RequestT) -> Timed[ReplyT]:
        """The reply to one request; raises ShuttingDown or TooManyWaiting at once rather than let it wait in vain."""
        if self._draining:
            raise ShuttingDown(retry_after_s=1)
        if self.waiting >= self._most_waiting:
            raise TooManyWaiting(retry_after_s=1)
        entry: _Entry[RequestT, ReplyT] = _Entry(request, asyncio.get_running_loop().create_future())
        self._waiting.put_nowait(entry)
        return await entry.future

    def start(self) -> None:
        """Begin to answer."""
        self._loop = asyncio.create_task(self._run(), name="batcher")

    async def stop(self) -> None:
        """Take nothing new, answer what waits, then end."""
        self._draining = True
        if self._loop is not None:
            await self._waiting.join()
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        await asyncio.to_thread(self._device.shutdown)

    async def _run(self) -> None:
        while True:
            batch = await self._collect()
            if wanted := [entry for entry in batch if not entry.future.done()]:
                await self._serve(wanted)
            for _ in batch:
                self._waiting.task_done()

    async def _collect(self) -> list[_Entry[RequestT, ReplyT]]:
        """The oldest requests, as many as a batch holds."""
        batch = [await self._waiting.get()]
        deadline = time.monotonic() + self._wait_s
        while len(batch) < self._most_rows:
            if self._waiting.empty():
                if time.monotonic() >= deadline:
                    break
                await asyncio.sleep(self._wait_s / 4)
            else:
                batch.append(self._waiting.get_nowait())
        return batch

    async def _serve(self, batch: Sequence[_Entry[RequestT, ReplyT]]) -> None:
        """Answer everyone or fail everyone; the loop outlives any one batch."""
        started = time.monotonic()
        requests = [entry.request for entry in batch]
        try:
            replies = await asyncio.get_running_loop().run_in_executor(self._device, self._answer, requests)
            answers = list(zip(batch, replies, strict=True))
        except Exception as error:
            log.exception("batch_failed", rows=len(batch))
            for entry in batch:
                if not entry.future.done():
                    entry.future.set_exception(error)
            return
        for entry, reply in answers:
            if not entry.future.done():
                entry.future.set_result(Timed(reply, started - entry.arrived_at, len(batch)))
