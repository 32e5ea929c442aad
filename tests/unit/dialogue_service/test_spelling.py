"""Slips of the finger are put right; rare words, names and chat spelling are left as they were typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue_service.spelling import RIGHT, put_right

CAPTION = "a purple zebra beside a hydrant"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("make the unbrella yelow", "make the umbrella yellow"),
        ("teh satr, biger", "teh star, bigger"),
        ("apink flower", "a pink flower"),
        ("raaaain pleeease", "rain please"),
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
        "cat, car, hat, ahem, hmmm, brrr",
        "the zebra and the hydrants",
        "Was schöner? plaît 🙂 \u4f60\u597d",
        "8-bit_things 4you",
        "",
    ],
)
def test_what_is_no_slip_stays(typed: str) -> None:
    assert put_right(typed, CAPTION) == typed


def test_right_words_are_right() -> None:
    assert put_right(" ".join(RIGHT), "") == " ".join(RIGHT)


@given(st.text(), st.text(max_size=40))
def test_putting_right_twice_changes_nothing_more(typed: str, caption: str) -> None:
    once = put_right(typed, caption)
    assert put_right(once, caption) == once
