"""Clients that keep a stack busy: each asks for an edit, waits for it, fetches its picture, and asks again."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, cycle

import httpx
from PIL import Image

from benchmarks.simulated_model import photograph

INSTRUCTION = "make it night"
AT_ONCE = {"Prefer": "wait=60"}


@dataclass(frozen=True)
class Done:
    """One edit: when it began and ended by the record, when its client knew; all by the clock of `time.time`."""

    started_at: float
    finished_at: float
    known_at: float

    def share_within(self, begin: float, end: float) -> float:
        """Which part of its run lies in a window, 0 to 1; so an edit cut by the window's edge counts in part."""
        inside = min(self.finished_at, end) - max(self.started_at, begin)
        return max(0.0, inside) / (self.finished_at - self.started_at)


class Clients:
    """So many clients on the gateways in turn; every one begins a little later than the one before."""

    def __init__(self, urls: Sequence[str], clients: int, side: int, spread_s: float) -> None:
        self._pools = [httpx.AsyncClient(base_url=url, timeout=120, trust_env=False, limits=_NO_LIMITS) for url in urls]
        self._clients, self._spread_s = clients, spread_s
        self._picture = png(side)
        self._asking = True
        self.done: list[Done] = []

    async def __aenter__(self) -> Clients:
        uploads = await self._pools[0].post("/v1/images", content=self._picture, headers={"Content-Type": "image/png"})
        self._image_id = uploads.raise_for_status().json()["id"]
        pools, number = cycle(self._pools), count()
        self._tasks = [asyncio.create_task(self._keep_asking(next(pools), next(number))) for _ in range(self._clients)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pool in self._pools:
            await pool.aclose()

    async def pause(self, seconds: float) -> None:
        """Let them work; raises what one of them failed with."""
        ended, _ = await asyncio.wait(self._tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in ended:
            task.result()

    async def finish(self) -> None:
        """Let everyone get what was asked for, and ask no more."""
        self._asking = False
        await asyncio.gather(*self._tasks)

    async def _keep_asking(self, gateway: httpx.AsyncClient, number: int) -> None:
        await asyncio.sleep(self._spread_s * number / self._clients)
        while self._asking:
            body = {"image_id": self._image_id, "instruction": INSTRUCTION}
            answer = await gateway.post("/v1/edits", json=body, headers=AT_ONCE)
            edit = answer.raise_for_status().json()
            while edit["status"] not in ("succeeded", "failed", "canceled"):
                edit = (await gateway.get(edit["urls"]["self"])).raise_for_status().json()
            known_at = time.time()
            if edit["status"] != "succeeded":
                raise RuntimeError(f"the edit did not succeed: {edit}")
            (await gateway.get(edit["urls"]["images"][0])).raise_for_status()
            self.done.append(Done(_clock(edit["started_at"]), _clock(edit["finished_at"]), known_at))


_NO_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None)


def png(side: int) -> bytes:
    """A square picture as it is uploaded."""
    buffer = io.BytesIO()
    Image.fromarray(photograph(side)).save(buffer, "PNG")
    return buffer.getvalue()


def _clock(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
