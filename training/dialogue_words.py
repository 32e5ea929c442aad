"""Random words in the slots of dialogues: what teaches a small model to copy words it never met.

Measured on twelve million weights: with the world's own words alone, instructions about unseen things came out right in
1 % of cases, with random words of the vocabulary in half of the dialogues in 91 %.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence

from transformers import PreTrainedTokenizerBase

from training.datasets.dialogue_examples import Dialogue, Draw
from training.datasets.dialogues import WORLD, Words, simulate

KINDS_DRAWN, COLOURS_DRAWN = 14, 10
TWO_WORDS = 0.15
"""Share of things named by two words, as in "traffic light"."""


def with_random_words(words: Sequence[str], share: float) -> Draw:
    """Draws training dialogues from the simulator, a share of them with random words for things and colours."""
    usual = words_of(simulate(random.Random(f"usual/{number}")) for number in range(500))
    strange = [word for word in words if word not in usual]

    def draw(rng: random.Random) -> Dialogue:
        return simulate(rng, "train", drawn_words(rng, strange, share))

    return draw


def drawn_words(rng: random.Random, words: Sequence[str], share: float) -> Words:
    """The world's own words, or in a share of cases random ones."""
    return random_words(rng, words) if rng.random() < share else WORLD


def whole_words(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """The words of at least three letters in a vocabulary, be it of word pieces or of bytes (which mark a space)."""
    bytewise = any(piece.startswith("Ġ") for piece in tokenizer.get_vocab())
    pieces = [piece for piece in tokenizer.get_vocab() if piece.startswith("Ġ") or not bytewise]
    words = {piece.removeprefix("Ġ") for piece in pieces}
    return sorted(word for word in words if word.isalpha() and word.isascii() and word.islower() and len(word) > 2)


def random_words(rng: random.Random, strange: Sequence[str]) -> Words:
    """Other words for things and colours, all different."""
    drawn = rng.sample(strange, 2 * KINDS_DRAWN + COLOURS_DRAWN)
    kinds = tuple(
        f"{first} {second}" if rng.random() < TWO_WORDS else first
        for first, second in zip(drawn[:KINDS_DRAWN], drawn[KINDS_DRAWN : 2 * KINDS_DRAWN], strict=True)
    )
    return Words(kinds=kinds, colours=tuple(drawn[2 * KINDS_DRAWN :]))


def words_of(dialogues: Iterable[Dialogue]) -> set[str]:
    """Every word said or shown in some dialogues."""
    found: set[str] = set()
    for dialogue in dialogues:
        texts = [dialogue["caption"] or ""]
        for turn in dialogue["turns"]:
            texts += [turn["user"], turn["reply"], turn["instruction"] or ""]
        found.update(re.findall(r"[a-z]+", " ".join(texts).lower()))
    return found
