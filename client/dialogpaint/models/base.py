"""What all answers have in common: pages of lists, and errors."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Answer(BaseModel):
    """Something that the server answered."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(Answer, Generic[Item]):
    """Some items of a longer list, and where the next page begins (None on the last page)."""

    items: list[Item]
    next_cursor: str | None = None


class FieldError(Answer):
    """One field of a request that is wrong, and what to do about it."""

    field: str
    message: str


class Problem(Answer):
    """An error as the server tells it (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    retryable: bool
    request_id: str | None = None
    errors: list[FieldError] | None = None
    edit_id: str | None = None
    version: int | None = None
