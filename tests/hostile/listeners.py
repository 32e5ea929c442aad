"""Listeners that come and go as they like: cut at random, slow, or gone before they were answered."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.hostile.events_of import HEARTBEAT, Told, parse

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset
SMALL_BUFFER = 2_048  # bytes


class Listener:
    """Follows one stream until it has seen its last event, however often it is cut; `told` is what it has heard."""

    def __init__(self, port: int, url: str, chance: random.Random, *, cut: float = 0.0, slow_s: float = 0.0) -> None:
        self.told: list[Told] = []
        self.connections = 0
        self._port, self._url, self._chance = port, url, chance
        self._cut, self._slow_s = cut, slow_s

    async def follow(self, last_id: "asyncio.Future[int]") -> None:
        """Listen until the event comes that `last_id` will name."""
        while not (last_id.done() and self._position >= last_id.result()):
            self.connections += 1
            async with stream(self._port, self._url, str(self._position), SMALL_BUFFER) as reader:
                await self._read(reader, last_id)

    @property
    def _position(self) -> int:
        return self.told[-1].id if self.told else 0

    async def _read(self, reader: asyncio.StreamReader, last_id: "asyncio.Future[int]") -> None:
        lines: list[str] = []
        async for raw in reader:
            lines.append(raw.decode().rstrip("\r\n"))
            if lines[-1] == HEARTBEAT and last_id.done():
                return
            if lines[-1]:
                continue
            self.told += parse(lines)
            lines.clear()
            await asyncio.sleep(self._slow_s)
            if self._chance.random() < self._cut:
                return


@asynccontextmanager
async def stream(
    port: int, url: str, last_event_id: str, buffer: int | None = None
) -> AsyncIterator[asyncio.StreamReader]:
    """Open a stream, by HTTP/1.0 so that its bytes are the events; leaving resets the connection."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    if buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=2**16)
    try:
        writer.write(f"GET {url} HTTP/1.0\r\nLast-Event-ID: {last_event_id}\r\n\r\n".encode())
        status = await reader.readline()
        assert b" 200 " in status, status
        while (await reader.readline()).strip():
            pass
        yield reader
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def knock(port: int, url: str, chance: random.Random) -> None:
    """Ask for a stream and be gone, at any moment of the answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    with connection, suppress(OSError):
        await loop.sock_connect(connection, ("127.0.0.1", port))
        request = f"GET {url} HTTP/1.1\r\nHost: x\r\nLast-Event-ID: {chance.randint(0, 10**12)}\r\n\r\n".encode()
        await loop.sock_sendall(connection, request[: chance.randint(1, 2 * len(request))])
        await asyncio.sleep(chance.choice((0, 0, 0.01, 0.1)))
