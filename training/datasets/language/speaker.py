"""The user's voice: phrases of one split, their slots filled, wrapped in politeness and typed carelessly."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from training.datasets.instructions import Split
from training.datasets.language import naming
from training.datasets.language.body import PLAIN_COLOUR, Phrase, load_body
from training.datasets.language.noise import roughen
from training.datasets.language.picture import WORLD, Picture
from training.datasets.language.wish import Wish

WRAPPED = 0.42
"""Share of wishes with "could you …" or the like around them."""


CHATTY = 0.15
"""Share of wishes with a remark beside them that is no wish: the longer text must not look like two."""


class Speaker:
    """Says things in phrases of one split."""

    def __init__(self, rng: random.Random, split: Split) -> None:
        self.rng = rng
        self._split = split
        self._body = load_body()
        self._wrapped, self._chatty = WRAPPED, CHATTY

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
        text = self.around(text, phrase.is_command) if self.rng.random() < self._wrapped else text
        return self.chatting(text) if self.rng.random() < self._chatty else text

    def chatting(self, text: str) -> str:
        """A remark that is no wish before or after a text that is one."""
        if self.rng.random() < 0.5:
            return f"{self.bare('chatter.before')} {text}"
        return text + self.rng.choice((", ", ". ", " - ")) + self.bare("chatter.after")

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
        self._wrapped = self._chatty = 0.0
        try:
            yield
        finally:
            self._wrapped, self._chatty = WRAPPED, CHATTY

    def details(self, picture: Picture, wish: Wish, target: str | None = None) -> dict[str, str]:
        """What fills the slots for a wish; `target` replaces the name of its thing ("it")."""
        rng = self.rng
        slots = {}
        if wish.target:
            slots["x"] = target or naming.refer(rng, picture, wish.target)
            thing = picture.thing(wish.target)
            if target is None:
                slots["k"] = wish.target
            if thing and thing.colour and thing.colour != wish.colour:
                slots["o"] = thing.colour
        if wish.colour:
            slots["c"], slots[PLAIN_COLOUR] = naming.name_colour(rng, picture, wish.colour), wish.colour
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
        return self._body.choose(self.rng, sections, self._split, frozenset(slots))


def _foreign(picture: Picture) -> frozenset[str]:
    words = picture.words
    if words == WORLD:
        return frozenset(picture.kinds)
    return frozenset(word for name in (*words.kinds, *words.colours, *picture.kinds) for word in name.split())
