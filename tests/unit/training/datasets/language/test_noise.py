"""Careless typing."""

from __future__ import annotations

import random

from training.datasets.language.noise import americanise, mistype, roughen, slip_shortly


def test_spared_words_are_never_misspelt() -> None:
    for seed in range(300):
        assert "kettle" in roughen(random.Random(seed), "could you paint the kettle orange", {"kettle"}).lower()


def test_a_slip_changes_one_or_two_words() -> None:
    text = "paint the house orange"
    for seed in range(100):
        typed = mistype(random.Random(seed), text).split()
        wrong = sum(word != right for word, right in zip(typed, text.split(), strict=True))
        assert wrong <= 2


def test_american_spelling_is_used_by_some() -> None:
    assert americanise("the grey colour") == "the gray color"


def test_a_hasty_answer_keeps_its_letters_or_doubles_one() -> None:
    for seed in range(40):
        said = slip_shortly(random.Random(seed), "the cat")
        word = said.removeprefix("the ") if said.startswith("the ") else said.removesuffix(" cat")
        original = "cat" if said.startswith("the ") else "the"
        assert sorted(set(word)) == sorted(set(original))
        assert len(word) <= len(original) + 1


def test_a_spared_word_has_no_slip() -> None:
    assert slip_shortly(random.Random(0), "taupe", ("taupe",)) == "taupe"
