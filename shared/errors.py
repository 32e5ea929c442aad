"""Every error a client can meet, as one tree; each knows its code, status, title and whether to try again.

DialogPaintError
├── NotFound → ModelNotFound
├── InvalidRequest → UnknownWords, WebhooksOff, InvalidArchive
├── InvalidPicture, UnsupportedMediaType, PictureTooLarge, BodyTooLarge
├── Unauthorized
├── Conflict: EditInProgress, EditNotFinished, StudyFull, IdempotencyInProgress, ConcurrentChange → VersionMismatch
├── IdempotencyMismatch
├── EditStillRunning
├── RateLimited, TooManyOpenEdits
├── Unavailable: StorageUnavailable, DialogueUnavailable, QueueFull, NoWorker, NoMemory, ShuttingDown
└── EditFailed: PoisonEdit, EditTimedOut, EditOutOfMemory (they end up in an edit's record)
"""

from typing import Self

from shared.schemas.problem import FieldError, Problem

TYPE_PREFIX = "/problems/"


class DialogPaintError(Exception):
    """Something that went wrong in a way we know; `detail` tells a person what to do about it."""

    code: str = "internal-error"
    status: int = 500
    title: str = "Something went wrong on our side"
    retryable: bool = False

    def __init__(
        self, detail: str | None = None, *, retry_after_s: float | None = None, errors: list[FieldError] | None = None
    ) -> None:
        self.detail = detail or f"{self.title}."
        self.retry_after_s = retry_after_s
        self.errors = errors
        super().__init__(self.detail)

    def problem(self, request_id: str | None = None) -> Problem:
        """This error as problem details (RFC 9457)."""
        return Problem(
            type=f"{TYPE_PREFIX}{self.code}",
            title=self.title,
            status=self.status,
            code=self.code,
            detail=self.detail,
            retryable=self.retryable,
            request_id=request_id,
            errors=self.errors,
        )


class NotFound(DialogPaintError):
    """There is no such thing, or it is somebody else's; the answer is the same."""

    code, status, title = "not-found", 404, "There is no such resource"


class ModelNotFound(NotFound):
    """The call names a model that is not being served."""

    code, title = "model-not-found", "This model is not being served"


class InvalidRequest(DialogPaintError):
    """The request can be read, but not carried out as it is."""

    code, status, title = "invalid-request", 422, "The request is not valid"

    @classmethod
    def about(cls, field: str, detail: str) -> Self:
        """The error that says what is wrong with one field."""
        return cls(detail, errors=[FieldError(field=field, message=detail)])


class UnknownWords(InvalidRequest):
    """The instruction uses words that the served editing model was never taught."""

    code, title = "unknown-words", "The editing model does not know these words"


class WebhooksOff(InvalidRequest):
    """Nobody has configured a secret that webhooks could be signed with."""

    code, title = "webhooks-off", "This server sends no webhooks"


class InvalidArchive(InvalidRequest):
    """The bytes are no exported conversation, or one that contradicts itself."""

    code, title = "invalid-archive", "The upload is not a conversation that can be imported"


class InvalidPicture(DialogPaintError):
    """The bytes are no picture that we take."""

    code, status, title = "invalid-picture", 422, "The upload is not a usable picture"


class UnsupportedMediaType(DialogPaintError):
    """The body's type is none that this operation takes."""

    code, status, title = "unsupported-media-type", 415, "This type of content is not supported"


class PictureTooLarge(DialogPaintError):
    """The picture has more pixels than we decode."""

    code, status, title = "picture-too-large", 413, "The picture is too large"


class BodyTooLarge(DialogPaintError):
    """The body has more bytes than we read."""

    code, status, title = "body-too-large", 413, "The request body is too large"


class Unauthorized(DialogPaintError):
    """The key is missing, unknown or revoked."""

    code, status, title = "unauthorized", 401, "A valid API key is needed"


class Conflict(DialogPaintError):
    """The state of the resource is in the way."""

    code, status, title = "conflict", 409, "The resource is in another state"


class EditInProgress(Conflict):
    """A conversation takes nothing new while one of its edits is unfinished."""

    code, title, retryable = "edit-in-progress", "The conversation has an unfinished edit", True

    def __init__(self, edit_id: str) -> None:
        self.edit_id = edit_id
        super().__init__(f"Wait for {edit_id} to finish, or cancel it, then try again.", retry_after_s=1)

    def problem(self, request_id: str | None = None) -> Problem:
        """The problem, with the edit's id beside it."""
        return super().problem(request_id).model_copy(update={"edit_id": self.edit_id})


class EditNotFinished(Conflict):
    """Only a finished edit can be rated or run again."""

    code, title, retryable = "edit-not-finished", "The edit has not finished", True


class StudyFull(Conflict):
    """The study has as many votes as it can hold."""

    code, title = "study-full", "The study takes no more votes"


class ConcurrentChange(Conflict):
    """Somebody else changed the conversation while this request was being worked on."""

    code, title, retryable = "concurrent-change", "The conversation changed meanwhile", True

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(f"The conversation is now at version {version}; read it and try again.")

    def problem(self, request_id: str | None = None) -> Problem:
        """The problem, with the present version beside it."""
        return super().problem(request_id).model_copy(update={"version": self.version})


class VersionMismatch(ConcurrentChange):
    """The If-Match header names a version that is not the present one."""

    code, status, title, retryable = "version-mismatch", 412, "The conversation has another version", False


class IdempotencyInProgress(Conflict):
    """The first request with this key is still being worked on."""

    code, title, retryable = "idempotency-in-progress", "The first request with this key is still running", True


class IdempotencyMismatch(DialogPaintError):
    """The key was used before, for another request."""

    code, status, title = "idempotency-mismatch", 422, "This idempotency key belongs to another request"


class EditStillRunning(DialogPaintError):
    """An answer that has to hold the picture can't wait any longer; the edit itself goes on."""

    code, status, title = "edit-still-running", 504, "The edit is not finished yet"


class RateLimited(DialogPaintError):
    """Too many requests from this tenant."""

    code, status, title, retryable = "rate-limited", 429, "Too many requests", True


class TooManyOpenEdits(DialogPaintError):
    """This tenant has as many unfinished edits as it may have; others still get in."""

    code, status, title, retryable = "too-many-open-edits", 429, "Too many of your edits are unfinished", True


class Unavailable(DialogPaintError):
    """Something that we need does not answer now."""

    code, status, title, retryable = "unavailable", 503, "The service is not available now", True


class StorageUnavailable(Unavailable):
    """Redis or the image store does not answer, or has no room."""

    code, title = "storage-unavailable", "The storage does not answer"


class DialogueUnavailable(Unavailable):
    """The dialogue service does not answer, or answers nonsense."""

    code, title = "dialogue-unavailable", "The dialogue service does not answer"


class QueueFull(Unavailable):
    """More edits wait than we promise to carry out in time."""

    code, title = "queue-full", "Too many edits are waiting"


class NoWorker(Unavailable):
    """No editing worker has told yet which model it serves."""

    code, title = "no-worker", "No editing worker is ready"


class NoMemory(Unavailable):
    """This process has no memory left for the request now."""

    code, title = "no-memory", "The service has no memory left for this now"


class ShuttingDown(Unavailable):
    """This process is going down; another one takes over."""

    code, title = "shutting-down", "The service is shutting down"


class EditFailed(DialogPaintError):
    """The worker could not make the picture; ends up in the edit's record."""

    code, title = "edit-failed", "The edit failed"


class PoisonEdit(EditFailed):
    """Every worker that tried this edit was lost."""

    code, title = "poison", "The edit was given up after too many lost attempts"


class EditTimedOut(EditFailed):
    """The edit took longer than the longest allowed edit."""

    code, title, retryable = "timeout", "The edit took too long", True


class EditOutOfMemory(EditFailed):
    """The device has too little memory for this edit."""

    code, title = "out-of-memory", "The edit needs more memory than the device has"
