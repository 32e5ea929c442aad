"""Real captions (COCO's file format) as pictures to talk about, their things found by a crude rule."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from training.datasets.instructions import Split
from training.datasets.language.picture import UNTOLD, Picture, Words
from training.datasets.language.vocabulary import word_list, word_set
from training.datasets.world import COLOURS, KINDS, Scene, Thing

MOST_WORDS, MOST_THINGS = 24, 4
FREQUENT, BOUND = 8, 0.3
"""A pair of words is one name ("fire hydrant") if it is frequent and the first word mostly stands before the second."""
NOUN = 0.2
"""Least share of a noun's uses after an article in which nothing belongs to it any more."""
ENOUGH = 5000
"""Fewer captions than these do not tell which words are nouns."""
KINDS_DRAWN, COLOURS_DRAWN = 12, 10
LONGER_NAMES = 3
"""How many of the things that may be put in have names of several words, as people describe what they imagine."""

_ARTICLES = frozenset(("a", "an", "the", "his", "her", "its", "their", "another", "one"))
_COLOURS = frozenset((*COLOURS, "grey", "gray", "silver", "golden", "tan", "beige", "teal", "maroon"))


@dataclass(frozen=True)
class Captioned:
    """A caption and the things it names, with their colours where it tells them."""

    text: str
    things: tuple[Thing, ...]


class Captions:
    """Real captions by split; images whose id ends in 7 are for testing, in 3 for validation."""

    def __init__(self, numbered: Iterable[tuple[int, str]]) -> None:
        texts = [(image, tidy(text)) for image, text in numbered]
        compounds = _compounds([text for _, text in texts])
        nouns = _nouns([text for _, text in texts]) if len(texts) >= ENOUGH else None
        self._by_split: dict[Split, list[Captioned]] = {"train": [], "validation": [], "test": []}
        counts: Counter[str] = Counter()
        for image, text in texts:
            things = things_in(text, compounds, nouns)
            if things and len(text.split()) <= MOST_WORDS:
                self._by_split[split_of_image(image)].append(Captioned(text, things))
                counts.update(thing.kind for thing in things)
        self._kinds = [kind for kind, count in counts.most_common(500) if count > 1] or list(counts)
        if len(self._kinds) < KINDS_DRAWN:  # a small file names too few things to ask for others
            self._kinds += [kind for kind in KINDS if kind not in self._kinds]

    @staticmethod
    def from_coco(path: Path) -> Captions:
        """Read a file in the layout of COCO's `captions_*.json`; raises ValueError if it is not one."""
        try:
            annotations = json.loads(path.read_text(encoding="utf-8"))["annotations"]
            return Captions([(int(entry["image_id"]), str(entry["caption"])) for entry in annotations])
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise ValueError(f"{path} is not a COCO caption file: {error}") from error

    def of(self, split: Split) -> list[Captioned]:
        """The captions of a split."""
        return self._by_split[split]

    def draw(self, rng: random.Random, split: Split) -> Picture:
        """A picture of which only the caption is told."""
        captioned = rng.choice(self._by_split[split])
        kinds = tuple(
            kind for kind in rng.sample(self._kinds, min(KINDS_DRAWN, len(self._kinds))) if kind not in captioned.text
        )
        longer = [name for name in rng.sample(word_list("long things"), LONGER_NAMES) if name not in captioned.text]
        kinds = (*kinds[: KINDS_DRAWN - LONGER_NAMES], *longer) or ("kite",)
        colours = (*COLOURS, *word_list("unknown colours"), *word_list("caption colours"))
        words = Words(kinds, tuple(rng.sample(colours, COLOURS_DRAWN)))
        scene = Scene(place=UNTOLD, time=UNTOLD, weather=UNTOLD, things=captioned.things)
        return Picture(scene, captioned.text, words, full=False, closed=False)


def split_of_image(image: int) -> Split:
    """The split to which all captions of an image belong."""
    return {7: "test", 3: "validation"}.get(image % 10, "train")  # type: ignore[return-value]


def tidy(text: str) -> str:
    """Lower case, single spaces, no full stop."""
    return " ".join(text.lower().split()).rstrip(" .")


def things_in(
    text: str, compounds: frozenset[str] = frozenset(), nouns: frozenset[str] | None = None
) -> tuple[Thing, ...]:
    """The things after an article, at most four; none where one is named twice. Any word may be a noun if none are."""
    runs = (run if nouns is None else _up_to_noun(run, nouns) for run in _noun_runs(text))
    things = [thing for run in runs if run and (thing := _thing(run, compounds))]
    kinds = [thing.kind for thing in things]
    return tuple(things[:MOST_THINGS]) if len(set(kinds)) == len(kinds) else ()


def _up_to_noun(run: list[str], nouns: frozenset[str]) -> list[str]:
    """The run without what stands behind its last noun: "dog relaxes" is about a dog."""
    last = max((index for index, word in enumerate(run) if word in nouns), default=-1)
    return run[: last + 1]


def _thing(run: list[str], compounds: frozenset[str]) -> Thing | None:
    kind = run[-1]
    if kind in word_set("caption fillers") or kind in _COLOURS or len(kind) < 3:
        return None
    if " ".join(run[-2:]) in compounds and run[-2] not in _COLOURS:
        kind = " ".join(run[-3:] if " ".join(run[-3:-1]) in compounds else run[-2:])
    colour = next((word for word in run[:-1] if word in _COLOURS), UNTOLD)
    return Thing(kind, colour, UNTOLD)


def _noun_runs(text: str) -> Iterable[list[str]]:
    """Up to four words between an article and a word that cannot belong to its noun."""
    for clause in re.split(r"[^a-z' ]+", text):
        words = [*clause.split(), "and"]
        for start, word in enumerate(words):
            if word in _ARTICLES:
                run = []
                for following in words[start + 1 : start + 6]:
                    if _ends_a_name(following):
                        break
                    run.append(following)
                if 0 < len(run) <= 4:
                    yield run


def _ends_a_name(word: str) -> bool:
    if word in _ARTICLES or word in word_set("caption boundaries"):
        return True
    return word.endswith(("ing", "'s")) or (word.endswith("ed") and len(word) > len("sled"))


def _compounds(texts: Iterable[str]) -> frozenset[str]:
    """Pairs of words that belong together, because the first is seldom without the second."""
    firsts: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for text in texts:
        words = text.split()
        firsts.update(words)
        pairs.update(f"{first} {second}" for first, second in pairwise(words))
    return frozenset(
        pair for pair, count in pairs.items() if count >= FREQUENT and count > BOUND * firsts[pair.split(" ", 1)[0]]
    )


def _nouns(texts: Iterable[str]) -> frozenset[str]:
    """Words that end a name often enough: "a dog" does, "a wooden" hardly, "a relaxes" never."""
    whole: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for text in texts:
        for run in _noun_runs(text):
            (whole if len(run) == 1 else begun)[run[0]] += 1
            if len(run) > 1 and run[0] in _COLOURS:
                ended[run[-1]] += len(run) == 2
    return frozenset(word for word in {*whole, *ended} if whole[word] + ended[word] > NOUN * begun[word])
