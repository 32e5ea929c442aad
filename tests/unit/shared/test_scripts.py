"""Arguments into scripts and answers out of them."""

import errno
import json

import pytest

from shared.errors import EditInProgress, NotFound, StorageUnavailable
from shared.schemas.edit import EditStatus
from shared.storage.client import redis_errors
from shared.storage.scripts import encode, interpret, load_script, load_scripts


def test_numbers_travel_as_text_and_none_is_left_out() -> None:
    encoded = json.loads(encode({"seed": 2**63 - 1, "mask": None, "edit": {"turn": None, "steps": 3}, "ids": ["a", 1]}))
    assert encoded == {"seed": "9223372036854775807", "edit": {"steps": "3"}, "ids": ["a", "1"]}


def test_the_scripts_know_the_same_moves_as_the_schema() -> None:
    first = load_script("accept").text.splitlines()[0]
    assert first.startswith("local NEXT = {queued = {canceled = true, failed = true, running = true}, running = {")
    assert all(f"{status} = {{" in first for status in EditStatus)


def test_all_scripts_are_read_before_the_first_is_needed() -> None:
    load_script.cache_clear()
    load_scripts()
    read = load_script.cache_info().misses
    load_script("accept")
    load_script("sweep")
    assert load_script.cache_info().misses == read


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EMFILE, "Too many open files"),
        RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed"),
    ],
)
def test_what_redis_py_does_not_translate_is_the_storage_being_unavailable_too(error: Exception) -> None:
    with pytest.raises(StorageUnavailable), redis_errors():
        raise error


def test_a_mistake_of_ours_is_not_taken_for_it() -> None:
    with pytest.raises(RuntimeError), redis_errors():
        raise RuntimeError("something else")


def test_a_refusal_is_raised_as_the_error_it_stands_for() -> None:
    assert interpret(["ok", "a", "b"]) == ["a", "b"]
    with pytest.raises(NotFound):
        interpret(["not-found"])
    with pytest.raises(EditInProgress, match="edit_1"):
        interpret(["edit-in-progress", "edit_1"])
    with pytest.raises(ValueError, match="unheard-of"):
        interpret(["unheard-of"])
