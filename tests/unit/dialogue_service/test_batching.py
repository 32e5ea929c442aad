"""How requests share batches."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence

import pytest

from dialogue_service.batching import Batcher, TooManyWaiting
from shared.errors import ShuttingDown


class SlowDoubler:
    """Doubles numbers once it is let; remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()
        self.entered = threading.Event()

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.entered.set()
        assert self.gate.wait(10)
        if 13 in numbers:
            raise RuntimeError("unlucky")
        return [2 * number for number in numbers]


@pytest.fixture
def doubler() -> SlowDoubler:
    """The work of these tests."""
    return SlowDoubler()


@pytest.fixture
async def batcher(doubler: SlowDoubler) -> AsyncIterator[Batcher[int, int]]:
    """A batcher of at most four rows with room for six."""
    batcher: Batcher[int, int] = Batcher(doubler, most_rows=4, most_waiting=6)
    batcher.start()
    yield batcher
    doubler.gate.set()
    await batcher.stop()


async def begin(batcher: Batcher[int, int], doubler: SlowDoubler, numbers: Sequence[int]) -> list[asyncio.Task[int]]:
    """Occupy the device with 0, then submit numbers."""

    async def submit(number: int) -> int:
        return (await batcher.submit(number)).result

    tasks = [asyncio.create_task(submit(0))]
    await asyncio.to_thread(doubler.entered.wait, 10)
    tasks += [asyncio.create_task(submit(number)) for number in numbers]
    await asyncio.sleep(0.02)
    return tasks


async def test_requests_that_wait_for_the_device_share_the_next_batch(
    batcher: Batcher[int, int], doubler: SlowDoubler
) -> None:
    tasks = await begin(batcher, doubler, [1, 2, 3, 4, 5])
    doubler.gate.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4, 6, 8, 10]
    assert doubler.batches == [[0], [1, 2, 3, 4], [5]]


async def test_a_batch_that_fails_fails_everyone_in_it_and_nobody_else(
    batcher: Batcher[int, int], doubler: SlowDoubler
) -> None:
    tasks = await begin(batcher, doubler, [1, 13, 3, 4, 5])
    doubler.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(result, RuntimeError) for result in results] == [False, True, True, True, True, False]
    assert (await batcher.submit(6)).result == 12


async def test_a_full_queue_refuses_at_once(batcher: Batcher[int, int], doubler: SlowDoubler) -> None:
    tasks = await begin(batcher, doubler, [1, 2, 3, 4, 5, 6])
    with pytest.raises(TooManyWaiting):
        await batcher.submit(7)
    doubler.gate.set()
    assert len(await asyncio.gather(*tasks)) == 7


async def test_who_left_takes_no_room_in_a_batch(batcher: Batcher[int, int], doubler: SlowDoubler) -> None:
    tasks = await begin(batcher, doubler, [1, 2, 3])
    tasks[2].cancel()
    doubler.gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert doubler.batches == [[0], [1, 3]]


async def test_stopping_answers_those_who_wait_and_takes_nobody_new(
    batcher: Batcher[int, int], doubler: SlowDoubler
) -> None:
    tasks = await begin(batcher, doubler, [1, 2])
    stopping = asyncio.create_task(batcher.stop())
    await asyncio.sleep(0.01)
    assert not batcher.is_open
    with pytest.raises(ShuttingDown):
        await batcher.submit(3)
    doubler.gate.set()
    assert await asyncio.gather(*tasks) == [0, 2, 4]
    await stopping


async def test_a_timed_reply_tells_its_wait_and_its_company(batcher: Batcher[int, int], doubler: SlowDoubler) -> None:
    doubler.gate.set()
    answers = await asyncio.gather(*(batcher.submit(number) for number in range(3)))
    assert [answer.rows for answer in answers] == [3, 3, 3]
    assert all(0 <= answer.queue_s < 5 for answer in answers)
