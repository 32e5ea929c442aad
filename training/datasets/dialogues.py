"""Dialogues for the dialogue model, simulated from a hand-written body of language.

`python -m training.datasets.dialogues --output DIR --count 10000 --seed 0 [--captions coco:PATH]` writes
train, validation and test dialogues as JSON Lines, and their JSON schema.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.datasets.caption_files import read_captions
from training.datasets.instructions import Split, phrase
from training.datasets.language import episodes, limits, openings, pairs, references, small_talk
from training.datasets.language.captions import Captions
from training.datasets.language.picture import WORLD, Picture, Words, draw_picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk, Turn
from training.datasets.language.vocabulary import draw_words

__all__ = ["WORLD", "Captions", "Sources", "Words", "draw", "main", "simulate", "simulate_captioned", "write"]

SPLITS: dict[Split, float] = {"train": 0.9, "validation": 0.05, "test": 0.05}
EDITED_BEFORE = 0.3
"""Share of dialogues that begin on a picture with instructions already carried out."""
MOST_EPISODES = 4
GREETED, CLOSED = 0.04, 0.06
"""Shares of dialogues that begin with a greeting and end with thanks or good bye."""

CAPTIONED = 0.25
"""Share of dialogues about real captions, where a file of them is given."""


@dataclass(frozen=True)
class Sources:
    """Where dialogues come from: the share with random words in the slots, and real captions."""

    random_words: float = 0.0
    captions: Captions | None = None


# What a user does next, and how often beside the others.
_EPISODES: dict[Callable[[Talk], None], float] = {
    episodes.explicit: 33,
    episodes.like_another: 5,
    episodes.keep_only: 4.5,
    episodes.indirect: 7,
    episodes.two_wishes: 7,
    episodes.both: 3,
    pairs.joined: 5,
    pairs.two_colours: 2,
    pairs.one_colour: 1.2,
    pairs.two_sizes: 1.2,
    pairs.remove_two: 1.2,
    pairs.replace_two: 1.5,
    pairs.add_two: 1,
    pairs.colour_and_size: 1.8,
    pairs.swap_colours: 2,
    pairs.new_and_changed: 1.2,
    pairs.two_settings: 1.3,
    openings.open_colour: 3,
    openings.open_new: 2.5,
    openings.open_size: 1.5,
    openings.open_change: 3,
    openings.open_target: 6,
    openings.add_openly: 5,
    openings.add_beside: 1,
    openings.add_member: 0.7,
    openings.open_setting: 4,
    openings.vague: 4.5,
    limits.absent: 3,
    limits.unknown: 3,
    limits.already_so: 1,
    references.refer_back: 34,
    small_talk.praise: 2,
    small_talk.digress: 9,
    small_talk.impossible: 4,
    small_talk.leave_alone: 2.5,
    small_talk.start_over: 0.3,
    small_talk.ask_back: 2.5,
}


def simulate(rng: random.Random, split: Split = "train", words: Words = WORLD) -> dict[str, Any]:
    """Draw one dialogue, in phrases and on a scene of the split; `words` fill the slots."""
    return converse(rng, split, draw_picture(rng, split, words), "world" if words == WORLD else "random words")


def simulate_captioned(rng: random.Random, split: Split, captions: Captions) -> dict[str, Any]:
    """Draw one dialogue about a real caption."""
    return converse(rng, split, captions.draw(rng, split), "captions")


def draw(rng: random.Random, split: Split, sources: Sources) -> dict[str, Any]:
    """Draw one dialogue from the mixture of sources."""
    chance = rng.random()
    if sources.captions is not None and sources.captions.of(split) and chance < CAPTIONED:
        return simulate_captioned(rng, split, sources.captions)
    strange = rng.random() < sources.random_words
    return simulate(rng, split, draw_words(rng) if strange else WORLD)


def write(output: Path, count: int, seed: int, sources: Sources) -> dict[Split, int]:
    """Write `train.jsonl`, `validation.jsonl`, `test.jsonl` and `schema.json`; the same seed writes the same files."""
    output.mkdir(parents=True, exist_ok=True)
    (output / "schema.json").write_text(json.dumps(SCHEMA, indent=2) + "\n", encoding="utf-8")
    counts: dict[Split, int] = {
        split: max(1, round(count * share)) for split, share in SPLITS.items() if split != "train"
    }
    counts["train"] = max(1, count - sum(counts.values()))
    for split, number in counts.items():
        with (output / f"{split}.jsonl").open("w", encoding="utf-8") as lines:
            for index in range(number):
                dialogue = draw(random.Random(f"{seed}/{split}/{index}"), split, sources)
                record = {"id": f"{split}-{index:06}", **dialogue}
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    return counts


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a data set of dialogues, as the command line asks."""
    options = _parser().parse_args(arguments)
    try:
        captions = read_captions(options.captions) if options.captions else None
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    counts = write(options.output, options.count, options.seed, Sources(options.random_words, captions))
    print(f"{options.output}: " + ", ".join(f"{number} {split}" for split, number in sorted(counts.items())))
    return 0


def converse(rng: random.Random, split: Split, picture: Picture, source: str) -> dict[str, Any]:
    """Simulate a conversation about a picture, as one line of a dialogue file (without its id)."""
    talk = Talk(rng, Speaker(rng, split), picture)
    before = _edit_before(talk)
    if rng.random() < GREETED:
        small_talk.greet(talk)
    for _ in range(rng.randint(1, MOST_EPISODES)):
        rng.choices(list(_EPISODES), weights=list(_EPISODES.values()))[0](talk)
    while not talk.turns:  # an episode that does not fit the picture adds none
        episodes.explicit(talk)
    if rng.random() < CLOSED:
        small_talk.close(talk)
    return to_dialogue(talk, split, picture.caption, source, before)


def to_dialogue(talk: Talk, split: Split, caption: str | None, source: str, before: list[str]) -> dict[str, Any]:
    """A conversation as one line of a dialogue file (without its id)."""
    return {
        "split": split,
        "source": source,
        "caption": caption,
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
    told = {"user": turn.user, "reply_kind": reply.kind, "reply": reply.text, "instruction": turn.instruction}
    return {**told, "meant": turn.meant} if turn.meant and turn.meant != turn.instruction else told


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.datasets.dialogues", description="Write simulated dialogues."
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the files")
    parser.add_argument("--count", type=int, default=10_000, help="dialogues in all (default 10000)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed writes the same files (default 0)")
    parser.add_argument(
        "--captions", action="append", metavar="KIND:PATH", help="talk about photographs too, as with coco:FILE"
    )
    parser.add_argument(
        "--random-words", type=float, default=0.3, help="share of dialogues with random words (default 0.3)"
    )
    return parser


_TURN = {
    "type": "object",
    "properties": {
        "user": {"type": "string", "minLength": 1},
        "reply_kind": {"enum": ["edit", "clarification", "chat"]},
        "reply": {"type": "string", "description": "the assistant's words; empty for an edit"},
        "instruction": {"type": ["string", "null"], "description": "the explicit instruction of an edit, else null"},
        "meant": {"type": "string", "description": "instructions that a rule of the service makes this reply of"},
    },
    "required": ["user", "reply_kind", "reply", "instruction"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Dialogue",
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "split": {"enum": list(SPLITS)},
        "source": {"enum": ["world", "random words", "captions", "self-instruct"]},
        "caption": {"type": ["string", "null"], "description": "what the uploaded picture shows, if anybody told"},
        "instructions_before": {
            "type": "array",
            "items": {"type": "string"},
            "description": "carried out on the captioned picture before the first turn, oldest first",
        },
        "turns": {"type": "array", "items": _TURN, "minItems": 1},
    },
    "required": ["id", "split", "source", "caption", "instructions_before", "turns"],
    "additionalProperties": False,
}
"""JSON schema of one line."""

if __name__ == "__main__":
    sys.exit(main())
