"""How requests get to the server: one way that waits, and one that lets others run meanwhile.

Both look the same to their caller. What `Blocking` promises is that none of its coroutines ever suspends, so that
`blocking.run` can drive them without an event loop.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Protocol, TypeVar

import httpx

from dialogpaint.calls import Received
from dialogpaint.errors import ConnectionFailed

Result = TypeVar("Result")

CONNECT_S = 10.0
HERE = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Address:
    """Where the server is, who calls, and how long to wait for its answers, in seconds."""

    url: str
    key: str | None = None
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what is no address; raises ValueError."""
        try:
            fits = httpx.URL(self.url).scheme in ("http", "https") and httpx.URL(self.url).host
        except httpx.InvalidURL:
            fits = False
        if not fits:
            raise ValueError(f"{self.url!r} is no address of a server; write it like {HERE}.")

    def options(self) -> dict[str, Any]:
        """What both kinds of httpx clients are made with."""
        return {
            "base_url": self.url,
            "headers": {"Authorization": f"Bearer {self.key}"} if self.key else {},
            "timeout": httpx.Timeout(self.timeout_s, connect=min(CONNECT_S, self.timeout_s)),
            "trust_env": not _is_this_machine(self.url),  # no proxy of the environment leads back to this machine
        }


@dataclass(frozen=True)
class Stream:
    """An answer that is still coming in."""

    status: int
    headers: httpx.Headers
    pieces: AsyncIterator[bytes]


class Transport(Protocol):
    """What sends requests; raises ConnectionFailed when nobody answers."""

    async def send(self, request: dict[str, Any]) -> Received:
        """Send a request, given as the arguments of httpx, and return all of its answer."""

    def open(self, request: dict[str, Any]) -> AbstractAsyncContextManager[Stream]:
        """Send a request whose answer is read piece by piece."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Return what work makes that takes its time: reading files, encoding pictures."""

    def now(self) -> float:
        """Return the time of a clock that only goes forward, in seconds."""

    async def close(self) -> None:
        """Close all connections."""


class Awaiting:
    """For asyncio."""

    def __init__(self, address: Address, http: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(**address.options(), transport=http)

    async def send(self, request: dict[str, Any]) -> Received:
        """Send a request and return its answer."""
        with _told(self._http.base_url):
            return _received(await self._http.request(**request))

    @asynccontextmanager
    async def open(self, request: dict[str, Any]) -> AsyncIterator[Stream]:
        """Send a request whose answer is read piece by piece."""
        with _told(self._http.base_url):
            async with self._http.stream(**request) as answer:
                yield Stream(answer.status_code, answer.headers, answer.aiter_bytes())

    async def sleep(self, seconds: float) -> None:
        """Let others run for so long."""
        await asyncio.sleep(seconds)

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Let others run while a thread does the work."""
        return await asyncio.to_thread(work)

    def now(self) -> float:
        """Return the time of a clock that only goes forward."""
        return time.monotonic()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()


class Blocking:
    """For code without an event loop; nothing in here ever suspends."""

    def __init__(self, address: Address, http: httpx.BaseTransport | None = None) -> None:
        self._http = httpx.Client(**address.options(), transport=http)

    async def send(self, request: dict[str, Any]) -> Received:
        """Send a request and return its answer."""
        with _told(self._http.base_url):
            return _received(self._http.request(**request))

    @asynccontextmanager
    async def open(self, request: dict[str, Any]) -> AsyncIterator[Stream]:
        """Send a request whose answer is read piece by piece."""
        with _told(self._http.base_url), self._http.stream(**request) as answer:
            yield Stream(answer.status_code, answer.headers, _each(answer.iter_bytes()))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)  # noqa: ASYNC251 — this is the way that blocks

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Do the work."""
        return work()

    def now(self) -> float:
        """Return the time of a clock that only goes forward."""
        return time.monotonic()

    async def close(self) -> None:
        """Close all connections."""
        self._http.close()


async def _each(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@contextmanager
def _told(url: httpx.URL) -> Iterator[None]:
    """Turn httpx's errors into ours."""
    try:
        yield
    except httpx.ConnectError as error:
        raise ConnectionFailed(f"Nothing answers at {url}. Is the server up, and the address right?") from error
    except httpx.TimeoutException as error:
        raise ConnectionFailed(f"{url} did not answer in time ({type(error).__name__}).") from error
    except httpx.RequestError as error:
        raise ConnectionFailed(f"The connection to {url} broke: {error or type(error).__name__}.") from error


def _received(answer: httpx.Response) -> Received:
    return Received(answer.status_code, answer.headers, answer.content)


def _is_this_machine(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
