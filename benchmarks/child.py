"""Something of Python that lives in a process of its own, so that its threads and its memory are nobody else's."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.sides import Load, Loaded, SideFailed


class Child:
    """Makes a thing in another process and calls its methods."""

    def __init__(self, make: Callable[[], object]) -> None:
        """`make` and whatever is passed later must be picklable."""
        context = multiprocessing.get_context("spawn")
        self._calls, inner = context.Pipe()
        self._process = context.Process(target=_serve, args=(make, inner), daemon=True)
        self._process.start()
        inner.close()

    def call(self, method: str, *arguments: object) -> Any:
        """Call a method and wait for its result; raise SideFailed where it raises or the process is gone."""
        try:
            self._calls.send((method, arguments))
            result, error = self._calls.recv()
        except (EOFError, OSError) as lost:
            raise SideFailed("the process has ended") from lost
        if error:
            raise SideFailed(error)
        return result

    def close(self) -> None:
        """End the process."""
        self._calls.close()
        self._process.terminate()
        self._process.join()
        self._process.close()


class ChildSide:
    """A side that lives in a child, with what its `bear` takes beside the load."""

    def __init__(self, name: str, child: Child, *more: object) -> None:
        self.name = name
        self._child, self._more = child, more

    def bear(self, load: Load) -> Loaded:
        """See `Side.bear`."""
        loaded = self._child.call("bear", load, *self._more)
        assert isinstance(loaded, Loaded)
        return loaded

    def close(self) -> None:
        """See `Side.close`: whoever started the child ends it."""


def _serve(make: Callable[[], object], calls: Connection) -> None:
    try:
        subject = make()
        while True:
            method, arguments = calls.recv()
            calls.send(_do(subject, method, arguments))
    except (EOFError, KeyboardInterrupt):
        return


def _do(subject: object, method: str, arguments: tuple[object, ...]) -> tuple[object, str]:
    try:
        return getattr(subject, method)(*arguments), ""
    except Exception:
        return None, traceback.format_exc()
