"""Lists of words: those that stand in for the world's own to teach copying, and what users ask for in vain."""

from __future__ import annotations

import random
from functools import lru_cache
from pathlib import Path

from training.datasets.language.picture import Words
from training.datasets.world import COLOURS, KINDS

WORDS = Path(__file__).parent / "words.txt"


def draw_words(rng: random.Random) -> Words:
    """As many other names for things and colours as the world has, drawn at random."""
    return Words(
        tuple(rng.sample(word_list("things"), len(KINDS))), tuple(rng.sample(word_list("colours"), len(COLOURS)))
    )


@lru_cache(maxsize=16)
def word_list(name: str) -> tuple[str, ...]:
    """One of the lists in `words.txt`, read once per process."""
    section = WORDS.read_text(encoding="utf-8").split(f"== {name}\n")[1].split("\n==")[0]
    lines = [line for line in section.splitlines() if not line.startswith("#")]
    return tuple(word.strip() for word in " ".join(lines).split(",") if word.strip())


@lru_cache(maxsize=16)
def word_set(name: str) -> frozenset[str]:
    """The same list for looking words up."""
    return frozenset(word_list(name))
