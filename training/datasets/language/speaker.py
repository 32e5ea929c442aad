"""The user's voice: phrases of one split, their slots filled, wrapped in politeness and typed carelessly."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from training.datasets.instructions import Split
from training.datasets.language import naming
from training.datasets.language.body import Phrase, load_body
from training.datasets.language.noise import roughen
from training.datasets.language.picture import WORLD, Picture
from training.datasets.language.wish import Wish

WRAPPED = 0.42
"""Share of wishes with "could you …" or the like around them."""


class Speaker:
    """Says things in phrases of one split."""

    def __init__(self, rng: random.Random, split: Split) -> None:
        self.rng = rng
        self._split = split
        self._body = load_body()
        self._wrapped = WRAPPED

    def typed(self, text: str, picture: Picture) -> str:
        """The text as the user would type it; foreign words stay as they are, since they can only be copied."""
        foreign = () if picture.closed else _foreign(picture)
        return roughen(self.rng, text, foreign)

    def bare(self, section: str, **slots: str) -> str:
        """A phrase of a section, nothing around it."""
        return self._fitting((section,), slots).fill(self.rng, slots)

    def wrapped(self, *sections: str, **slots: str) -> str:
        """A phrase of one of the sections, often with something around it."""
        phrase = self._fitting(sections, slots)
        text = phrase.fill(self.rng, slots)
        return self.around(text, phrase.is_command) if self.rng.random() < self._wrapped else text

    def around(self, text: str, is_command: bool = False) -> str:
        """Something polite, hesitant or joining around a text."""
        if is_command:
            return self.bare("wrap.do", do=text)
        return self.bare("wrap.say", say=text) if self.rng.random() < 0.6 else text

    def joined(self, first: str, second: str) -> str:
        """Two wishes in one turn."""
        text = self.bare("ref.then", a=first, b=second)
        return self.around(text) if self.rng.random() < self._wrapped / 2 else text

    @contextmanager
    def plainly(self) -> Iterator[None]:
        """Within this, wishes have nothing around them."""
        self._wrapped = 0.0
        try:
            yield
        finally:
            self._wrapped = WRAPPED

    def details(self, picture: Picture, wish: Wish, target: str | None = None) -> dict[str, str]:
        """What fills the slots for a wish; `target` replaces the name of its thing ("it")."""
        rng = self.rng
        slots = {}
        if wish.target:
            slots["x"] = target or naming.refer(rng, picture, wish.target)
            thing = picture.thing(wish.target)
            if target is None:
                slots["k"] = wish.target
            if thing and thing.colour:
                slots["o"] = thing.colour
        if wish.colour:
            slots["c"] = naming.name_colour(rng, picture, wish.colour)
        if wish.new:
            slots["n"] = naming.name_new(rng, wish.new, wish.colour)
            slots["nk"] = wish.new if not wish.colour else f"{wish.colour} {wish.new}"
        if wish.side:
            slots["w"], slots["s"] = naming.name_side(rng, wish.side, picture), wish.side
        if wish.value:
            slots["p"] = wish.value
        return slots

    def has(self, section: str) -> bool:
        """Whether there are such phrases."""
        return section in self._body.sections

    def _fitting(self, sections: tuple[str, ...], slots: dict[str, str]) -> Phrase:
        return self.rng.choice(self._body.fitting(sections, self._split, frozenset(slots)))


def _foreign(picture: Picture) -> frozenset[str]:
    words = picture.words
    if words == WORLD:
        return frozenset(picture.kinds)
    return frozenset(word for name in (*words.kinds, *words.colours, *picture.kinds) for word in name.split())
