"""The relay and the sweeper, with a queue that fails on demand."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway import edit_queue
from gateway.edit_queue import relay, sweep
from shared.errors import StorageUnavailable
from shared.storage.records import OutboxEntry, Swept


@dataclass
class FakeQueue:
    """An outbox, and what sweeps shall find; each may be away for the first `failures` calls."""

    entries: list[OutboxEntry] = field(default_factory=list)
    failures: int = 0
    error: Exception = field(default_factory=StorageUnavailable)
    finds: list[Swept] = field(default_factory=list)

    async def take(self, consumer: str, limit: int = 100, block_s: float = 1.0) -> list[OutboxEntry]:
        await asyncio.sleep(0.001)
        self._fail()
        return list(self.entries)

    async def sent(self, entries: list[OutboxEntry]) -> None:
        for entry in entries:
            self.entries.remove(entry)

    async def sweep(self) -> Swept:
        self._fail()
        return self.finds.pop(0) if self.finds else Swept([], [], [])

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edit_queue, "PAUSE_S", 0.001)


async def run_until(done: Callable[[], bool], loop: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(loop)
    async with asyncio.timeout(10):
        while not done():
            assert not task.done(), "the loop ended"
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def entries(*edit_ids: str) -> list[OutboxEntry]:
    return [OutboxEntry(f"{number}-0", edit_id) for number, edit_id in enumerate(edit_ids, start=1)]


async def test_every_entry_is_sent_once_and_struck_off() -> None:
    queue, sent = FakeQueue(entries("edit_1", "edit_2")), list[str]()
    await run_until(lambda: not queue.entries, relay(queue, sent.append, "me"))  # type: ignore[arg-type]
    assert sent == ["edit_1", "edit_2"]


async def test_an_entry_whose_message_was_not_sent_stays_and_is_tried_again() -> None:
    queue, sent, tries = FakeQueue(entries("edit_1", "edit_2")), list[str](), list[str]()

    def send(edit_id: str) -> None:
        tries.append(edit_id)
        if len(tries) == 2:
            raise StorageUnavailable()
        sent.append(edit_id)

    await run_until(lambda: not queue.entries, relay(queue, send, "me"))  # type: ignore[arg-type]
    assert sent == ["edit_1", "edit_2"]
    assert tries == ["edit_1", "edit_2", "edit_2"]


@pytest.mark.parametrize("error", [StorageUnavailable(), RuntimeError("a bug")])
async def test_the_relay_outlives_failures(error: Exception) -> None:
    queue, sent = FakeQueue(entries("edit_1"), failures=3, error=error), list[str]()
    await run_until(lambda: not queue.entries, relay(queue, sent.append, "me"))  # type: ignore[arg-type]
    assert sent == ["edit_1"]


@pytest.mark.parametrize("error", [StorageUnavailable(), RuntimeError("a bug")])
async def test_the_sweeper_outlives_failures_and_counts_what_it_did(error: Exception) -> None:
    found = Swept(["edit_1"], [], ["edit_2"])
    queue, counted = FakeQueue(failures=2, error=error, finds=[found]), list[Swept]()
    sweeper = sweep(queue, 0.001, counted.append)  # type: ignore[arg-type]
    await run_until(lambda: bool(counted), sweeper)
    assert counted[0] == found
