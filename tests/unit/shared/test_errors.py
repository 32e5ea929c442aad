"""The tree of errors."""

from collections.abc import Iterator

import pytest

from shared import errors
from shared.errors import DialogPaintError, EditInProgress, VersionMismatch


def tree(root: type[DialogPaintError] = DialogPaintError) -> Iterator[type[DialogPaintError]]:
    """An error class and all below it."""
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in tree()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", [error for error in tree() if error.__module__ == errors.__name__])
def test_every_error_knows_its_answer(error: type[DialogPaintError]) -> None:
    assert error.code == error.code.lower().replace(" ", "-")
    assert 400 <= error.status <= 599
    assert error.title
    assert errors.__doc__ is not None
    assert error.__name__ in errors.__doc__


def test_a_problem_carries_what_the_error_knows() -> None:
    problem = EditInProgress("edit_1").problem("req_1")
    assert (problem.code, problem.status, problem.edit_id, problem.request_id) == (
        "edit-in-progress",
        409,
        "edit_1",
        "req_1",
    )
    assert problem.retryable
    assert VersionMismatch(7).problem().version == 7
