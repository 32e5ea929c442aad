"""Which thing is meant where it is told by its colour, side, size or kind instead of by its name.

One plain wish each, "paint THAT pink", about a picture of two or three things: whoever takes one of them at random is
right in two of five. Scenes are those kept for testing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from dialogue_service.engine import DialogueEngine
from evaluation.dialogue import answered, same_change
from evaluation.shares import Share, share
from shared.schemas.dialogue import DialogueRequest, ReplyKind
from training.datasets.changes import Recolour
from training.datasets.dialogue_examples import Example
from training.datasets.instructions import phrase
from training.datasets.language.naming import DESCRIPTIONS, Describe
from training.datasets.language.picture import WORLD, draw_picture


def measure(engine: DialogueEngine, count: int) -> dict[str, Share]:
    """The share of right instructions for each way to tell a thing, of as many wishes each."""
    found = {}
    for name, describe in DESCRIPTIONS.items():
        examples = [wish for wish, _ in zip(wishes(name, describe), range(count), strict=False)]
        replies = answered(engine, examples)
        found[name] = share(same_change(example, reply) for example, reply in zip(examples, replies, strict=True))
    return found


def wishes(name: str, describe: Describe) -> Iterator[Example]:
    """Wishes about things that are described so, always the same ones, without end."""
    rng = random.Random(f"descriptions/{name}")
    while True:
        picture = draw_picture(rng, "test", WORLD)
        if not picture.known or len(picture.kinds) < 2:
            continue
        thing = rng.choice(picture.scene.things)
        described = describe(rng, picture, thing)
        if described is None or thing.kind in described:
            continue
        colour = rng.choice([colour for colour in WORLD.colours if colour != thing.colour])
        request = DialogueRequest(
            caption=picture.caption, instructions=[], turns=[], text=f"paint {described} {colour}"
        )
        yield Example(request, ReplyKind.EDIT, phrase(Recolour(thing.kind, colour)))
