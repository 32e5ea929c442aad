"""The examples that /docs shows of the calls below /openai/v1."""

from typing import Any

from gateway.described import PROBLEMS, Answers, json_example
from gateway.examples import EDIT, EDITING_MODEL, EVENT, REQUEST_ID, Json
from gateway.openai_errors import error_body
from gateway.openai_schemas import EditedImages, ModelCard, ModelCards, PictureData, PictureEvent
from shared.errors import TYPE_PREFIX
from shared.schemas.problem import Problem

BYTES = "iVBORw0KGgo…"
CREATED = 1_772_357_404
MODEL: Json = ModelCard(id=EDITING_MODEL["name"]).model_dump()
MODELS: Json = ModelCards(data=[ModelCard(id=EDITING_MODEL["name"])]).model_dump()
EDITED: Json = EditedImages(
    created=CREATED, data=[PictureData(b64_json=BYTES)], output_format="png", size="128x128", edit_id=EDIT["id"]
).model_dump(exclude_none=True)
PARTIAL_IMAGE = PictureEvent(
    type="image_edit.partial_image",
    b64_json=BYTES,
    created_at=CREATED,
    output_format="png",
    size="128x128",
    partial_image_index=0,
    edit_id=EDIT["id"],
)
STREAM = f"event: {PARTIAL_IMAGE.type}\ndata: {PARTIAL_IMAGE.model_dump_json(exclude_none=True)}\n\n"

FILE: Json = {"type": "string", "format": "binary"}
FIELDS: dict[str, Any] = {
    "image": {**FILE, "description": "one PNG, JPEG or WebP picture"},
    "mask": {**FILE, "description": "a picture of the same size, transparent where the edit may change something"},
    "prompt": {"type": "string", "example": "make it night"},
    "model": {"type": "string", "description": "the served one, or left out"},
    "n": {"type": "integer", "minimum": 1, "maximum": 8, "default": 1},
    "size": {"type": "string", "default": "auto", "description": "auto, or WIDTHxHEIGHT in the picture's proportions"},
    "response_format": {"enum": ["b64_json", "url"], "default": "b64_json"},
    "output_format": {"enum": ["png", "jpeg", "webp"], "default": "png"},
    "output_compression": {"type": "integer", "minimum": 0, "maximum": 100, "default": 100},
    "stream": {"type": "boolean", "default": False},
    "partial_images": {"type": "integer", "minimum": 0, "maximum": 3, "default": 0},
    "steps": {"type": "integer", "minimum": 1, "maximum": 100},
    "text_guidance_scale": {"type": "number", "minimum": 1, "maximum": 30},
    "image_guidance_scale": {"type": "number", "minimum": 0, "maximum": 10},
    "seed": {"type": "integer", "minimum": 0},
}
EDIT_FORM: Json = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "required": ["image", "prompt"], "properties": FIELDS}}
        },
    }
}


def answers(example: Json, *problems: int) -> Answers:
    """Return what an operation answers: its success, and the errors that it may tell of."""
    told: Answers = {status: _error(status) for status in (401, 429, 503, *problems)}
    return {200: json_example(example), **told, "4XX": _error(422)}


def _error(status: int) -> Json:
    code, title, detail = PROBLEMS[status]
    problem = Problem(
        type=f"{TYPE_PREFIX}{code}",
        title=title,
        status=status,
        code=code,
        detail=detail,
        retryable=False,
        request_id=REQUEST_ID,
    )
    return {"description": title, **json_example(error_body(problem))}


EDIT_ANSWERS: Answers = {
    **answers(EDITED, 404, 409, 504),
    200: {
        "description": "The pictures; with `stream` the events",
        "content": {"application/json": {"example": EDITED}, "text/event-stream": {"schema": EVENT, "example": STREAM}},
    },
}
