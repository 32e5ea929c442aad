"""How the wait for an edit can end other than with pictures, told so that a client knows whether to try again."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.feed import FeedEnded
from shared.errors import (
    Conflict,
    DialogPaintError,
    EditFailed,
    EditStillRunning,
    NoMemory,
    ShuttingDown,
    StorageUnavailable,
)
from shared.schemas.edit import Edit, EditStatus
from shared.schemas.problem import Problem

NOT_LOST = (
    "{0} is not finished, and this answer can't wait any longer. Nothing is lost: the edit goes on, and "
    "GET /v1/edits/{0} tells of it and of its pictures. A call with an Idempotency-Key can be sent again: it waits "
    "for the same edit."
)
COME_BACK = (
    "This gateway can't wait for {0} any longer. Nothing is lost: the edit goes on, and GET /v1/edits/{0} tells of it. "
    "Send the call again: with an Idempotency-Key it waits for the same edit, without one it makes another."
)

NOT_SENT = (
    "This gateway has no memory left to send the pictures of {0} now. Nothing is lost: GET /v1/edits/{0} tells of "
    "them. A call with an Idempotency-Key can be sent again: it gets the same ones."
)
COME_BACK_S = 1


@contextmanager
def waiting_for(edit_id: str) -> Iterator[None]:
    """Ask for another try, and not for patience, where this gateway goes down or its storage is away."""
    come_back = COME_BACK.format(edit_id)
    try:
        yield
    except FeedEnded as error:
        raise ShuttingDown(come_back, retry_after_s=COME_BACK_S) from error
    except StorageUnavailable as error:
        raise StorageUnavailable(come_back, retry_after_s=error.retry_after_s or COME_BACK_S) from error


@contextmanager
def sending(edit_id: str, is_repeatable: bool) -> Iterator[None]:
    """Tell of a lack of memory for pictures that are there; another try must not make them again."""
    try:
        yield
    except MemoryError as error:
        told = NoMemory(NOT_SENT.format(edit_id), retry_after_s=COME_BACK_S)
        told.retryable = is_repeatable
        raise told from error


def check_success(edit: Edit, is_repeatable: bool) -> None:
    """Raise what became of an edit that has no pictures; `is_repeatable` says whether the call would meet it again."""
    if not edit.status.is_terminal:
        error = EditStillRunning(NOT_LOST.format(edit.id))
        error.retryable = is_repeatable
        raise error
    if edit.status is EditStatus.CANCELED:
        raise Conflict(f"{edit.id} was canceled while this call waited for it.")
    if edit.error is not None:
        raise _failure(edit.error)


def _failure(problem: Problem) -> DialogPaintError:
    """The error that a worker wrote into the edit's record."""
    error = EditFailed(problem.detail)
    error.code, error.status, error.title, error.retryable = (
        problem.code,
        problem.status,
        problem.title,
        problem.retryable,
    )
    return error
