"""How requests join, take steps together and leave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from dialogue_service.batching import Batcher, TooManyWaiting
from shared.errors import ShuttingDown

ROOM, WAITING = 4, 6
UNREADABLE, UNLUCKY, UNSPEAKABLE = 13, 17, 19
"""Numbers that fail alone when they join, that fail everyone's step, and of which nothing can be made in the end."""


class Doubler:
    """Doubles numbers, each in as many steps as it has tens and one more; remembers who joined and who took steps."""

    def __init__(self) -> None:
        self.begun: dict[int, int] = {}
        self.steps_left: dict[int, int] = {}
        self.joins: list[list[int]] = []
        self.steps: list[list[int]] = []
        self.threads: set[int] = {threading.get_ident()}
        self.gate, self.entered = threading.Semaphore(0), threading.Event()

    @property
    def free(self) -> int:
        """Room for four."""
        return ROOM - len(self.begun)

    def join(self, requests: Mapping[int, int]) -> None:
        """Begin, all or none."""
        self.joins.append(list(requests.values()))
        if UNREADABLE in requests.values():
            raise ValueError("unreadable")
        self.begun |= requests
        self.steps_left |= {key: number // 10 + 1 for key, number in requests.items()}

    def step(self) -> dict[int, int | Exception]:
        """Wait to be let, then go one step further."""
        self.threads.add(threading.get_ident())
        self.steps.append(sorted(self.begun.values()))
        self.entered.set()
        assert self.gate.acquire(timeout=10)
        if UNLUCKY in self.begun.values():
            raise RuntimeError("unlucky")
        for key in self.begun:
            self.steps_left[key] -= 1
        return {key: self._outcome(self.begun.pop(key)) for key in list(self.begun) if not self.steps_left[key]}

    def clear(self) -> None:
        """Give up."""
        self.begun.clear()

    def let(self, steps: int = 100) -> None:
        """Allow some more steps."""
        self.gate.release(steps)

    def _outcome(self, number: int) -> int | Exception:
        return ValueError("unspeakable") if number == UNSPEAKABLE else 2 * number


@pytest.fixture
async def batcher() -> AsyncIterator[Batcher[int, int]]:
    """A batcher with room for six that wait, not started."""
    batcher: Batcher[int, int] = Batcher(most_waiting=WAITING)
    yield batcher
    await batcher.stop()


@pytest.fixture
async def doubler(batcher: Batcher[int, int]) -> AsyncIterator[Doubler]:
    """What the batcher uses, once it is started."""
    doubler = batcher.start(Doubler)
    yield doubler
    doubler.let()


async def begin(batcher: Batcher[int, int], doubler: Doubler, first: int, *numbers: int) -> list[asyncio.Task[int]]:
    """Let a number enter its first step, then submit others."""

    async def submit(number: int) -> int:
        return (await batcher.submit(number)).result

    tasks = [asyncio.create_task(submit(first))]
    await asyncio.to_thread(doubler.entered.wait, 10)
    tasks += [asyncio.create_task(submit(number)) for number in numbers]
    await asyncio.sleep(0.02)
    return tasks


async def outcomes(tasks: Sequence[asyncio.Task[int]]) -> list[int | str]:
    """What became of each: its result, or the name of its error."""
    results = await asyncio.gather(*tasks, return_exceptions=True)
    return [type(result).__name__ if isinstance(result, BaseException) else result for result in results]


async def test_requests_join_at_the_next_step_and_leave_when_they_are_done(
    batcher: Batcher[int, int], doubler: Doubler
) -> None:
    tasks = await begin(batcher, doubler, 20, 1, 12)
    doubler.let()
    assert await asyncio.gather(*tasks) == [40, 2, 24]
    assert doubler.steps == [[20], [1, 12, 20], [12, 20]]


async def test_who_finds_no_room_joins_in_order_as_soon_as_there_is_some(
    batcher: Batcher[int, int], doubler: Doubler
) -> None:
    tasks = await begin(batcher, doubler, 30, 11, 2, 3, 4, 5)
    doubler.let()
    await asyncio.gather(*tasks)
    assert doubler.joins == [[30], [11, 2, 3], [4, 5]]


async def test_a_request_that_cannot_join_fails_alone(batcher: Batcher[int, int], doubler: Doubler) -> None:
    tasks = await begin(batcher, doubler, 20, 1, UNREADABLE, 3)
    doubler.let()
    assert await outcomes(tasks) == [40, 2, "ValueError", 6]


async def test_an_answer_of_which_nothing_can_be_made_fails_alone(batcher: Batcher[int, int], doubler: Doubler) -> None:
    tasks = await begin(batcher, doubler, 20, 1, UNSPEAKABLE, 3)
    doubler.let()
    assert await outcomes(tasks) == [40, 2, "ValueError", 6]


async def test_a_step_that_fails_fails_everyone_in_it_and_nobody_else(
    batcher: Batcher[int, int], doubler: Doubler
) -> None:
    tasks = await begin(batcher, doubler, 20, 1, UNLUCKY, 3, 4, 5)
    doubler.let()
    assert await outcomes(tasks) == ["RuntimeError"] * 4 + [8, 10]
    assert (await batcher.submit(6)).result == 12


async def test_a_full_queue_refuses_at_once(batcher: Batcher[int, int], doubler: Doubler) -> None:
    tasks = await begin(batcher, doubler, 0, *range(1, WAITING + 1))
    with pytest.raises(TooManyWaiting):
        await batcher.submit(7)
    doubler.let()
    assert len(await asyncio.gather(*tasks)) == WAITING + 1


async def test_who_left_while_waiting_does_not_join(batcher: Batcher[int, int], doubler: Doubler) -> None:
    tasks = await begin(batcher, doubler, 0, 1, 2, 3)
    tasks[2].cancel()
    await asyncio.sleep(0)
    doubler.let()
    await outcomes(tasks)
    assert doubler.joins == [[0], [1, 3]]


async def test_who_leaves_while_it_is_answered_disturbs_nobody(batcher: Batcher[int, int], doubler: Doubler) -> None:
    tasks = await begin(batcher, doubler, 20, 1)
    tasks[0].cancel()
    doubler.let()
    assert await outcomes(tasks) == ["CancelledError", 2]
    assert (await batcher.submit(3)).result == 6


async def test_stopping_answers_those_who_wait_and_takes_nobody_new(
    batcher: Batcher[int, int], doubler: Doubler
) -> None:
    tasks = await begin(batcher, doubler, 20, 1, 2, 3, 4)
    stopping = asyncio.create_task(batcher.stop())
    await asyncio.sleep(0.01)
    assert not batcher.is_open
    with pytest.raises(ShuttingDown):
        await batcher.submit(5)
    doubler.let()
    assert await asyncio.gather(*tasks) == [40, 2, 4, 6, 8]
    await stopping


async def test_a_timed_reply_tells_its_wait_and_its_company(batcher: Batcher[int, int], doubler: Doubler) -> None:
    doubler.let()
    alone = await batcher.submit(1)
    assert (alone.rows, 0 <= alone.queue_s < 5) == (1, True)
    doubler.gate, doubler.entered = threading.Semaphore(0), threading.Event()
    answers = [asyncio.create_task(batcher.submit(number)) for number in (20, 1, 12)]
    await asyncio.sleep(0.02)
    doubler.let()
    assert [answer.rows for answer in await asyncio.gather(*answers)] == [3, 3, 3]


async def test_the_engine_is_made_and_used_on_one_thread(batcher: Batcher[int, int], doubler: Doubler) -> None:
    doubler.let()
    await batcher.submit(1)
    assert len(doubler.threads) == 1
    assert threading.get_ident() not in doubler.threads


async def test_an_engine_that_cannot_be_made_is_told(batcher: Batcher[int, int]) -> None:
    def make() -> Doubler:
        raise ValueError("no such model")

    with pytest.raises(ValueError, match="no such model"):
        batcher.start(make)
    assert not batcher.is_open
