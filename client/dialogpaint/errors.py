"""Every error that this client raises, as one tree.

DialogPaintError
├── ConnectionFailed      nobody answered, however often it was tried
├── UnexpectedAnswer      somebody answered who is no DialogPaint server
├── ApiError              the server refused: code, detail, fields, request_id, retryable, retry_after_s
│   ├── Unauthorized (401)   NotFound (404)   TooLarge (413)   UnsupportedMediaType (415)   InvalidRequest (422)
│   ├── Conflict (409): EditInProgress
│   ├── VersionMismatch (412)
│   └── RateLimited (429)   Unavailable (503)
├── EditFailed, EditCanceled   the edit ended without a picture: edit
├── StillRunning          (also a TimeoutError) the edit was not over in time and goes on: edit
├── NothingToUndo, NothingToRedo
└── InvalidWebhook        a received message is not the server's, or too old
"""

from http import HTTPStatus

from pydantic import ValidationError

from dialogpaint.models import Edit, FieldError, Problem


class DialogPaintError(Exception):
    """Something went wrong; the text says what to do."""


class ConnectionFailed(DialogPaintError):
    """Nobody answered."""


class UnexpectedAnswer(DialogPaintError):
    """What answered is no DialogPaint server, or one that speaks another version of the API."""


class ApiError(DialogPaintError):
    """The server refused the request."""

    def __init__(self, problem: Problem, retry_after_s: float | None = None) -> None:
        self.problem = problem
        self.status = problem.status
        self.code = problem.code
        self.title = problem.title
        self.detail = problem.detail
        self.retryable = problem.retryable
        self.request_id = problem.request_id
        self.fields: list[FieldError] = problem.errors or []
        self.retry_after_s = retry_after_s
        super().__init__(_sentence(problem))


class Unauthorized(ApiError):
    """A valid key is needed."""


class NotFound(ApiError):
    """There is no such thing, or it is somebody else's."""


class TooLarge(ApiError):
    """The picture or the body is larger than the server takes."""


class UnsupportedMediaType(ApiError):
    """The upload is none of the types of pictures that the server takes."""


class InvalidRequest(ApiError):
    """The request can be read but not carried out; `fields` says which fields are wrong."""


class Conflict(ApiError):
    """The state of the resource is in the way."""


class EditInProgress(Conflict):
    """The conversation has an unfinished edit; wait for `edit_id` or cancel it."""

    @property
    def edit_id(self) -> str | None:
        """The edit that is in the way."""
        return self.problem.edit_id


class VersionMismatch(ApiError):
    """The conversation changed since you read it."""

    @property
    def version(self) -> int | None:
        """The conversation's version now."""
        return self.problem.version


class RateLimited(ApiError):
    """Too many requests or unfinished edits, and waiting as long as this client is patient did not help."""


class Unavailable(ApiError):
    """Something that the server needs does not answer, and trying again did not help."""


class EditEnded(DialogPaintError):
    """An edit ended without a picture."""

    def __init__(self, edit: Edit, text: str) -> None:
        self.edit = edit
        super().__init__(text)


class EditFailed(EditEnded):
    """The server could not make the picture."""

    def __init__(self, edit: Edit) -> None:
        problem = edit.error
        why = f"{problem.detail} ({problem.code})" if problem else "The server does not say why."
        super().__init__(edit, f"{edit.id} failed: {why}")


class EditCanceled(EditEnded):
    """Somebody cancelled the edit."""

    def __init__(self, edit: Edit) -> None:
        super().__init__(edit, f"{edit.id} was cancelled at step {edit.progress.step} of {edit.progress.steps}.")


class StillRunning(DialogPaintError, TimeoutError):
    """An edit was not over in time; it goes on."""

    def __init__(self, edit: Edit, waited_s: float) -> None:
        self.edit = edit
        super().__init__(
            f"{edit.id} is still {edit.status} at step {edit.progress.step} of {edit.progress.steps} after "
            f"{waited_s:g} s, and goes on: client.wait({edit.id!r}) waits for it, client.cancel({edit.id!r}) stops it."
        )


class NothingToUndo(DialogPaintError):
    """The head is the first revision."""


class NothingToRedo(DialogPaintError):
    """Nothing was made from the head."""


class InvalidWebhook(DialogPaintError):
    """What came to a webhook's URL is not from the server, or was not sent lately."""


BY_CODE: dict[str, type[ApiError]] = {"edit-in-progress": EditInProgress}
BY_STATUS: dict[int, type[ApiError]] = {
    HTTPStatus.UNAUTHORIZED: Unauthorized,
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.CONFLICT: Conflict,
    HTTPStatus.PRECONDITION_FAILED: VersionMismatch,
    413: TooLarge,  # which Python 3.13 gave another name
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: UnsupportedMediaType,
    422: InvalidRequest,
    HTTPStatus.TOO_MANY_REQUESTS: RateLimited,
    HTTPStatus.SERVICE_UNAVAILABLE: Unavailable,
}


def error_of(status: int, body: bytes, url: str, retry_after_s: float | None = None) -> ApiError:
    """Return the exception for an answer that is no success; raises UnexpectedAnswer if it is no problem document."""
    try:
        problem = Problem.model_validate_json(body)
    except ValidationError:
        if status not in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
            raise UnexpectedAnswer(
                f"{url} answered {status} as no DialogPaint server does; check the address."
            ) from None
        problem = _proxy_problem(status)
    return BY_CODE.get(problem.code, BY_STATUS.get(problem.status, ApiError))(problem, retry_after_s)


def _proxy_problem(status: int) -> Problem:
    """What a proxy means when it answers in the server's stead."""
    phrase = HTTPStatus(status).phrase
    code = phrase.lower().replace(" ", "-")
    detail = "A proxy answered because the server behind it does not; try again in a moment."
    return Problem(type="about:blank", title=phrase, status=status, code=code, detail=detail, retryable=True)


def _sentence(problem: Problem) -> str:
    fields = "".join(f"\n  {wrong.field}: {wrong.message}" for wrong in problem.errors or [])
    named = f", {problem.request_id}" if problem.request_id else ""
    return f"{problem.detail} ({problem.code}{named}){fields}"
