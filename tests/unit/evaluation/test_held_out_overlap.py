"""The held-out turns are held out: hardly any of their phrases is one that training says, simulated or written."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from evaluation.strangers import COCO_TURNS, NEWCOMERS, TURNS, read_turns
from training.datasets.dialogues import simulate
from training.datasets.world import COLOURS, KINDS
from training.datasets.written.reading import written_dialogues

DIALOGUES = 2000
NEW_TURNS = 200
"""At least so many; what is left are phrases that have no other wording, such as an answer of one word."""
SHORT = 6
"""Words of the longest phrase that may be found in training as it stands."""

_KIND = re.compile(rf"\b({'|'.join(KINDS)})s?\b")
_COLOUR = re.compile(rf"\b({'|'.join(COLOURS)})\b")


def phrase_of(text: str) -> str:
    """A text without case, punctuation, and the thing and colour it happens to be about."""
    words = re.sub(r"[^a-z0-9' ]", " ", text.lower())
    return " ".join(_COLOUR.sub("COLOUR", _KIND.sub("THING", words)).split())


def test_held_out_phrases_are_not_those_of_training() -> None:
    dialogues = (simulate(random.Random(f"overlap/{number}"), "train") for number in range(DIALOGUES))
    trained = {phrase_of(turn["user"]) for dialogue in dialogues for turn in dialogue["turns"]}
    held_out = [phrase_of(turn.request.text) for turn in read_turns()]
    known = [phrase for phrase in held_out if phrase in trained]
    assert known, "the check itself must be able to find something"
    assert len(held_out) - len(known) >= NEW_TURNS
    assert [phrase for phrase in known if len(phrase.split()) > SHORT] == []


@pytest.mark.parametrize("path", [TURNS, NEWCOMERS, COCO_TURNS], ids=lambda path: path.stem)
def test_held_out_phrases_are_not_written_ones_either(path: Path) -> None:
    written = {phrase_of(turn.user) for dialogue in written_dialogues() for turn in dialogue.turns}
    held_out = [phrase_of(turn.request.text) for turn in read_turns(path)]
    known = {phrase for phrase in held_out if phrase in written}
    assert len(known) < len(held_out) / 10
    assert [phrase for phrase in known if len(phrase.split()) > SHORT] == []
