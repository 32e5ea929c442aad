"""The hand-written body of language: phrases in sections, read from `phrases/*.txt`, each belonging to one split.

A file holds sections (`== recolour.do`) of one phrase a line. `[can|could] you` offers alternatives, `{x}` is a slot,
`# ` begins a remark. A leading `+` marks a phrase too plain to be kept from training.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from training.datasets.instructions import Split

PHRASES = Path(__file__).parent / "phrases"
TEST_SHARE, VALIDATION_SHARE = 0.10, 0.08
"""Shares of a section's phrases that are held out; at least one each."""
PLAIN_SHARE = 0.2
"""How often one of the plainest phrases is drawn: most people say most things so."""

_ALTERNATIVES = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_BEFORE_A_NOUN = re.compile(
    r"\{c\}(?= (?:\{k\}|ones?\b|things?\b|paint\b|coat\b|colour\b|look\b|version\b|makeover\b))"
)
"""A colour that must be a plain word: nobody says "a the colour of grass house"."""
_QUESTION = re.compile(r"(do|have) (i|we|you)\b")
"""Begins like an order and is none: "do we need the car"."""
PLAIN_COLOUR = "plain_c"
_AN = re.compile(r"\b([Aa]) (?=(?:amber|apricot|azure|ebony|emerald|indigo|ivory|olive|orange|umbrella)\b)")


@dataclass(frozen=True)
class Phrase:
    """One hand-written line; `parts` are fixed texts and tuples of alternatives in turn."""

    section: str
    text: str
    core: bool
    slots: frozenset[str]
    parts: tuple[str | tuple[str, ...], ...]

    def fill(self, rng: random.Random, slots: Mapping[str, str]) -> str:
        """The phrase with alternatives drawn and slots filled."""
        line = "".join(part if isinstance(part, str) else rng.choice(part) for part in self.parts)
        filled = line.format_map({PLAIN_COLOUR: slots.get("c", ""), **slots})
        return _AN.sub(r"\1n ", " ".join(filled.split()))

    @property
    def is_command(self) -> bool:
        """Whether it begins with a verb that gives an order, so that "could you …" may stand before it."""
        return self.text.split(maxsplit=1)[0].strip(",.!?") in _verbs() and not _QUESTION.match(self.text)


class Body:
    """All phrases, by section and split."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self.phrases = tuple(phrases)
        shared = {text for text, count in Counter(phrase.text for phrase in phrases).items() if count > 1}
        by_section: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            by_section.setdefault(phrase.section, []).append(phrase)
        self._fitting: dict[tuple[tuple[str, ...], Split, frozenset[str]], tuple[Phrase, ...]] = {}
        self._plain: dict[tuple[tuple[str, ...], Split, frozenset[str]], tuple[Phrase, ...]] = {}
        self._sections = {section: _divide(members, shared) for section, members in by_section.items()}

    @property
    def sections(self) -> tuple[str, ...]:
        """The names of all sections."""
        return tuple(self._sections)

    def of(self, section: str, split: Split) -> tuple[Phrase, ...]:
        """The phrases of a section that belong to a split."""
        return self._sections[section][split]

    def fitting(self, sections: tuple[str, ...], split: Split, slots: frozenset[str]) -> tuple[Phrase, ...]:
        """The phrases of some sections that need no other slots: of the split, or of training if it has none."""
        key = (sections, split, slots)
        if key not in self._fitting:
            found = self._that_fit(sections, split, slots)
            self._fitting[key] = found or self._that_fit(sections, "train", slots)
        return self._fitting[key]

    def choose(self, rng: random.Random, sections: tuple[str, ...], split: Split, slots: frozenset[str]) -> Phrase:
        """Draw one of the phrases that fit, a plain one more often than its share of them."""
        phrases = self.fitting(sections, split, slots)
        key = (sections, split, slots)
        if key not in self._plain:
            self._plain[key] = tuple(phrase for phrase in phrases if phrase.core)
        plain = self._plain[key]
        return rng.choice(plain if plain and rng.random() < PLAIN_SHARE else phrases)

    def _that_fit(self, sections: tuple[str, ...], split: Split, slots: frozenset[str]) -> tuple[Phrase, ...]:
        return tuple(phrase for section in sections for phrase in self.of(section, split) if phrase.slots <= slots)


@lru_cache(maxsize=1)
def load_body() -> Body:
    """Read the phrase files, once per process."""
    return Body([phrase for path in sorted(PHRASES.glob("*.txt")) for phrase in read_phrases(path)])


def read_phrases(path: Path) -> Iterator[Phrase]:
    """The phrases of one file; raises ValueError for a phrase outside any section."""
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            section = line[3:].strip()
        elif line.strip() and not line.startswith("# "):
            if not section:
                raise ValueError(f"{path.name}: '{line}' stands before the first section")
            yield make_phrase(section, line)


def make_phrase(section: str, line: str) -> Phrase:
    """Read one line of a phrase file."""
    text = line.removeprefix("+ ").strip()
    pieces = _ALTERNATIVES.split(_BEFORE_A_NOUN.sub(f"{{{PLAIN_COLOUR}}}", text))
    parts = tuple(piece if index % 2 == 0 else tuple(piece.split("|")) for index, piece in enumerate(pieces))
    return Phrase(section, text, line.startswith("+ "), frozenset(_SLOT.findall(text)), parts)


def _divide(phrases: Sequence[Phrase], shared: Collection[str]) -> dict[Split, tuple[Phrase, ...]]:
    """Hold some phrases out, but none that is core or that stands in another section too."""
    free = [phrase for phrase in phrases if not phrase.core and phrase.text not in shared]
    held_back = sorted(free, key=_stable_hash)
    tests = max(1, round(TEST_SHARE * len(phrases)))
    validations = max(1, round(VALIDATION_SHARE * len(phrases)))
    held_out = set(held_back[: tests + validations])
    return {
        "test": tuple(held_back[:tests]),
        "validation": tuple(held_back[tests : tests + validations]),
        "train": tuple(phrase for phrase in phrases if phrase not in held_out),
    }


def _stable_hash(phrase: Phrase) -> str:
    return hashlib.sha1(phrase.text.encode()).hexdigest()


@lru_cache(maxsize=1)
def _verbs() -> frozenset[str]:
    """The verbs with which the `.do` sections begin."""
    body = load_body()
    commands = [phrase for phrase in body.phrases if phrase.section.endswith(".do") and phrase.section != "wrap.do"]
    first = {phrase.text.split()[0].strip(",") for phrase in commands}
    return frozenset(word for word in first if word.isalpha()) | {"stop", "start", "pixelate", "desaturate"}
