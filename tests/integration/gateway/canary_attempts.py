"""What a stranger tries on every route of the API with the ids, cursors and idempotency keys of another tenant."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.integration.gateway.conftest import png

Json = dict[str, Any]
PICTURE: Json = {"content": png(colour="blue"), "headers": {"Content-Type": "image/png"}}
ZIP = {"Content-Type": "application/zip"}
RATING: Json = {"image_quality": 1, "satisfaction": 1}
PERSON = "0123456789abcdef"


@dataclass(frozen=True)
class Ids:
    """What there is of one tenant, or what looks as if it were."""

    image: str
    result: str
    preview: str
    conversation: str
    revision: str
    edit: str  # finished, in the conversation
    waiting: str  # free-standing
    study: str


NOWHERE = Ids(*(f"{prefix}_{'0' * 22}" for prefix in ("img", "img", "img", "conv", "rev", "edit", "edit", "study")))


def key(number: int) -> dict[str, str]:
    """An idempotency key that every tenant uses."""
    return {"Idempotency-Key": f"key-{number}"}


@dataclass(frozen=True)
class Attempt:
    """What the stranger tries: `send` makes the request's arguments of (their ids, the stranger's own)."""

    status: int
    send: Callable[[Ids, Ids], Json]


def at(**path: str) -> Json:
    """Arguments of a request with nothing but these parts of its path."""
    return {"path": path}


def of_conversation(**more: Any) -> Attempt:
    return Attempt(404, lambda theirs, _: {**at(conversation_id=theirs.conversation), **more})


def of_edits(**more: Any) -> list[Attempt]:
    return [
        Attempt(404, lambda theirs, _: {**at(edit_id=theirs.edit), **more}),
        Attempt(404, lambda theirs, _: {**at(edit_id=theirs.waiting), **more}),
    ]


def differences(**more: Any) -> list[Attempt]:
    return [
        Attempt(404, lambda theirs, _: {**at(image_id=theirs.image), "params": {"to": theirs.image}}),
        Attempt(404, lambda theirs, mine: {**at(image_id=mine.image), "params": {"to": theirs.image}, **more}),
        Attempt(404, lambda theirs, mine: {**at(image_id=theirs.result), "params": {"to": mine.image}, **more}),
    ]


def edit_with(wanted: Callable[[Ids, Ids], Json]) -> Attempt:
    return Attempt(404, lambda theirs, mine: {"json": {"instruction": "make it night", **wanted(theirs, mine)}})


def of_study(**more: Any) -> Attempt:
    return Attempt(404, lambda theirs, _: {**at(study_id=theirs.study), **more})


def study_of(*image_ids: str, source_image_id: str | None = None, mark: str = "a-study") -> Json:
    """A study of one pair of these pictures."""
    a, b = ({"image_id": image_id, "label": f"{mark}-label"} for image_id in image_ids)
    pair = {"instruction": f"{mark}-wish", "source_image_id": source_image_id, "a": a, "b": b}
    return {"title": f"{mark}-title", "pairs": [pair]}


def plain(**more: Any) -> Attempt:
    """A request that names nothing of theirs, and still might be answered with it."""
    return Attempt(200, lambda _theirs, _mine: dict(more))


SAMPLE: Json = {"image_id": "img_sample-house-and-tree"}

ATTEMPTS: dict[str, list[Attempt]] = {
    "POST /v1/images": [Attempt(201, lambda _theirs, _mine: {**PICTURE, "headers": {**PICTURE["headers"], **key(1)}})],
    "GET /v1/images/{image_id}": [
        Attempt(404, lambda theirs, _: at(image_id=theirs.image)),
        Attempt(404, lambda theirs, _: at(image_id=theirs.result)),
        Attempt(404, lambda theirs, _: at(image_id=theirs.preview)),
        Attempt(404, lambda theirs, _: {**at(image_id=theirs.image), "headers": {"If-None-Match": "*"}}),
    ],
    "GET /v1/images/{image_id}/provenance": [
        Attempt(404, lambda theirs, _: at(image_id=theirs.image)),
        Attempt(404, lambda theirs, _: at(image_id=theirs.result)),
        Attempt(404, lambda theirs, _: at(image_id=theirs.preview)),
    ],
    "GET /v1/images/{image_id}/difference": differences(),
    "GET /v1/images/{image_id}/difference.png": differences(headers={"If-None-Match": "*"}),
    "GET /v1/samples": [plain()],
    "POST /v1/conversations": [
        Attempt(404, lambda theirs, _: {"json": {"image_id": theirs.image}}),
        Attempt(404, lambda theirs, _: {"json": {"image_id": theirs.result}}),
        Attempt(201, lambda _theirs, _mine: {"json": SAMPLE, "headers": key(2)}),
    ],
    "GET /v1/conversations": [plain(), plain(params={"limit": 1, "cursor": "{cursor}"})],
    "GET /v1/conversations/{conversation_id}": [of_conversation()],
    "PATCH /v1/conversations/{conversation_id}": [
        of_conversation(json={"title": "mine now"}),
        of_conversation(json={"title": "mine now"}, headers={"If-Match": '"1"'}),
    ],
    "DELETE /v1/conversations/{conversation_id}": [of_conversation(), of_conversation(headers={"If-Match": '"1"'})],
    "GET /v1/conversations/{conversation_id}/revisions": [of_conversation()],
    "PUT /v1/conversations/{conversation_id}/head": [
        Attempt(404, lambda theirs, _: {**at(conversation_id=theirs.conversation), "json": _head(theirs)}),
        Attempt(404, lambda theirs, mine: {**at(conversation_id=mine.conversation), "json": _head(theirs)}),
    ],
    "GET /v1/conversations/{conversation_id}/export": [of_conversation()],
    "POST /v1/conversations/import": [
        Attempt(422, lambda _theirs, _mine: {"content": b"no archive", "headers": {**ZIP, **key(2)}})
    ],
    "POST /v1/conversations/{conversation_id}/turns": [
        of_conversation(json={"text": "change it"}),
        of_conversation(json={"text": "change it"}, headers=key(3)),
        Attempt(404, lambda theirs, mine: {**at(conversation_id=mine.conversation), "json": _turn(theirs)}),
    ],
    "GET /v1/conversations/{conversation_id}/turns": [of_conversation(), of_conversation(params={"cursor": "0"})],
    "GET /v1/conversations/{conversation_id}/events": [
        of_conversation(),
        of_conversation(headers={"Last-Event-ID": "1"}),
    ],
    "POST /v1/edits": [
        edit_with(lambda theirs, _: {"image_id": theirs.image}),
        edit_with(lambda theirs, mine: {"image_id": mine.image, "mask_image_id": theirs.image}),
        edit_with(lambda theirs, _: {"conversation_id": theirs.conversation}),
        edit_with(lambda theirs, mine: {"conversation_id": mine.conversation, "base_revision_id": theirs.revision}),
    ],
    "GET /v1/edits": [plain(), plain(params={"status": "queued"}), plain(params={"limit": 1, "cursor": "{cursor}"})],
    "GET /v1/edits/{edit_id}": of_edits(),
    "POST /v1/edits/{edit_id}/cancel": of_edits(),
    "POST /v1/edits/{edit_id}/rerun": [*of_edits(), *of_edits(headers=key(4))],
    "PUT /v1/edits/{edit_id}/rating": of_edits(json=RATING),
    "GET /v1/edits/{edit_id}/events": [*of_edits(), *of_edits(headers={"Last-Event-ID": "1"})],
    "POST /v1/studies": [
        Attempt(404, lambda theirs, mine: {"json": study_of(mine.image, theirs.image)}),
        Attempt(404, lambda theirs, mine: {"json": study_of(theirs.result, mine.image)}),
        Attempt(404, lambda theirs, mine: {"json": study_of(mine.image, mine.image, source_image_id=theirs.image)}),
    ],
    "GET /v1/studies": [plain(), plain(params={"limit": 1, "cursor": "{cursor}"})],
    "GET /v1/studies/{study_id}": [of_study()],
    "GET /v1/studies/{study_id}/next": [of_study(params={"participant": PERSON})],
    "POST /v1/studies/{study_id}/votes": [of_study(json={"pair": 1, "choice": "left", "participant": PERSON})],
    "GET /v1/studies/{study_id}/results": [of_study()],
    "GET /v1/studies/{study_id}/results.csv": [of_study()],
    "DELETE /v1/studies/{study_id}": [of_study()],
    "GET /v1/ratings": [plain()],
    "GET /v1/ratings.csv": [plain(), plain(params={"comments": True})],
    "POST /openai/v1/images/edits": [  # of the stranger's own picture: as no worker takes it, 504
        Attempt(504, lambda _theirs, _mine: {"files": {"image": png()}, "data": {"prompt": "night"}, "headers": key(5)})
    ],
    "GET /openai/v1/models": [plain()],
    "GET /openai/v1/models/{model}": [Attempt(404, lambda _theirs, _mine: at(model="theirs"))],
    "GET /v1/models": [plain()],
    "GET /v1/queue": [plain()],
    "GET /livez": [plain()],
    "GET /readyz": [plain()],
    "GET /metrics": [plain()],
}


def _head(theirs: Ids) -> Json:
    return {"revision_id": theirs.revision}


def _turn(theirs: Ids) -> Json:
    return {"text": "change it", "base": theirs.revision}
