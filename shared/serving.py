"""A process that serves HTTP: it ends when it stands still, and takes last calls when it is told to end."""

import asyncio
import socket
from collections.abc import Callable

import uvicorn

from shared.watchdog import give_signs

LAST_CALLS_S = 0.2
"""How long a server that was told to end still takes connections, and then as long requests on those that it has."""


class Server(uvicorn.Server):
    """uvicorn's server, with a watchdog and a slower way out.

    uvicorn closes idle connections as soon as it is told to end, and with its port those that it has not taken yet. A
    request that had come on one of them, but was not read, is then lost; a busy machine has some of these. So first
    each answer says that it is its connection's last, then the port is closed, then what still is idle. What comes in
    the very moment of either can still be lost, as HTTP has no way to refuse it.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        stuck_after_s: float = 0,
        end_streams: Callable[[], None] = lambda: None,
        last_calls_s: float = LAST_CALLS_S,
    ) -> None:
        """`stuck_after_s` is how long the event loop may give no sign until the process ends; 0 is for ever.

        `end_streams` ends those answers that go on for as long as their clients listen; uvicorn would wait for them.
        """
        super().__init__(config)
        self._stuck_after_s, self._end_streams, self._last_calls_s = stuck_after_s, end_streams, last_calls_s

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal, giving signs meanwhile."""
        watching = asyncio.create_task(give_signs(self._stuck_after_s), name="watchdog")
        try:
            await super().serve(sockets)
        finally:
            watching.cancel()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take last calls, then let the requests that are under way finish."""
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        for connection in self.server_state.connections:
            cycle = getattr(connection, "cycle", None)
            if cycle is not None and not cycle.response_complete:
                connection.shutdown()  # of one that is at work: after this answer, which will say so
        await asyncio.sleep(self._last_calls_s)
        for server in self.servers:
            server.close()
        await asyncio.sleep(self._last_calls_s)  # for the request on a connection that has just been taken
        self._end_streams()
        await super().shutdown(sockets)
