"""Wishes about things that are described rather than named."""

from itertools import islice

import pytest

from evaluation.descriptions import wishes
from training.datasets.changes import Recolour
from training.datasets.instructions import parse
from training.datasets.language.naming import DESCRIPTIONS


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_what_is_meant_is_in_the_picture_and_not_in_the_words(name: str) -> None:
    drawn = list(islice(wishes(name, DESCRIPTIONS[name]), 12))
    for wish in drawn:
        meant = parse(wish.answer)
        assert isinstance(meant, Recolour)
        assert meant.kind in (wish.request.caption or "")
        assert meant.kind not in wish.request.text
        assert wish.request.text.endswith(meant.colour)
    assert drawn == list(islice(wishes(name, DESCRIPTIONS[name]), 12))
