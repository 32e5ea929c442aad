"""Ids."""

import re

from shared.ids import new_id


def test_ids_say_what_they_are_and_never_repeat() -> None:
    ids = {new_id("edit") for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"edit_[A-Za-z0-9_-]{22}", each) for each in ids)
