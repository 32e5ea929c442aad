"""Coroutines driven without an event loop."""

import asyncio
import inspect
from collections.abc import AsyncGenerator

import pytest

from dialogpaint import AsyncConversation, AsyncDialogPaint, Conversation, DialogPaint
from dialogpaint.blocking import Blocks, blocking_each, run


def test_what_never_suspends_returns_and_raises() -> None:
    async def divide(by: int) -> int:
        return 6 // by

    assert run(divide(2)) == 3
    with pytest.raises(ZeroDivisionError):
        run(divide(0))


async def test_what_suspends_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="nothing here can wait"):
        run(asyncio.sleep(0))


async def test_it_works_while_an_event_loop_runs() -> None:
    async def answer() -> int:
        return 42

    assert run(answer()) == 42


def test_who_stops_listening_closes_what_was_open() -> None:
    closed: list[bool] = []

    class Core:
        async def count(self) -> AsyncGenerator[int, None]:
            try:
                yield 1
                yield 2
            finally:
                closed.append(True)

    class Counts(Blocks[Core]):
        count = blocking_each(Core.count)

    numbers = Counts(Core()).count()
    assert next(numbers) == 1
    numbers.close()
    assert closed == [True]


@pytest.mark.parametrize(("blocks", "core"), [(DialogPaint, AsyncDialogPaint), (Conversation, AsyncConversation)])
def test_both_clients_can_do_the_same_with_the_same_parameters(blocks: type, core: type) -> None:
    def public(of: type) -> dict[str, str]:
        found = inspect.getmembers(of, inspect.isfunction)
        return {name: str(list(inspect.signature(each).parameters)) for name, each in found if name[0] != "_"}

    assert public(blocks) == public(core)
