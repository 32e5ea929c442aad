"""What every operation may answer, for /docs: its success, and the problems that it may tell of."""

from gateway.examples import (
    EDIT,
    EDIT_QUEUED,
    EVENT,
    REQUEST_ID,
    TURN,
    TURN_ADJUSTING,
    TURN_QUESTION,
    TURN_QUEUED,
    Json,
)
from shared.errors import TYPE_PREFIX
from shared.schemas.problem import Problem

Answers = dict[int | str, Json]

PROBLEMS: dict[int, tuple[str, str, str]] = {
    400: ("bad-request", "Bad Request", "There was an error parsing the body"),
    401: ("unauthorized", "A valid API key is needed", "Send your key as `Authorization: Bearer <prefix>.<secret>`."),
    404: ("not-found", "There is no such resource", "There is no such resource."),
    409: ("edit-in-progress", "The conversation has an unfinished edit", "Wait for edit_5bO1 to finish, or cancel it."),
    412: ("version-mismatch", "The conversation has another version", "The conversation is now at version 13."),
    413: ("picture-too-large", "The picture is too large", "The picture is 9000×9000; at most 4096 a side."),
    415: (
        "unsupported-media-type",
        "This type of content is not supported",
        "Send image/png, image/jpeg or image/webp.",
    ),
    422: ("invalid-request", "The request is not valid", "text: String should have at least 1 character"),
    429: ("rate-limited", "Too many requests", "Slow down; Retry-After says for how long."),
    503: ("queue-full", "Too many edits are waiting", "Too many edits are waiting; try again later."),
    504: ("edit-still-running", "The edit is not finished yet", "The edit goes on; look at it under /v1/edits."),
}
ALWAYS = (401, 422, 429, 503)
BODY = (400, 413)  # what may be wrong with any body


NOT_READY: Json = {
    "description": "Something is missing",
    "content": {
        "application/problem+json": {
            "example": {
                "type": "/problems/unavailable",
                "title": "The service is not available now",
                "status": 503,
                "code": "unavailable",
                "detail": "Missing: warm editing worker.",
                "retryable": True,
                "request_id": REQUEST_ID,
                "ready": False,
                "missing": ["warm editing worker"],
            }
        }
    },
}


def json_example(example: Json) -> Json:
    """Return the description of a JSON answer by an example."""
    return {"content": {"application/json": {"example": example}}}


def page(item: Json) -> Json:
    """Return the example of a page that holds one item."""
    return {"items": [item], "next_cursor": None}


def answers(status: int, example: Json | None, *problems: int) -> Answers:
    """Return what an operation answers: its success with an example, and the problems that it may tell of."""
    success: Answers = {status: json_example(example) if example else {}}
    return {**success, **{problem: _problem(problem) for problem in sorted({*problems, *ALWAYS})}}


def edit_answers(*problems: int) -> Answers:
    """Return what an operation answers that begins an edit."""
    finished = {"description": "The edit is over (only with Prefer: wait)", **json_example(EDIT)}
    return {**answers(202, EDIT_QUEUED, *problems), 200: finished}


def turn_answers() -> Answers:
    """Return what saying something answers."""
    said = {"question": {"value": TURN_QUESTION}, "edit": {"value": TURN}, "less": {"value": TURN_ADJUSTING}}
    return {
        **answers(200, None, *BODY, 404, 409, 412),
        200: {"content": {"application/json": {"examples": said}}},
        202: {"description": "The edit is unfinished", **json_example(TURN_QUEUED)},
    }


def stream_answers(example: str) -> Answers:
    """Return what an event stream answers."""
    return {**answers(200, None, 404), 200: {"content": {"text/event-stream": {"schema": EVENT, "example": example}}}}


def picture_answers() -> Answers:
    """Return what asking for a picture's bytes answers."""
    binary = {"schema": {"type": "string", "format": "binary"}, "example": "(the bytes of a PNG)"}
    return {
        **answers(200, None, 404),
        200: {"content": {"image/png": binary}},
        304: {"description": "You have these bytes already"},
    }


def archive_answers() -> Answers:
    """Return what asking for a conversation as an archive answers."""
    binary = {"schema": {"type": "string", "format": "binary"}, "example": "(the bytes of a ZIP archive)"}
    return {**answers(200, None, 404), 200: {"content": {"application/zip": binary}}}


def _problem(status: int) -> Json:
    code, title, detail = PROBLEMS[status]
    problem = Problem(
        type=f"{TYPE_PREFIX}{code}",
        title=title,
        status=status,
        code=code,
        detail=detail,
        retryable=status in (409, 429, 503),
        request_id=REQUEST_ID,
    )
    example = problem.model_dump(mode="json", exclude_none=True)
    return {"description": title, "content": {"application/problem+json": {"example": example}}}
