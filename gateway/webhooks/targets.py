"""From a webhook's host name to addresses it may be sent to; looked up once, and only what was looked at is used."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from gateway.webhooks.addresses import Allowed, may_go_to

LOOKUPS = 128  # threads, made as they are needed: a name whose server is silent must not hold up the others
PATIENCE_S = 5.0

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From host and port to addresses; raises OSError (socket.gaierror)."""


class TargetRefused(Exception):
    """A webhook may not go there."""


class TargetUnknown(Exception):
    """Nobody can say now where the name leads."""


class Targets:
    """Looks up names, and refuses those that lead anywhere else than to the public internet."""

    def __init__(self, allowed: Allowed, resolve: Resolve | None = None) -> None:
        self._allowed = allowed
        self._resolve = resolve or Lookup()

    async def addresses(self, host: str, port: int) -> list[str]:
        """Return every address of the host, all of which are permitted; raises TargetRefused or TargetUnknown.

        One forbidden address is enough to refuse: whoever mixes them wants to be connected to it.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError
            if isinstance(error, TimeoutError) or getattr(error, "errno", None) == socket.EAI_AGAIN:
                raise TargetUnknown("the name can't be looked up now") from error
            found = []
        if not found or not all(may_go_to(host, address, self._allowed) for address in found):
            raise TargetRefused("the host does not lead to a public address")
        return found


class Lookup:
    """The system's own lookup, in threads of its own, since it can't be interrupted."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return the addresses of a host, in the order in which they should be tried."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _look_up, host, port)


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))
