"""Slips of the finger are put right; rare words, names and chat spelling are left as they were typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue_service.spelling import RIGHT, put_right

CAPTION = "a purple zebra beside a hydrant"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("make the unbrella yelow", "make the umbrella yellow"),
        ("teh satr, biger", "teh star, bigger"),
        ("apink flower", "a pink flower"),
        ("raaaain pleeease, soooo dry", "rain please, so dry"),
        ("grean", "green"),
        ("the hydrnt", "the hydrant"),
        ("paint the zbera", "paint the zebra"),
        ("BIGER!!", "bigger!!"),
        ("diffrent colur", "different color"),
    ],
)
def test_slips_are_put_right(typed: str, meant: str) -> None:
    assert put_right(typed, CAPTION) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "paint the sled taupe",  # no shed, no tape
        "tint it, brighten it, puny thing",
        "i dont want that, it isnt nice, thats it",
        "there'll be no don’t",
        "replace it with a meerkat, a gnome or a capybara",
        "cat, car, hat, ahem, brrr",
        "the zebra and the hydrants",
        "Was schöner? plaît 🙂 \u4f60\u597d",
        "8-bit_things 4you",
        "",
    ],
)
def test_what_is_no_slip_stays(typed: str) -> None:
    assert put_right(typed, CAPTION) == typed


@pytest.mark.parametrize(
    "word", ["nono", "nein", "plss", "shouldn", "centre", "pyjamas", "colourful", "repainted", "resized"]
)
def test_what_looks_like_a_slip_and_is_none_stays(word: str) -> None:
    assert put_right(word, "") == word


def test_a_name_in_the_middle_of_a_sentence_and_what_was_said_before_stay() -> None:
    assert put_right("give it to Tigger", "") == "give it to Tigger"
    assert put_right("make the smurf bigger", "a red house add a smurf on the left") == "make the smurf bigger"
    assert put_right("paint the cafe red", "a café on the corner") == "paint the cafe red"


@settings(deadline=None)  # the first word looks into the dictionary
@given(
    st.sampled_from(sorted(RIGHT)), st.integers(1, 20), st.text("abcdefghijklmnopqrstuvwxyz", max_size=2), st.booleans()
)
def test_putting_right_twice_changes_nothing_more(word: str, at: int, letters: str, dropped: bool) -> None:
    typed = f"the {word[:at]}{letters}{word[at + dropped :]}, please"
    once = put_right(typed, "")
    assert put_right(once, "") == once


@settings(deadline=None)
@given(st.text(), st.text(max_size=40))
def test_any_text_can_be_read(typed: str, caption: str) -> None:
    assert isinstance(put_right(typed, caption), str)
