"""The hand-written phrases: enough of them, and none in two splits."""

from __future__ import annotations

import random

from training.datasets.instructions import Split
from training.datasets.language.body import PLAIN_COLOUR, load_body, make_phrase

ANSWERS = ("answer.", "wrap.")


def test_there_are_more_than_four_hundred_openings() -> None:
    openings = {phrase.text for phrase in load_body().phrases if not phrase.section.startswith(ANSWERS)}
    assert len(openings) > 400


def test_every_section_has_phrases_for_each_split() -> None:
    body = load_body()
    for section in body.sections:
        assert body.of(section, "train"), section
        assert body.of(section, "validation"), section
        assert body.of(section, "test"), section


def test_no_phrase_for_testing_occurs_in_training() -> None:
    body = load_body()
    taught = {phrase.text for section in body.sections for phrase in body.of(section, "train")}
    for section in body.sections:
        for split in ("validation", "test"):
            assert not taught & {phrase.text for phrase in body.of(section, split)}


def test_no_phrase_stands_twice_in_a_section() -> None:
    seen = [(phrase.section, phrase.text) for phrase in load_body().phrases]
    assert len(seen) == len(set(seen))


def test_alternatives_and_slots_are_filled() -> None:
    phrase = make_phrase("recolour.say", "[can|could] {x} be {c} [please|]")
    said = {phrase.fill(random.Random(seed), {"x": "the house", "c": "blue"}) for seed in range(30)}
    assert said == {
        "can the house be blue please",
        "could the house be blue please",
        "can the house be blue",
        "could the house be blue",
    }


def test_a_phrase_is_chosen_only_if_all_its_slots_are_given() -> None:
    fitting = load_body().fitting(("recolour.do", "recolour.say"), "train", frozenset(("x", "c")))
    assert fitting
    assert all(phrase.slots <= {"x", "c"} for phrase in fitting)


def test_plain_phrases_are_drawn_more_often_than_their_share() -> None:
    body, rng = load_body(), random.Random(0)
    asked: tuple[tuple[str, ...], Split, frozenset[str]] = (("recolour.do",), "train", frozenset(("x", "c", "k")))
    drawn = [body.choose(rng, *asked).core for _ in range(400)]
    fitting = body.fitting(*asked)
    assert sum(drawn) / 400 > 0.15 + sum(phrase.core for phrase in fitting) / len(fitting) / 2


def test_a_comparison_does_not_stand_before_a_noun() -> None:
    slots = {"c": "the colour of grass", PLAIN_COLOUR: "green", "k": "house", "x": "the house"}
    assert make_phrase("recolour.do", "show me a {c} {k}").fill(random.Random(0), slots) == "show me a green house"
    assert make_phrase("recolour.do", "make {x} {c}").fill(random.Random(0), slots).endswith("the colour of grass")


def test_the_article_fits_the_colour() -> None:
    assert make_phrase("x", "a {c} {k}").fill(random.Random(0), {"c": "orange", "k": "car"}) == "an orange car"


def test_a_question_that_begins_like_an_order_is_none() -> None:
    assert make_phrase("recolour.do", "do {x} in {c}").is_command
    assert not make_phrase("recolour.say", "do you have {x} in {c}").is_command
