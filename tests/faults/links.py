"""TCP links between processes that can be cut, frozen, slowed, or made to lose replies while they carry traffic."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

CHUNK = 65_536
LOOK_EVERY_S = 0.02
CONNECT_S = 2.0  # a process that is stopped takes no more once its backlog is full; the kernel would wait two minutes


@dataclass
class Link:
    """One address in front of another; its faults are plain attributes that may be set at any time."""

    target_port: int
    port: int = 0
    frozen: bool = False  # bytes are held back until it thaws, as by a partition that heals
    down: bool = False  # nobody gets through
    delay_s: float = 0.0
    bytes_per_s: float | None = None
    lost_replies: float = 0.0  # the share of replies after which the connection is cut instead
    rng: random.Random = field(default_factory=random.Random)

    def heal(self) -> None:
        """Be a plain wire again."""
        self.frozen = self.down = False
        self.delay_s = self.lost_replies = 0.0
        self.bytes_per_s = None

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        writers = [writer]
        try:
            if self.down:
                return
            async with asyncio.timeout(CONNECT_S):
                there, back = await asyncio.open_connection("127.0.0.1", self.target_port)
            writers.append(back)
            await self._both_ways((reader, back), (there, writer))
        except (OSError, _Cut):
            return
        finally:
            for each in writers:
                each.close()

    async def _both_ways(
        self,
        out: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        back: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        pumps = [
            asyncio.create_task(self._pump(*out, replies=False)),
            asyncio.create_task(self._pump(*back, replies=True)),
            asyncio.create_task(self._cut()),
        ]
        done, waiting = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for pump in waiting:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for pump in done:
            pump.exception()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, replies: bool) -> None:
        while data := await reader.read(CHUNK):
            while self.frozen:  # noqa: ASYNC110 - set by another thread
                await asyncio.sleep(LOOK_EVERY_S)
            if replies and self.lost_replies and self.rng.random() < self.lost_replies:
                raise _Cut
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            if self.bytes_per_s:
                await asyncio.sleep(len(data) / self.bytes_per_s)
            writer.write(data)
            await writer.drain()

    async def _cut(self) -> None:
        while not self.down:  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(LOOK_EVERY_S)


class _Cut(Exception):
    """The connection is to be cut here."""


class Links:
    """The links of a stack, served by a thread of their own, so that nothing the harness does holds them up."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="links", daemon=True)
        self._thread.start()
        self._links: list[Link] = []

    def link(self, target_port: int) -> Link:
        """Open a link to a port of this machine."""
        link = Link(target_port, rng=random.Random(self._rng.random()))
        server = self._do(asyncio.start_server(link.accept, "127.0.0.1", 0))
        link.port = server.sockets[0].getsockname()[1]
        self._links.append(link)
        return link

    def heal(self) -> None:
        """Make all of them plain wires."""
        for link in self._links:
            link.heal()

    def close(self) -> None:
        """Cut everything and end the thread."""
        for link in self._links:
            link.down = True
        with contextlib.suppress(TimeoutError):
            self._do(_end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=5)


async def _end_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
