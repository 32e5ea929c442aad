"""Clients that use a stack in every way there is, and leave nothing behind: each conversation is deleted again."""

from __future__ import annotations

import io
import random
import threading
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


def hold_talks(url: str, edits: int, clients: int, tally: Tally, seed: int = 0) -> None:
    """Have so many edits made in conversations, by so many clients at once; raises what a client fails with."""
    talks = [min(EDITS_A_TALK, edits - begun) for begun in range(0, edits, EDITS_A_TALK)]
    apis = [Api(url) for _ in range(clients)]
    with ThreadPoolExecutor(clients) as pool:
        shares = [talks[number::clients] for number in range(clients)]
        for held in [
            pool.submit(_hold, api, share, random.Random(f"{seed} {number}"), tally)
            for number, (api, share) in enumerate(zip(apis, shares, strict=True))
        ]:
            held.result()
    for api in apis:
        api.http.close()


def stand_alone(url: str, edits: int) -> None:
    """Have so many edits made of one picture, without a conversation."""
    api, rng = Api(url), random.Random(1)
    with api.http:
        image_id = api.upload(_picture(rng))
        for number in range(edits):
            api.submit(image_id, f"paint it colour {number}", headers=WAIT)


def _hold(api: Api, talks: list[int], rng: random.Random, tally: Tally) -> None:
    for edits in talks:
        talk = api.converse(api.upload(_picture(rng)), caption="a house")
        for _ in range(edits):
            tally.add(_edit(api, talk["id"], rng)["status"])
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
