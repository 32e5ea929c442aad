"""What two tenants do all the time: edits, turns, cancels, reads, event streams, and looks into the other's things."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

from PIL import Image

from tests.faults.client import Call, Client
from tests.faults.journal import Json

CONVERSATIONS = 3
ORDINARY = "paint it"
LONG, LONG_STEPS = "long", 40  # a word that makes an edit take seconds
ID_OF_NOBODY = "edit_AAAAAAAAAAAAAAAAAAAAAA"

Action = Callable[["Mine"], Awaitable[None]]


@dataclass
class Mine:
    """What one tenant has made so far."""

    client: Client
    image_id: str = ""
    conversation_ids: list[str] = field(default_factory=list)
    edit_ids: list[str] = field(default_factory=list)
    image_ids: list[str] = field(default_factory=list)


class Load:
    """Begins `rate` operations a second, each a task that insists until it is decided."""

    def __init__(self, clients: Sequence[Client], rng: random.Random, rate: float) -> None:
        self.tenants = [Mine(client) for client in clients]
        self.rate = rate
        self._rng = rng
        self._numbers = count(rng.randrange(10**6) * 1000)
        self._doing: set[asyncio.Task[None]] = set()
        self._following: set[asyncio.Task[None]] = set()
        self._listening: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Store a picture and begin conversations for each tenant, and follow these."""
        for mine in self.tenants:
            mine.image_id = (await self._made(mine, self.upload_call()))["id"]
            mine.image_ids.append(mine.image_id)
            for _ in range(CONVERSATIONS):
                conversation = await self._made(mine, self.conversation_call(mine))
                mine.conversation_ids.append(conversation["id"])
                self._follow(mine, conversation["id"], f"/v1/conversations/{conversation['id']}/events", False)

    async def keep_on(self) -> None:
        """Begin operations until canceled."""
        actions: list[tuple[Action, int]] = [
            (self.edit, 40), (self.turn, 20), (self.twice, 4), (self.upload, 4),
            (self.cancel, 8), (self.read, 16), (self.pry, 8),
        ]  # fmt: skip
        while True:
            [act] = self._rng.choices([action for action, _ in actions], [weight for _, weight in actions])
            self.do(act(self._rng.choice(self.tenants)))
            await asyncio.sleep(self._rng.expovariate(self.rate))

    def do(self, work: Awaitable[None]) -> None:
        """Have something done beside everything else."""
        task = asyncio.ensure_future(work)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)

    async def finish(self, within_s: float) -> int:
        """Let what was begun be decided; gives how many operations were not."""
        waiting = set(self._doing)
        if waiting:
            _, waiting = await asyncio.wait(waiting, timeout=within_s)
        return len(waiting)

    async def heard_out(self, within_s: float) -> None:
        """Let those who follow edits hear the end."""
        if self._following:
            await asyncio.wait(set(self._following), timeout=within_s)

    async def end(self) -> None:
        """Stop following."""
        for mine in self.tenants:
            mine.client.over = True
        tasks = [*self._doing, *self._following, *self._listening]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for mine in self.tenants:
            await mine.client.close()

    # -- what they do ------------------------------------------------------------------------------------------------

    async def edit(self, mine: Mine, word: str = ORDINARY, follow: float = 0.4) -> None:
        """Ask for an edit, perhaps follow it."""
        exchange = await mine.client.insist(self.edit_call(mine, word))
        if exchange is None or not exchange.accepted:
            return
        edit_id = exchange.json["id"]
        if word == ORDINARY:  # what others do not cancel
            mine.edit_ids.append(edit_id)
        if self._rng.random() < follow:
            self._follow(mine, edit_id, f"/v1/edits/{edit_id}/events", True)

    async def turn(self, mine: Mine) -> None:
        """Say something in a conversation."""
        said = self._rng.choices([ORDINARY, "which one", "thanks"], [6, 1, 1])[0]
        exchange = await mine.client.insist(self.turn_call(mine, self._rng.choice(mine.conversation_ids), said))
        if exchange is not None and exchange.accepted and exchange.json.get("edit"):
            mine.edit_ids.append(exchange.json["edit"]["id"])

    async def twice(self, mine: Mine) -> None:
        """Send the same request twice at once."""
        call = self.edit_call(mine, ORDINARY)
        await asyncio.gather(mine.client.insist(call), mine.client.insist(call))

    async def upload(self, mine: Mine, data: bytes | None = None, media_type: str = "image/png") -> None:
        """Store a picture, or one whose bytes are given."""
        exchange = await mine.client.insist(self.upload_call(data, media_type))
        if exchange is not None and exchange.accepted:
            mine.image_ids.append(exchange.json["id"])

    async def cancel(self, mine: Mine) -> None:
        """Cancel one of the latest edits."""
        if mine.edit_ids:
            await mine.client.insist(Call("POST", f"/v1/edits/{self._rng.choice(mine.edit_ids[-4:])}/cancel"))

    async def read(self, mine: Mine) -> None:
        """Read one's own things."""
        paths = ["/v1/edits?limit=50", "/v1/conversations"]
        paths += [f"/v1/edits/{edit_id}" for edit_id in mine.edit_ids[-5:]]
        paths += [f"/v1/conversations/{each}/turns?limit=100" for each in mine.conversation_ids]
        exchange = await mine.client.insist(Call("GET", self._rng.choice(paths)))
        if exchange is not None and exchange.json.get("image_ids"):
            mine.image_ids += exchange.json["image_ids"]
            await mine.client.insist(Call("GET", f"/v1/images/{mine.image_ids[-1]}"))

    async def pry(self, mine: Mine) -> None:
        """Ask for the other tenant's things, and for things that are nobody's."""
        [other] = [each for each in self.tenants if each is not mine]
        edit_id = self._rng.choice([*other.edit_ids[-5:], ID_OF_NOBODY])
        conversation_id = self._rng.choice(other.conversation_ids)
        call = self._rng.choice(
            [
                Call("GET", f"/v1/edits/{edit_id}"),
                Call("POST", f"/v1/edits/{edit_id}/cancel"),
                Call("GET", f"/v1/edits/{edit_id}/events"),
                Call("GET", f"/v1/conversations/{conversation_id}"),
                Call("GET", f"/v1/conversations/{conversation_id}/turns"),
                Call("GET", f"/v1/conversations/{conversation_id}/events"),
                Call("GET", f"/v1/images/{self._rng.choice(other.image_ids)}"),
                Call("POST", "/v1/edits", {"image_id": other.image_id, "instruction": "pry"}),
            ]
        )
        await mine.client.insist(call)

    # -- their requests ----------------------------------------------------------------------------------------------

    def edit_call(self, mine: Mine, word: str) -> Call:
        """A request for an edit, with words that no other request has."""
        wish = self.wish(mine, word)
        parameters = {"seed": next(self._numbers), **({"steps": LONG_STEPS} if word == LONG else {})}
        body: Json = {"image_id": mine.image_id, "instruction": wish, "parameters": parameters}
        return Call("POST", "/v1/edits", body, key=wish.replace(" ", "-"), wish=wish)

    def turn_call(self, mine: Mine, conversation_id: str, word: str) -> Call:
        """Something to say, in words that nobody else says."""
        wish = self.wish(mine, word)
        path = f"/v1/conversations/{conversation_id}/turns"
        return Call("POST", path, {"text": wish}, key=wish.replace(" ", "-"), wish=wish)

    def wish(self, mine: Mine, word: str) -> str:
        """Words that no other request has, with the tenant's canary in them."""
        return f"{word} {mine.client.tenant.canary} {next(self._numbers)}"

    def upload_call(self, data: bytes | None = None, media_type: str = "image/png") -> Call:
        """A request to store a picture."""
        headers = (("Content-Type", media_type),)
        return Call("POST", "/v1/images", data or picture(), key=f"picture-{next(self._numbers)}", headers=headers)

    def conversation_call(self, mine: Mine) -> Call:
        """A request to begin a conversation."""
        title = self.wish(mine, "about")
        return Call(
            "POST", "/v1/conversations", {"image_id": mine.image_id, "title": title}, key=title.replace(" ", "-")
        )

    async def _made(self, mine: Mine, call: Call) -> Json:
        exchange = await mine.client.insist(call)
        if exchange is None or not exchange.accepted:
            raise RuntimeError(f"the load can't begin: {exchange}")
        return exchange.json

    def _follow(self, mine: Mine, stream: str, path: str, until_terminal: bool) -> None:
        task = asyncio.create_task(mine.client.follow(stream, path, until_terminal))
        if until_terminal:
            self._following.add(task)
            task.add_done_callback(self._following.discard)
        else:
            self._listening.append(task)


def picture() -> bytes:
    """A picture like no other."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", (16, 16), random.randbytes(16 * 16 * 3)).save(buffer, "PNG")
    return buffer.getvalue()
