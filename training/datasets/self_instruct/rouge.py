"""ROUGE-L between texts, by which new conversations are told from those there are already."""

from __future__ import annotations

import re
from collections.abc import Sequence

THRESHOLD = 0.7
"""From this F-measure on, two conversations count as the same (the threshold of the Self-Instruct paper)."""

_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """Lower-case words and numbers, as ROUGE counts them."""
    return _WORD.findall(text.lower())


def rouge_l(one: Sequence[str], other: Sequence[str]) -> float:
    """F-measure of the longest common subsequence of two lists of words, between 0 and 1 (Lin 2004)."""
    if not one or not other:
        return 0.0
    return 2 * common(one, other) / (len(one) + len(other))


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, a row at a time in the bits of one number (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    full = (1 << len(one)) - 1
    row = full
    for word in other:
        matches = row & places.get(word, 0)
        row = ((row + matches) | (row - matches)) & full
    return len(one) - row.bit_count()


class Novelty:
    """Remembers texts and says whether another is new beside them."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self._threshold = threshold
        self._known: list[list[str]] = []

    def add(self, text: str) -> None:
        """Remember a text."""
        self._known.append(words(text))

    def is_new(self, text: str) -> bool:
        """Whether no remembered text is as like as the threshold."""
        new = words(text)
        return not any(self._alike(new, known) for known in self._known)

    def _alike(self, new: list[str], known: list[str]) -> bool:
        total = len(new) + len(known)
        if 2 * min(len(new), len(known)) < self._threshold * total:  # too unlike in length to be alike
            return False
        return rouge_l(new, known) >= self._threshold
