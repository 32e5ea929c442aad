"""Conversation success through a running stack: `python -m evaluation.through_stack URL`.

The protocol of `evaluation.conversation` (four vague wishes in a row, a simulated user who answers what is asked), but
all that is known of the system is its REST interface: the pictures go up, the turns are said, the results come down.
So it also measures what lies between: rules of the gateway, queue, workers and whatever models they serve, as long as
the editor knows the scene world.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from tqdm import tqdm

from dialogpaint import AsyncConversation, AsyncDialogPaint
from editing_service.images import Pixels
from evaluation.conversation import SEED, USERS, drawn_goal, ended_right
from evaluation.pixels import pixels_of
from evaluation.shares import Share, share
from evaluation.talking import MOST_ANSWERS, Goal, makes
from evaluation.user import User
from shared.schemas.dialogue import ReplyKind
from training.datasets.changes import Change

BASES = ("head", "root")


@dataclass(frozen=True)
class Held:
    """One conversation: the instruction that came of each wish, if any, the turns it took, the picture at its end."""

    goal: Goal
    instructions: tuple[str | None, ...]
    turns: int
    success: bool

    @property
    def understood(self) -> list[bool]:
        """For each wish, whether its instruction makes the change that was wanted."""
        return list(map(makes, self.instructions, self.goal.changes))


@dataclass(frozen=True)
class Summary:
    """Figures over many conversations."""

    success: Share
    understood: Share
    turns: float

    def __str__(self) -> str:
        """One line."""
        return f"success {self.success}, wishes understood {self.understood}, {self.turns:.2f} turns for each wish"


def summarise(held: Sequence[Held]) -> Summary:
    """Shares and means over conversations."""
    wishes = sum(len(each.instructions) for each in held)
    return Summary(
        share(each.success for each in held),
        share(mark for each in held for mark in each.understood),
        sum(each.turns for each in held) / wishes,
    )


async def hold_all(client: AsyncDialogPaint, count: int, base: str, at_once: int) -> list[Held]:
    """Hold `count` conversations, `at_once` side by side; each turn starts from `base`, `head` or `root`."""
    free = asyncio.Semaphore(at_once)
    progress = tqdm(total=count, desc=f"conversations from {base}")

    async def one(index: int) -> Held:
        async with free:
            held = await hold(client, drawn_goal(SEED, index), index, base)
            progress.update()
            return held

    try:
        return list(await asyncio.gather(*map(one, range(count))))
    finally:
        progress.close()


async def hold(client: AsyncDialogPaint, goal: Goal, index: int, base: str) -> Held:
    """Hold one conversation about a goal, and delete it afterwards."""
    user = User(random.Random(f"{USERS}/{index}"), goal.scene)
    conversation = await client.start(Image.fromarray(pixels_of(goal.scene)), caption=user.caption)
    try:
        told = [await _wish(conversation, user, change, base) for change in goal.changes]
        made = await _picture(conversation)
    finally:
        await conversation.delete()
    instructions, turns = zip(*told, strict=True)
    return Held(goal, instructions, sum(turns), ended_right(goal, [made])[0])


async def _wish(conversation: AsyncConversation, user: User, change: Change, base: str) -> tuple[str | None, int]:
    """Say a wish and answer until an edit comes of it; its instruction and the number of turns."""
    said, turns, instruction = user.wants(change), 0, None
    while instruction is None and turns <= MOST_ANSWERS:
        turn = await conversation.say(said, base=base)
        turns, instruction = turns + 1, turn.instruction
        if instruction is None:
            said = user.answer(ReplyKind(turn.reply.kind.value), turn.reply.text)
    user.takes()
    return instruction, turns


async def _picture(conversation: AsyncConversation) -> Pixels:
    picture = await conversation.picture()
    return np.asarray(Image.open(io.BytesIO(picture.data)).convert("RGB"))


async def measure(url: str, count: int, bases: Sequence[str], at_once: int) -> None:
    """Hold conversations from each base, and print what came of them."""
    async with AsyncDialogPaint(url) as client:
        for base in bases:
            begun = time.perf_counter()
            held = await hold_all(client, count, base, at_once)
            print(f"base {base}: {summarise(held)}, {time.perf_counter() - begun:.0f} s")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.through_stack", description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--count", type=int, default=40, help="conversations of four wishes")
    parser.add_argument("--base", choices=BASES, action="append", help="head and root, if not said")
    parser.add_argument("--at-once", type=int, default=4, help="conversations side by side")
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.url, arguments.count, arguments.base or BASES, arguments.at_once))


if __name__ == "__main__":
    main()
