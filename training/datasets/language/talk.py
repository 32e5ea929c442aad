"""A conversation as it grows: its turns, the picture's state, and what "it" and "that" mean at this moment."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from training.datasets.changes import FAMILIES, RELIGHTS, Change
from training.datasets.instructions import phrase
from training.datasets.language.assistant import Reply, answer
from training.datasets.language.picture import Picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.wish import Wish, subject, wish_of
from training.datasets.world import PLACES, STYLES, TIMES, WEATHERS

_WEIGHTS = {
    "recolour": 24, "replace": 14, "remove": 11, "add": 14, "resize": 12,
    "place": 8, "time": 7, "weather": 7, "style": 8, "light": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Turn:
    """What the user said together with the right reply."""

    user: str
    reply: Reply

    @property
    def instruction(self) -> str | None:
        """The explicit instruction of an edit, or both of two, in their canonical wordings."""
        return _said(self.reply.changes)

    @property
    def meant(self) -> str | None:
        """The instructions that a rule of the service makes the reply of, if one does."""
        return _said(self.reply.meant)


@dataclass
class Talk:
    """One simulated conversation about one picture."""

    rng: random.Random
    speaker: Speaker
    picture: Picture
    turns: list[Turn] = field(default_factory=list)
    focus: str | None = None
    past: list[tuple[Picture, Change]] = field(default_factory=list)
    left: Wish | None = None
    """What the last turn wished for besides what was done."""

    def take(self, said: str, reply: Reply, focus: str | None = None) -> Reply:
        """Record a turn and carry out its edit, if it is one; `focus` is the thing it was about."""
        self.turns.append(Turn(self.speaker.typed(said, self.picture), reply))
        self.left = None
        for change in reply.changes:
            self.carry_out(change)
            self.focus = subject(change)
        if reply.change is None and focus:
            self.focus = focus
        return reply

    def carry_out(self, change: Change) -> None:
        """Change the picture."""
        self.past.append((self.picture, change))
        self.picture = self.picture.after(change)

    def wish(self, said: str, wish: Wish) -> Reply:
        """Record a turn that is a wish."""
        return self.take(said, answer(self.picture, wish), wish.target)

    def wishes(self, said: str, first: Wish, second: Wish) -> Reply:
        """Record a turn that is two wishes: both are carried out, or the one of them that is clear and possible."""
        reply, left = answer(self.picture, first), None
        if reply.change is None and (other := answer(self.picture, second)).change:
            taken = self.take(said, _together(reply, other), second.target)
            self.left = first
            return taken
        if reply.change:
            then = answer(self.picture.after(reply.change), second)
            left = None if then.change else second
            reply = replace(_together(reply, then), change=reply.change, then=then.change)
        self.take(said, reply, first.target)
        self.left = left
        return reply

    @property
    def before(self) -> Picture | None:
        """The picture before the last change."""
        return self.past[-1][0] if self.past else None

    @property
    def last(self) -> Change | None:
        """The last change."""
        return self.past[-1][1] if self.past else None

    @property
    def just_edited(self) -> bool:
        """Whether the last turn was an edit, so that "again" or "no, blue" can mean it."""
        return bool(self.turns) and self.turns[-1].reply.change is not None

    @property
    def other(self) -> str | None:
        """What "the other one" means: the second of two things of which one was just spoken of."""
        kinds = self.picture.kinds
        if not self.picture.known or len(kinds) != 2 or self.focus not in kinds:
            return None
        return kinds[1] if kinds[0] == self.focus else kinds[0]

    def any_change(self, families: tuple[str, ...] = tuple(FAMILIES), picture: Picture | None = None) -> Change:
        """A change drawn at random that can be carried out at once."""
        picture = picture or self.picture
        for _ in range(60):
            family = self.rng.choices(families, weights=[_WEIGHTS[name] for name in families])[0]
            wish = self._drawn(family, picture)
            change = answer(picture, wish).change if wish else None
            if change and wish_of(change).action == family:
                return change
        return self.any_change(("place", "time", "style"), picture)

    def colour(self) -> str:
        """A colour."""
        return self.rng.choice(self.picture.words.colours)

    def absent_kind(self) -> str:
        """Something that is not in the picture."""
        return self.rng.choice([kind for kind in self.picture.words.kinds if kind not in self.picture.kinds])

    def _drawn(self, family: str, picture: Picture) -> Wish | None:
        rng, kinds = self.rng, picture.kinds
        if family in ("recolour", "replace", "remove", "resize"):
            if not kinds:
                return None
            target = rng.choice(kinds)
            return {
                "recolour": Wish("recolour", target, colour=self.colour()),
                "replace": Wish(
                    "replace", target, new=self.absent_kind(), colour=self.colour() if rng.random() < 0.5 else None
                ),
                "remove": Wish("remove", target),
                "resize": Wish("resize", target, size=rng.choice(("bigger", "smaller"))),
            }[family]
        if family == "add":
            free = picture.free_sides
            return Wish("add", new=self.absent_kind(), colour=self.colour(), side=rng.choice(free)) if free else None
        values = {"place": PLACES, "time": TIMES, "weather": WEATHERS, "style": STYLES, "light": RELIGHTS}[family]
        return Wish(family, value=rng.choice(values))


def _together(first: Reply, second: Reply) -> Reply:
    """The second reply where the model is taught to say both wishes, as far as both are told completely."""
    told = [*(first.meant or first.changes), *(second.meant or second.changes)]
    return replace(second, kind="edit", text="", meant=tuple(told))


def _said(changes: Sequence[Change]) -> str | None:
    return "; ".join(phrase(change) for change in changes) or None
