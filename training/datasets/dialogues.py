"""Dialogues for the dialogue model, simulated from a hand-written body of language.

`python -m training.datasets.dialogues --output DIR --count 10000 --seed 0 [--coco PATH] [--random-words 0.3]` writes
train, validation and test dialogues as JSON Lines, and their JSON schema.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.datasets.instructions import Split, phrase
from training.datasets.language import episodes, references, small_talk
from training.datasets.language.episodes import Episode
from training.datasets.language.picture import WORLD, Picture, Words, draw_picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk, Turn

__all__ = ["WORLD", "Words", "simulate"]

SPLITS: dict[Split, float] = {"train": 0.9, "validation": 0.05, "test": 0.05}
EDITED_BEFORE = 0.3
"""Share of dialogues that begin on a picture with instructions already carried out."""
MOST_EPISODES = 4

# What a user does next, and how often in a hundred.
_EPISODES: dict[Episode, float] = {
    episodes.explicit: 31,
    episodes.open_colour: 3,
    episodes.open_new: 2.5,
    episodes.open_size: 1.5,
    episodes.open_change: 3,
    episodes.open_target: 6,
    episodes.add_openly: 5,
    episodes.open_setting: 4,
    episodes.vague: 5,
    episodes.indirect: 4,
    episodes.two_wishes: 5,
    episodes.both: 3,
    episodes.absent: 2.5,
    episodes.unknown: 2.5,
    episodes.already_so: 1.5,
    references.refer_back: 16,
    small_talk.praise: 2,
    small_talk.digress: 3,
    small_talk.impossible: 1.5,
    small_talk.ask_back: 4,
}


def simulate(rng: random.Random, split: Split = "train", words: Words = WORLD) -> dict[str, Any]:
    """Draw one dialogue, in phrases and on a scene of the split; `words` fill the slots."""
    return converse(rng, split, draw_picture(rng, split, words), "world" if words == WORLD else "random words")


def converse(rng: random.Random, split: Split, picture: Picture, source: str) -> dict[str, Any]:
    """Simulate a conversation about a picture, as one line of a dialogue file (without its id)."""
    talk = Talk(rng, Speaker(rng, split), picture)
    before = _edit_before(talk)
    if rng.random() < 0.06:
        small_talk.greet(talk)
    for _ in range(rng.randint(1, MOST_EPISODES)):
        rng.choices(list(_EPISODES), weights=list(_EPISODES.values()))[0](talk)
    if not talk.turns:
        episodes.explicit(talk)
    if rng.random() < 0.08:
        small_talk.close(talk)
    return {
        "split": split,
        "source": source,
        "caption": picture.caption,
        "instructions_before": before,
        "turns": [_to_json(turn) for turn in talk.turns],
    }


def _edit_before(talk: Talk) -> list[str]:
    before = []
    if talk.rng.random() < EDITED_BEFORE:
        for _ in range(talk.rng.randint(1, 3)):
            change = talk.any_change()
            talk.carry_out(change)
            before.append(phrase(change))
    return before


def _to_json(turn: Turn) -> dict[str, str | None]:
    reply = turn.reply
    return {"user": turn.user, "reply_kind": reply.kind, "reply": reply.text, "instruction": turn.instruction}
