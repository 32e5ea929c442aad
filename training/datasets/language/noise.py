"""How people really type: slips of the finger, American spelling, missing marks, shouting, smileys."""

from __future__ import annotations

import random
from collections.abc import Collection

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_ENDS = ("!", ".", ".", "?", "!!", "...", "!!!", " !", "??", " :)", " 🙂", " 😀", " 🎨", " <3", " ;)", " xx", " ❤️")
_AMERICAN = (("colour", "color"), ("grey", "gray"), ("favourite", "favorite"), ("centre", "center"))
SHORTEST_MISTYPED = 4


def roughen(rng: random.Random, text: str, spared: Collection[str] = ()) -> str:
    """The text as somebody might type it; words in `spared` are never misspelt."""
    if rng.random() < 0.3:
        text = americanise(text)
    if rng.random() < 0.12:
        text = text.replace("'", "")
    if rng.random() < 0.12:
        text = text.replace(",", "")
    if rng.random() < 0.09:
        text = mistype(rng, text, spared)
    if rng.random() < 0.02:
        text = _falter(rng, text)
    if rng.random() < 0.22 and text[-1] not in "!?.":
        text += rng.choice(_ENDS)
    style = rng.random()
    if style < 0.02:
        return text.upper()
    return text[0].upper() + text[1:] if style < 0.1 else text


def _falter(rng: random.Random, text: str) -> str:
    words = text.split(" ")
    at = rng.randrange(len(words))
    return " ".join([*words[:at], rng.choice(("um", "uh", "like", "er", "you know", "hmm,")), *words[at:]])


def americanise(text: str) -> str:
    """American spelling."""
    for british, american in _AMERICAN:
        text = text.replace(british, american)
    return text


def mistype(rng: random.Random, text: str, spared: Collection[str] = ()) -> str:
    """One word (seldom two) with a slip of the finger."""
    words = text.split(" ")
    long = [
        i for i, word in enumerate(words) if len(word) >= SHORTEST_MISTYPED and word.isalpha() and word not in spared
    ]
    for index in rng.sample(long, min(len(long), 1 if rng.random() < 0.75 else 2)):
        words[index] = slip(rng, words[index])
    return " ".join(words)


def slip(rng: random.Random, word: str) -> str:
    """The word with two letters swapped, one lost, doubled or replaced by its neighbour on the keyboard."""
    at = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("swap", "lose", "double", "neighbour"))
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "lose":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    return word[:at] + _neighbour(rng, word[at]) + word[at + 1 :]


def _neighbour(rng: random.Random, letter: str) -> str:
    row = next((row for row in _KEYS if letter in row), letter)
    at = row.index(letter)
    return rng.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)] or [letter])
