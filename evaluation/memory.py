"""How far back the dialogue model remembers: a wish about a thing that an edit brought in some turns ago.

A conversation brings a thing in (or paints one), then talks of other things for some turns, then comes back to it. Only
who remembers what became of the picture since its caption can say what is meant. Phrases and scenes are those kept for
testing; the share at a distance of one turn says what understanding the words alone costs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from dialogue_service.engine import DialogueEngine
from evaluation.dialogue import answered, same_change
from evaluation.shares import Share, share
from training.datasets.changes import Add, Replace
from training.datasets.dialogue_examples import Example, examples_of
from training.datasets.dialogues import to_dialogue
from training.datasets.instructions import Split
from training.datasets.language.picture import WORLD, draw_picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.language.telling import tell
from training.datasets.language.wish import Wish, subject, wish_of

DISTANCES = (1, 5, 11)
"""How many turns ago the thing came in."""
_ABOUT_IT = ("recolour", "resize", "remove", "replace")


def measure(engine: DialogueEngine, count: int, distances: Sequence[int] = DISTANCES) -> dict[int, Share]:
    """The share of right instructions for each distance, over as many conversations each."""
    found = {}
    for distance in distances:
        examples = list(looks_back(distance, count))
        replies = answered(engine, examples)
        found[distance] = share(same_change(example, reply) for example, reply in zip(examples, replies, strict=True))
    return found


def looks_back(distance: int, count: int, split: Split = "test") -> Iterator[Example]:
    """The last turns of conversations that come back to a thing after `distance` turns, always the same ones."""
    number = 0
    while count:
        example = look_back(random.Random(f"memory/{distance}/{number}"), distance, split)
        number += 1
        if example is not None:
            count -= 1
            yield example


def look_back(rng: random.Random, distance: int, split: Split = "test") -> Example | None:
    """One such turn, or None where the drawn picture has no room for it."""
    picture = draw_picture(rng, split, WORLD)
    if not picture.full:
        return None
    talk = Talk(rng, Speaker(rng, split), picture)
    brought = talk.any_change(("add", "replace"))
    if not isinstance(brought, Add | Replace):
        return None
    _say(talk, wish_of(brought))
    kind = subject(brought)
    for _ in range(distance - 1):
        change = talk.any_change()
        if kind in (subject(change), wish_of(change).target):
            change = talk.any_change(("place", "time", "weather", "style"))
        _say(talk, wish_of(change))
    thing = talk.picture.thing(kind or "")
    if thing is None:
        return None
    action = rng.choice(_ABOUT_IT)
    wish = {
        "recolour": Wish("recolour", kind, colour=rng.choice([c for c in WORLD.colours if c != thing.colour])),
        "resize": Wish("resize", kind, size="smaller" if thing.size == "big" else "bigger"),
        "remove": Wish("remove", kind),
        "replace": Wish("replace", kind, new=talk.absent_kind(), colour=talk.colour()),
    }[action]
    talk.wish(tell(talk, wish, f"the {kind}"), wish)
    dialogue = to_dialogue(talk, split, picture.caption, "world", [])
    return examples_of(dialogue)[-1]


def _say(talk: Talk, wish: Wish) -> None:
    talk.wish(tell(talk, wish), wish)
