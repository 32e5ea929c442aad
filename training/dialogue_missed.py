"""Turns that the model got wrong come again, like a learner's flash cards, until it knows them.

Once most turns are answered rightly, a batch of fresh ones teaches little: nine of ten are known already. What was
missed is kept and drawn again after some steps, so that rare words and hard references are met more often than others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from torch import Tensor

from training.dialogue_batches import IGNORED, Batch, collate

KEPT = 512
"""Most cards: the oldest is dropped for a new one."""
REST = 16
"""Steps before a card comes again, so that it is not merely remembered from the step before."""
TRIES = 4
"""How often a card comes again before it is given up: some turns can be understood in two ways."""


@dataclass(frozen=True)
class Card:
    """A missed turn: what was read, what should have been answered, when it is due, how often it came already."""

    ids: list[int]
    answer: list[int]
    due: int
    tries: int = 0


class Missed:
    """The cards of a run; its state is kept with the run's, so that a resumed run draws the same ones."""

    def __init__(self, rows: int, pad_id: int) -> None:
        """`rows` is how many cards come with a step at most; none is kept where it is 0."""
        self._rows, self._pad_id = rows, pad_id
        self._cards: deque[Card] = deque(maxlen=KEPT)
        self._drawn: list[Card] = []

    def __len__(self) -> int:
        """How many cards wait to come again."""
        return len(self._cards)

    def batch(self, step: int, longest: int) -> list[Batch]:
        """The cards that come with this step, as one batch, or none.

        They are the longest that are no longer than `longest` ids, the length of the step's fresh turns: so little is
        padded, and a card waits for a step of its own length.
        """
        fitting = [card for card in self._cards if card.due <= step and len(card.ids) <= longest]
        due = sorted(fitting, key=lambda card: len(card.ids), reverse=True)[: self._rows]
        self._drawn = due
        taken = {id(card) for card in due}
        self._cards = deque((card for card in self._cards if id(card) not in taken), maxlen=KEPT)
        return [collate([(card.ids, card.answer) for card in due], self._pad_id)] if due else []

    def look(self, step: int, parts: Sequence[Batch], wrong: Sequence[Tensor]) -> None:
        """Keep what this step's answers missed; `wrong` marks the rows of each part, the drawn cards' part last."""
        if not self._rows:
            return
        if self._drawn:
            *wrong, again = wrong
            for card, missed in zip(self._drawn, again.tolist(), strict=True):
                if missed and card.tries + 1 < TRIES:
                    self._cards.append(replace(card, due=step + REST, tries=card.tries + 1))
        for part, rows in zip(parts, wrong, strict=False):
            for row in rows.nonzero().flatten().tolist():
                ids = part.input_ids[row][part.attention_mask[row].bool()].tolist()
                answer = part.labels[row][part.labels[row] != IGNORED].tolist()
                self._cards.append(Card(ids, answer, due=step + REST))
        self._drawn = []

    def state_dict(self) -> dict[str, Any]:
        """What is kept of the cards."""
        return {"cards": [asdict(card) for card in self._cards]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take the cards up again."""
        self._cards = deque((Card(**card) for card in state["cards"]), maxlen=KEPT)
