"""RFC 9457 problem details: how every error reads, in an answer and in a failed edit's record."""

from pydantic import Field

from shared.schemas.base import Resource


class FieldError(Resource):
    """One field of a request that is wrong, and what to do about it."""

    field: str = Field(description="path of the field, such as `parameters.steps`")
    message: str


class Problem(Resource):
    """An error that a person can act on; `code` is stable, `detail` is for reading."""

    type: str = Field(description="a stable URI reference for this kind of error")
    title: str
    status: int
    code: str
    detail: str
    retryable: bool = Field(description="whether the same request may succeed later")
    request_id: str | None = None
    errors: list[FieldError] | None = None
    edit_id: str | None = Field(default=None, description="the unfinished edit, where one is in the way")
    version: int | None = Field(default=None, description="the conversation's present version, where yours was stale")
