"""What a language model is asked for: a picture, the instructions to lead to, and seeds that show how."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from shared.schemas.dialogue import ReplyKind
from training.datasets.changes import Change, family_of
from training.datasets.dialogues import SPLITS
from training.datasets.instructions import Split, parse, phrase
from training.datasets.language.captions import Captions
from training.datasets.language.picture import WORLD, Picture, draw_picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.self_instruct.seeds import Seed, Shape, load_seeds, load_sentences
from training.datasets.self_instruct.transcript import Line

Form = Literal["dialogue", "sentence"]
"""A whole conversation, or only the words of a user who says it all at once: as much as a small model can do."""
SHOTS, SENTENCE_SHOTS, ALIKE_SHOTS = 3, 5, 3
"""Conversations shown; sentences shown, and how many of them belong to the same family of edits."""
CAPTIONED = 0.5
"""Share of tasks about real captions, where a file of them is given."""


@dataclass(frozen=True)
class Task:
    """One conversation to be written; `picture` is how it was before `changes`."""

    index: int
    split: Split
    picture: Picture
    changes: tuple[Change, ...]
    shape: Shape
    manner: str
    shots: tuple[Seed, ...] = ()
    sentences: tuple[Line, ...] = ()

    @property
    def instructions(self) -> list[str]:
        """What the conversation leads to, in canonical words."""
        return [phrase(change) for change in self.changes]


def draw_task(seed: int, index: int, captions: Captions | None = None, form: Form = "dialogue") -> Task:
    """The task of this number: the same for the same seed, captions and form."""
    rng = random.Random(f"self-instruct/{seed}/{index}")
    split = rng.choices(list(SPLITS), weights=list(SPLITS.values()))[0]
    picture = _draw_picture(rng, split, captions)
    manner = rng.choice(load_seeds()).manner
    if form == "sentence":
        (change,) = changes = _draw_changes(rng, split, picture, 1)
        return Task(index, split, picture, changes, (ReplyKind.EDIT,), manner, sentences=_sentences(rng, change))
    shaped = _seeds_by_shape()
    shape = rng.choice(list(shaped))
    changes = _draw_changes(rng, split, picture, shape.count(ReplyKind.EDIT))
    return Task(index, split, picture, changes, shape, manner, shots=tuple(rng.sample(shaped[shape], SHOTS)))


def _seeds_by_shape() -> dict[Shape, list[Seed]]:
    shaped: dict[Shape, list[Seed]] = defaultdict(list)
    for seed in load_seeds():
        shaped[seed.shape].append(seed)
    return shaped


def _sentences(rng: random.Random, change: Change) -> tuple[Line, ...]:
    """Seed sentences, those of the same family last."""
    alike = [line for line in load_sentences() if _family(line) == family_of(change)]
    others = [line for line in load_sentences() if _family(line) != family_of(change)]
    near = rng.sample(alike, min(ALIKE_SHOTS, len(alike)))
    return (*rng.sample(others, SENTENCE_SHOTS - len(near)), *near)


def _family(line: Line) -> str | None:
    change = parse(line.words)
    return family_of(change) if change else None


def _draw_picture(rng: random.Random, split: Split, captions: Captions | None) -> Picture:
    if captions is not None and captions.of(split) and rng.random() < CAPTIONED:
        return captions.draw(rng, split)
    while True:
        picture = draw_picture(rng, split, WORLD)
        if picture.known:
            return picture


def _draw_changes(rng: random.Random, split: Split, picture: Picture, count: int) -> tuple[Change, ...]:
    talk = Talk(rng, Speaker(rng, split), picture)
    changes = []
    for _ in range(count):
        changes.append(talk.any_change())
        talk.carry_out(changes[-1])
    return tuple(changes)
