"""How what is written for asyncio serves code that blocks: the same coroutines, on a transport that never suspends."""

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

Core = TypeVar("Core")
Given = ParamSpec("Given")
Result = TypeVar("Result")
Made = TypeVar("Made")


class Blocks(Generic[Core]):
    """Something that blocks, around a core whose coroutines never suspend."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def __repr__(self) -> str:
        """What the core says, under this name."""
        return repr(self._core).removeprefix("Async")


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Return what a coroutine returns that never suspends; needs no event loop and disturbs none."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: Result = done.value
        return result
    coroutine.close()
    raise RuntimeError("This coroutine has to wait for something, and nothing here can wait.")


def blocking(
    method: Callable[Concatenate[Core, Given], Coroutine[Any, Any, Result]],
) -> Callable[Concatenate[Blocks[Core], Given], Result]:
    """Make a method of the core one that blocks, with the same parameters and docstring."""

    @wraps(method)
    def blocks(self: Blocks[Core], /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        return run(method(self._core, *args, **kwargs))

    return blocks


def blocking_then(
    method: Callable[Concatenate[Core, Given], Coroutine[Any, Any, Result]], then: Callable[[Result], Made]
) -> Callable[Concatenate[Blocks[Core], Given], Made]:
    """As `blocking`, and make something of the result."""

    @wraps(method)
    def blocks(self: Blocks[Core], /, *args: Given.args, **kwargs: Given.kwargs) -> Made:
        return then(run(method(self._core, *args, **kwargs)))

    return blocks


def blocking_each(
    method: Callable[Concatenate[Core, Given], AsyncGenerator[Result, None]],
) -> Callable[Concatenate[Blocks[Core], Given], Generator[Result, None, None]]:
    """Make a method of the core that yields one that blocks between what it yields."""

    @wraps(method)
    def blocks(self: Blocks[Core], /, *args: Given.args, **kwargs: Given.kwargs) -> Generator[Result, None, None]:
        results = method(self._core, *args, **kwargs)
        try:
            while True:
                try:
                    result = run(_next(results))
                except StopAsyncIteration:
                    return
                yield result
        finally:
            run(results.aclose())

    return blocks


async def _next(results: AsyncGenerator[Result, None]) -> Result:
    return await anext(results)
