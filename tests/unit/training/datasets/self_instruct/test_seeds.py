"""The seed tasks are right themselves, and every shape has enough of them."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.schemas.dialogue import ReplyKind
from training.datasets.changes import FAMILIES, family_of
from training.datasets.instructions import parse
from training.datasets.self_instruct.checks import Asked, check
from training.datasets.self_instruct.rouge import Novelty
from training.datasets.self_instruct.seeds import Seed, load_seeds, load_sentences
from training.datasets.self_instruct.tasks import SENTENCE_SHOTS, SHOTS
from training.datasets.self_instruct.told import names
from training.datasets.self_instruct.transcript import Line
from training.datasets.world import KINDS


@pytest.mark.parametrize("seed", load_seeds(), ids=lambda seed: seed.lines[0].user)
def test_a_seed_passes_the_checks(seed: Seed) -> None:
    changes = tuple(change for words in seed.instructions if (change := parse(words)))
    kinds = tuple(kind for kind in KINDS if names(seed.caption, kind))
    check(Asked(seed.caption, kinds, changes, seed.shape), seed.lines)


@pytest.mark.parametrize("line", load_sentences(), ids=lambda line: line.user)
def test_a_seed_sentence_passes_the_checks(line: Line) -> None:
    change = parse(line.words)
    assert change is not None
    check(Asked("a ship and clouds", ("ship", "cloud"), (change,), (ReplyKind.EDIT,)), [line])


def test_every_shape_has_enough_seeds_to_show_it() -> None:
    assert min(Counter(seed.shape for seed in load_seeds()).values()) >= SHOTS


def test_there_are_more_sentences_of_each_family_than_are_shown() -> None:
    families = Counter(family_of(change) for line in load_sentences() if (change := parse(line.words)))
    assert set(families) == set(FAMILIES)
    assert len(load_sentences()) - max(families.values()) >= SENTENCE_SHOTS


def test_no_two_seeds_are_alike() -> None:
    novelty = Novelty()
    for seed in load_seeds():
        spoken = " ".join(line.user for line in seed.lines)
        assert novelty.is_new(spoken), spoken
        novelty.add(spoken)
