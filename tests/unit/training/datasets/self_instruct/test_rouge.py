"""ROUGE-L, and what counts as new by it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.datasets.self_instruct.rouge import Novelty, common, rouge_l, words

WORDS = st.lists(st.sampled_from("abcde"), max_size=20)


def longest_common(one: list[str], other: list[str]) -> int:
    """The textbook's table."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, left in enumerate(one):
        for j, right in enumerate(other):
            table[i + 1][j + 1] = table[i][j] + 1 if left == right else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@given(WORDS, WORDS)
def test_the_common_subsequence_is_as_long_as_the_textbook_says(one: list[str], other: list[str]) -> None:
    assert common(one, other) == longest_common(one, other)


def test_the_measure_of_a_known_pair() -> None:
    assert rouge_l(words("police killed the gunman"), words("police kill the gunman")) == 0.75
    assert rouge_l(words("one two"), []) == 0.0


def test_a_text_is_new_until_one_like_it_is_remembered() -> None:
    novelty = Novelty()
    novelty.add("could you paint the little house in orange")
    assert not novelty.is_new("Could you paint the old house in orange?")
    assert not novelty.is_new("could you paint the little house in a dark orange please")
    assert novelty.is_new("orange would suit that house")
    assert novelty.is_new("paint")
