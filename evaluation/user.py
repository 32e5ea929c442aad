"""A simulated user with hidden wishes: opens vaguely, and answers what the assistant really asked.

It speaks the training simulator's language in the phrases kept for testing. Where a question is not understood or
does not fit the wish ("which colour should the tree be?" when the house is meant), it says the wish plainly.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from evaluation.questions import Question, read_question
from shared.schemas.dialogue import ReplyKind
from training.datasets.changes import Change
from training.datasets.instructions import Split, parse
from training.datasets.language.naming import name_colour, name_new, name_side, refer
from training.datasets.language.picture import Picture
from training.datasets.language.speaker import Speaker
from training.datasets.language.talk import Talk
from training.datasets.language.telling import section_of, tell
from training.datasets.language.wish import ON_THINGS, Wish, subject, wish_of
from training.datasets.world import Scene, caption

VAGUE, VAGUE_THING = 0.15, 0.25
"""Shares of openings that say nothing at all ("make it nicer"), and of those about a thing that name only the thing."""
_VERBS = {"recolour": "paint", "replace": "replace", "remove": "remove", "resize": "make"}


class User:
    """Somebody in front of one picture; `wants` says what they wish for next."""

    def __init__(self, rng: random.Random, scene: Scene, split: Split = "test") -> None:
        self.rng = rng
        self.talk = Talk(rng, Speaker(rng, split), Picture(scene, caption(scene)))
        self.wish = Wish("any")
        self.change: Change | None = None

    @property
    def caption(self) -> str:
        """What the user told about the picture when uploading it."""
        return self.talk.picture.caption or ""

    def wants(self, change: Change) -> str:
        """Open a wish with words that leave something out."""
        self.change, self.wish = change, wish_of(change)
        section, told = self._opening()
        names = [name for name in (f"{section}.do", f"{section}.say") if self.talk.speaker.has(name)]
        return self._typed(self.talk.speaker.wrapped(*names, **self.talk.speaker.details(self.talk.picture, told)))

    def answer(self, kind: ReplyKind, text: str) -> str:
        """Answer a question, or anything else that is no edit."""
        question = read_question(text)
        if kind is not ReplyKind.CLARIFICATION or not _fits(question, self.wish):
            return self._typed(tell(self.talk, self.wish))
        return self._typed(_ANSWERS.get(question.asks, User._setting)(self, question))

    def takes(self) -> None:
        """Take the present wish as fulfilled and think of the picture as changed."""
        if self.change is not None:
            self.talk.carry_out(self.change)
            self.talk.focus = subject(self.change)

    def _opening(self) -> tuple[str, Wish]:
        """A section of phrases, and the part of the wish that they tell."""
        wish, chance = self.wish, self.rng.random()
        if chance < VAGUE or wish.action == "light":  # no question asks for the light alone
            return "vague", Wish("any")
        if wish.action in ON_THINGS and chance < VAGUE + VAGUE_THING:
            return "vague.thing", Wish("change", wish.target)
        return self.rng.choice(self._partly())

    def _partly(self) -> list[tuple[str, Wish]]:
        """Openings that leave out one part of the wish; "it" only while nothing was spoken of that it could mean."""
        wish = self.wish
        nameless = replace(wish, target=None)
        fresh = self.talk.focus is None
        match wish.action:
            case "recolour":
                found = [("recolour.no_colour", replace(wish, colour=None)), ("recolour.some", nameless)]
            case "replace":
                found = [("replace.no_new", Wish("replace", wish.target))]
            case "remove":
                return [("remove.no_target", nameless)] if fresh else [("vague.thing", Wish("change", wish.target))]
            case "resize":
                found = [("resize.no_size", replace(wish, size=None)), (f"{wish.size}.some", nameless)]
            case "add":
                sideless = replace(wish, side=None)
                return [("add.none", Wish("add")), ("add.only", sideless), ("add.only", replace(sideless, colour=None))]
            case setting:
                return [(f"{setting}.none", Wish(setting))]
        if fresh and wish.action != "resize":
            found.append((f"{wish.action}.no_target", nameless))
        return found

    def _typed(self, said: str) -> str:
        return self.talk.speaker.typed(said, self.talk.picture)

    def _any(self, _: Question) -> str:
        wish, chance = self.wish, self.rng.random()
        if chance < 0.5 or wish.action == "light":
            return tell(self.talk, wish)
        if wish.action in ON_THINGS:
            return self._which(Question("any"))
        return self.talk.speaker.bare("answer.add" if wish.action == "add" else f"answer.{wish.action}.none")

    def _which(self, question: Question) -> str:
        """`the house`, or `the first one` after a question that names it first."""
        target = self.wish.target or ""
        named = sorted(
            (kind for kind in self.talk.picture.kinds if f"the {kind}" in question.text),
            key=lambda kind: question.text.find(f"the {kind}"),
        )
        if question.asks == "which" and len(named) > 1 and target in named[:2] and self.rng.random() < 0.15:
            return self.talk.speaker.bare(("answer.first", "answer.second")[named.index(target)])
        return self.talk.speaker.bare("answer.which", x=refer(self.rng, self.talk.picture, target))

    def _about(self, _: Question) -> str:
        if self.rng.random() < 0.5:
            return self.talk.speaker.bare(f"answer.{self.wish.action}")
        return tell(self.talk, self.wish, "it")

    def _colour(self, _: Question) -> str:
        named = name_colour(self.rng, self.talk.picture, self.wish.colour or "")
        return self.talk.speaker.bare("answer.colour", c=named)

    def _new(self, _: Question) -> str:
        new, colour = self.wish.new or "", self.wish.colour
        return self.talk.speaker.bare(
            "answer.new", n=name_new(self.rng, new, colour), nk=f"{colour or ''} {new}".strip()
        )

    def _where(self, _: Question) -> str:
        side = self.wish.side or ""
        return self.talk.speaker.bare("answer.where", w=name_side(self.rng, side, self.talk.picture), s=side)

    def _colour_where(self, _: Question) -> str:
        return self.talk.speaker.bare("answer.colour_where", **self.talk.speaker.details(self.talk.picture, self.wish))

    def _size(self, _: Question) -> str:
        return self.talk.speaker.bare(f"answer.{self.wish.size}")

    def _confirm(self, question: Question) -> str:
        return self.talk.speaker.bare("answer.yes" if parse(question.does) == self.change else "answer.no")

    def _setting(self, question: Question) -> str:
        if question.asks == "place":
            return self.talk.speaker.bare("answer.place", p=self.wish.value or "")
        return self.talk.speaker.bare(f"answer.{section_of(question.asks, self.wish.value or '')}")


_ANSWERS: dict[str, Callable[[User, Question], str]] = {
    "any": User._any,
    "which": User._which,
    "about": User._about,
    "colour": User._colour,
    "new": User._new,
    "add": User._new,
    "where": User._where,
    "colour_where": User._colour_where,
    "size": User._size,
    "confirm": User._confirm,
}


def _fits(question: Question, wish: Wish) -> bool:
    """Whether an answer to the question brings the wish on."""
    match question.asks:
        case "any" | "confirm":
            return True
        case "colour":
            return wish.colour is not None and question.kind == (wish.new or wish.target)
        case "add":
            return wish.action == "add"
        case "where" | "colour_where":
            return wish.action == "add" and question.kind == wish.new
        case "which":
            return wish.action in ON_THINGS and _would_do(question.does, wish)
        case "about":
            return wish.action in ON_THINGS and question.kind == wish.target
        case "size" | "new":
            return wish.action == {"size": "resize", "new": "replace"}[question.asks] and question.kind == wish.target
        case setting:
            return wish.action == setting


def _would_do(does: str, wish: Wish) -> bool:
    """Whether "which one shall i paint blue" is about to do what is wished, as far as it says."""
    words = does.split()
    told = {word for word in (wish.colour, wish.new, wish.size) if word} | {"with", "a", "an"}
    return words == ["change"] or (
        words[0] in (_VERBS[wish.action], wish.action) and all(word in told for word in words[1:])
    )
