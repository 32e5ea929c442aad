"""Arguments into scripts and answers out of them."""

import json

import pytest

from shared.errors import EditInProgress, NotFound
from shared.schemas.edit import EditStatus
from shared.storage.scripts import encode, interpret, load_script


def test_numbers_travel_as_text_and_none_is_left_out() -> None:
    encoded = json.loads(encode({"seed": 2**63 - 1, "mask": None, "edit": {"turn": None, "steps": 3}, "ids": ["a", 1]}))
    assert encoded == {"seed": "9223372036854775807", "edit": {"steps": "3"}, "ids": ["a", "1"]}


def test_the_scripts_know_the_same_moves_as_the_schema() -> None:
    first = load_script("accept").text.splitlines()[0]
    assert first.startswith("local NEXT = {queued = {canceled = true, failed = true, running = true}, running = {")
    assert all(f"{status} = {{" in first for status in EditStatus)


def test_a_refusal_is_raised_as_the_error_it_stands_for() -> None:
    assert interpret(["ok", "a", "b"]) == ["a", "b"]
    with pytest.raises(NotFound):
        interpret(["not-found"])
    with pytest.raises(EditInProgress, match="edit_1"):
        interpret(["edit-in-progress", "edit_1"])
    with pytest.raises(ValueError, match="unheard-of"):
        interpret(["unheard-of"])
