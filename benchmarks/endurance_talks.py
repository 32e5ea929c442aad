"""Clients that use a stack in every way there is, and leave nothing behind: each conversation is deleted again."""

from __future__ import annotations

import io
import math
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np
from PIL import Image

from benchmarks.endurance_model import SIDE
from services.local.api import TERMINAL, Api, Json

EDITS_A_TALK = 20
COLOURS = 400  # different instructions: more than the worker keeps embeddings of
WAIT = {"Prefer": "wait=60"}


@dataclass
class Tally:
    """What became of the edits, counted by many clients at once."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TERMINAL, 0))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: str) -> None:
        """Count one."""
        with self._lock:
            self.counts[status] += 1

    @property
    def edits(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Crowd:
    """So many clients at once who want so many edits together, and begin no conversation after `at_most_s` seconds."""

    clients: int
    edits: int
    at_most_s: float = math.inf
    seed: int = 0


def hold_talks(url: str, crowd: Crowd, tally: Tally) -> None:
    """Have the edits made in conversations; raises what a client fails with."""
    talks = [min(EDITS_A_TALK, crowd.edits - begun) for begun in range(0, crowd.edits, EDITS_A_TALK)]
    until = time.monotonic() + crowd.at_most_s
    with ThreadPoolExecutor(crowd.clients) as pool:
        shares = [talks[number :: crowd.clients] for number in range(crowd.clients)]
        clients = [Client(Api(url), random.Random(f"{crowd.seed} {number}"), tally) for number in range(crowd.clients)]
        for held in [pool.submit(client.hold, share, until) for client, share in zip(clients, shares, strict=True)]:
            held.result()


def stand_alone(url: str, edits: int) -> None:
    """Have so many edits made of one picture, without a conversation."""
    api, rng = Api(url), random.Random(1)
    with api.http:
        image_id = api.upload(_picture(rng))
        for number in range(edits):
            api.submit(image_id, f"paint it colour {number}", headers=WAIT)


@dataclass(frozen=True)
class Client:
    """Somebody who holds one conversation after the other."""

    api: Api
    rng: random.Random
    tally: Tally

    def hold(self, talks: list[int], until: float) -> None:
        """Hold conversations of so many edits each, and delete them; none is begun after `until`."""
        with self.api.http:
            for edits in talks:
                if time.monotonic() < until:
                    self._hold(edits)

    def _hold(self, edits: int) -> None:
        api = self.api
        talk = api.converse(api.upload(_picture(self.rng)), caption="a house")
        for _ in range(edits):
            self.tally.add(_edit(api, talk["id"], self.rng)["status"])
        api.http.delete(f"/v1/conversations/{talk['id']}").raise_for_status()


def _edit(api: Api, talk_id: str, rng: random.Random) -> Json:
    """One edit in one of the ways in which an edit can be had."""
    text = f"paint it colour {rng.randrange(COLOURS)}"
    wanted = {"steps": rng.randint(1, 3), "text_guidance_scale": rng.choice([1.0, 1.5, 4.0]), "count": 1}
    match rng.random():
        case way if way < 0.5:  # say it, wait for it, fetch it
            turn = api.say(talk_id, text, wait_s=60, headers={"Idempotency-Key": uuid4().hex}, parameters=wanted)
            return _fetched(api, turn["edit"])
        case way if way < 0.7:  # ask for it plainly, two pictures in two instructions
            body = {"conversation_id": talk_id, "instruction": f"{text}; {text}", "parameters": {**wanted, "count": 2}}
            return _fetched(api, api.http.post("/v1/edits", json=body, headers=WAIT).raise_for_status().json())
        case way if way < 0.9:  # follow its events, with previews
            edit = api.say(talk_id, text, parameters={**wanted, "steps": 3, "preview_every": 1})["edit"]
            return _followed(api, talk_id, edit["id"])
        case _:  # change one's mind
            edit = api.say(talk_id, text, parameters={**wanted, "steps": 30})["edit"]
            api.cancel(edit["id"])
            return _followed(api, talk_id, edit["id"])


def _fetched(api: Api, edit: Json) -> Json:
    for url in edit["urls"]["images"]:
        api.picture(url)
    return edit


def _followed(api: Api, talk_id: str, edit_id: str) -> Json:
    """Listen until the edit's end."""
    for event in api.events(f"/v1/conversations/{talk_id}/events", after="0"):
        if event.name.removeprefix("edit.") in TERMINAL and event.data["edit_id"] == edit_id:
            break
    return api.edit(edit_id)


def _picture(rng: random.Random) -> bytes:
    """A picture like no other, so that nobody has its latents yet."""
    colours = np.random.default_rng(rng.randrange(2**32)).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(colours).resize((SIDE, SIDE)).save(buffer, "PNG")
    return buffer.getvalue()
