"""The REST API, one function for each operation and under its name: what to send, and how to read the answer.

Nothing here sends anything; `tests/unit/client/test_calls.py` compares all of it with the OpenAPI document.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter

from dialogpaint.difference import Difference
from dialogpaint.models import (
    ConversationRecord,
    Edit,
    Image,
    Models,
    Page,
    QueueState,
    Readiness,
    Revision,
    Sample,
    Turn,
)
from dialogpaint.models.study import NextPair, RatingsSummary, Study, StudyHead, StudyResults
from dialogpaint.pictures import Picture, Upload
from dialogpaint.provenance import Provenance

Result = TypeVar("Result")
Model = TypeVar("Model", bound=BaseModel)
Json = dict[str, Any]

CONVERSATION, EDIT = "/v1/conversations/{conversation_id}", "/v1/edits/{edit_id}"
STUDY = "/v1/studies/{study_id}"
MAX_PAGE = 100  # items
ZIP = "application/zip"
IMPORT_S = 300  # every picture of an archive is looked at before the answer


@dataclass(frozen=True)
class Received:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Call(Generic[Result]):
    """One request of the API, and how its answer is read."""

    method: str
    path: str
    read: Callable[[Received], Result]
    json: Json | None = None
    upload: Upload | None = None
    query: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    held_s: int = 0  # how long the server may hold the answer


def create_image(upload: Upload) -> Call[Image]:
    """Store a picture."""
    return Call("POST", "/v1/images", _as(Image), upload=upload)


def get_image(image_id: str) -> Call[Picture]:
    """Get a picture's bytes."""

    path = _path("/v1/images/{image_id}", image_id=image_id)
    return Call("GET", path, lambda received: _picture(image_id, received))


def get_provenance(image_id: str) -> Call[Provenance]:
    """Read which edits made a picture."""
    return Call("GET", _path("/v1/images/{image_id}/provenance", image_id=image_id), _as(Provenance))


def compare_images(image_id: str, to: str) -> Call[Difference]:
    """Say in numbers what changed from a picture to another."""
    path = _path("/v1/images/{image_id}/difference", image_id=image_id)
    return Call("GET", path, _as(Difference), query={"to": to})


def draw_difference(image_id: str, to: str) -> Call[Picture]:
    """Get a picture of what changed, which has no id of its own."""
    path = _path("/v1/images/{image_id}/difference.png", image_id=image_id)
    return Call("GET", path, lambda received: _picture("", received), query={"to": to})


def list_samples() -> Call[Page[Sample]]:
    """List the pictures that come with the server."""
    return Call("GET", "/v1/samples", _as(Page[Sample]))


def create_conversation(body: Json) -> Call[ConversationRecord]:
    """Begin a conversation."""
    return Call("POST", "/v1/conversations", _as(ConversationRecord), json=body)


def list_conversations(cursor: str | None = None) -> Call[Page[ConversationRecord]]:
    """List conversations, newest first."""
    return Call("GET", "/v1/conversations", _as(Page[ConversationRecord]), query=_page(cursor))


def get_conversation(conversation_id: str) -> Call[ConversationRecord]:
    """Read a conversation."""
    return Call("GET", _path(CONVERSATION, conversation_id=conversation_id), _as(ConversationRecord))


def update_conversation(conversation_id: str, body: Json, if_version: int | None = None) -> Call[ConversationRecord]:
    """Change title, caption or defaults; what is absent stays, None clears."""
    path = _path(CONVERSATION, conversation_id=conversation_id)
    return Call("PATCH", path, _as(ConversationRecord), json=body, headers=_if_match(if_version))


def delete_conversation(conversation_id: str, if_version: int | None = None) -> Call[None]:
    """Delete a conversation and what belongs to it alone."""
    path = _path(CONVERSATION, conversation_id=conversation_id)
    return Call("DELETE", path, _nothing, headers=_if_match(if_version))


def export_conversation(conversation_id: str) -> Call[None]:
    """Get a conversation as a ZIP archive, which comes piece by piece."""
    path = _path(f"{CONVERSATION}/export", conversation_id=conversation_id)
    return Call("GET", path, _nothing, headers={"Accept": ZIP})


def import_conversation(upload: Upload) -> Call[ConversationRecord]:
    """Create a conversation out of an exported archive."""
    return Call("POST", "/v1/conversations/import", _as(ConversationRecord), upload=upload, held_s=IMPORT_S)


def list_revisions(conversation_id: str) -> Call[Page[Revision]]:
    """List the whole tree, the root first."""
    return Call("GET", _path(f"{CONVERSATION}/revisions", conversation_id=conversation_id), _as(Page[Revision]))


def move_head(conversation_id: str, body: Json, if_version: int | None = None) -> Call[ConversationRecord]:
    """Let the next turn start from another revision."""
    path = _path(f"{CONVERSATION}/head", conversation_id=conversation_id)
    return Call("PUT", path, _as(ConversationRecord), json=body, headers=_if_match(if_version))


def create_turn(conversation_id: str, body: Json, wait_s: int = 0, if_version: int | None = None) -> Call[Turn]:
    """Say something; the answer is held up to `wait_s` seconds for its edit."""
    path = _path(f"{CONVERSATION}/turns", conversation_id=conversation_id)
    headers = {**_prefer(wait_s), **_if_match(if_version)}
    return Call("POST", path, _as(Turn), json=body, headers=headers, held_s=wait_s)


def list_turns(conversation_id: str, cursor: str | None = None) -> Call[Page[Turn]]:
    """List turns, oldest first."""
    path = _path(f"{CONVERSATION}/turns", conversation_id=conversation_id)
    return Call("GET", path, _as(Page[Turn]), query=_page(cursor))


def create_edit(body: Json, wait_s: int = 0, if_version: int | None = None) -> Call[Edit]:
    """Carry out an explicit instruction; the answer is held up to `wait_s` seconds."""
    headers = {**_prefer(wait_s), **_if_match(if_version)}
    return Call("POST", "/v1/edits", _as(Edit), json=body, headers=headers, held_s=wait_s)


def list_edits(status: str | None = None, cursor: str | None = None) -> Call[Page[Edit]]:
    """List edits, newest first."""
    query = {**_page(cursor), **({"status": status} if status else {})}
    return Call("GET", "/v1/edits", _as(Page[Edit]), query=query)


def get_edit(edit_id: str) -> Call[Edit]:
    """Read an edit."""
    return Call("GET", _path(EDIT, edit_id=edit_id), _as(Edit))


def cancel_edit(edit_id: str) -> Call[Edit]:
    """Stop an edit within one denoising step."""
    return Call("POST", _path(f"{EDIT}/cancel", edit_id=edit_id), _as(Edit))


def rerun_edit(edit_id: str, wait_s: int = 0) -> Call[Edit]:
    """Run an edit again with the same inputs and seed."""
    path = _path(f"{EDIT}/rerun", edit_id=edit_id)
    return Call("POST", path, _as(Edit), headers=_prefer(wait_s), held_s=wait_s)


def rate_edit(edit_id: str, body: Json) -> Call[Edit]:
    """Say what you think of the picture."""
    return Call("PUT", _path(f"{EDIT}/rating", edit_id=edit_id), _as(Edit), json=body)


def follow_conversation(conversation_id: str) -> Call[None]:
    """Open the event stream of a conversation."""
    return _stream(_path(f"{CONVERSATION}/events", conversation_id=conversation_id))


def follow_edit(edit_id: str) -> Call[None]:
    """Open the event stream of an edit; it ends with the edit."""
    return _stream(_path(f"{EDIT}/events", edit_id=edit_id))


def create_study(body: Json) -> Call[Study]:
    """Begin a study of blind pairs."""
    return Call("POST", "/v1/studies", _as(Study), json=body)


def list_studies(cursor: str | None = None) -> Call[Page[StudyHead]]:
    """List studies, newest first."""
    return Call("GET", "/v1/studies", _as(Page[StudyHead]), query=_page(cursor))


def get_study(study_id: str) -> Call[Study]:
    """Read a study with the labels of its pictures."""
    return Call("GET", _path(STUDY, study_id=study_id), _as(Study))


def delete_study(study_id: str) -> Call[None]:
    """Delete a study with its votes."""
    return Call("DELETE", _path(STUDY, study_id=study_id), _nothing)


def get_next_pair(study_id: str, participant: str) -> Call[NextPair]:
    """Get a pair that this person has not judged."""
    path = _path(f"{STUDY}/next", study_id=study_id)
    return Call("GET", path, _as(NextPair), query={"participant": participant})


def vote_on_pair(study_id: str, body: Json) -> Call[NextPair]:
    """Say which picture of a pair is better."""
    return Call("POST", _path(f"{STUDY}/votes", study_id=study_id), _as(NextPair), json=body)


def get_study_results(study_id: str) -> Call[StudyResults]:
    """Read how often each label was preferred."""
    return Call("GET", _path(f"{STUDY}/results", study_id=study_id), _as(StudyResults))


def get_study_csv(study_id: str) -> Call[str]:
    """Get every vote as a line of CSV."""
    return Call("GET", _path(f"{STUDY}/results.csv", study_id=study_id), _text)


def get_ratings() -> Call[RatingsSummary]:
    """Read what people said of edits."""
    return Call("GET", "/v1/ratings", _as(RatingsSummary))


def get_ratings_csv(comments: bool = False) -> Call[str]:
    """Get every rating of an edit as a line of CSV."""
    return Call("GET", "/v1/ratings.csv", _text, query={"comments": "true"} if comments else {})


def list_models() -> Call[Models]:
    """Read which models are being served."""
    return Call("GET", "/v1/models", _as(Models))


def get_queue() -> Call[QueueState]:
    """Read how much work waits and who does it."""
    return Call("GET", "/v1/queue", _as(QueueState))


def get_liveness() -> Call[bool]:
    """Ask whether the gateway is alive."""
    alive = TypeAdapter(dict[str, bool])
    return Call("GET", "/livez", lambda received: alive.validate_json(received.body)["alive"])


def get_readiness() -> Call[Readiness]:
    """Ask whether everything that an edit needs answers; that not all does is an answer too."""
    return Call("GET", "/readyz", _as(Readiness))


def get_metrics() -> Call[str]:
    """Read the metrics in Prometheus' text format."""
    return Call("GET", "/metrics", _text)


def _as(model: type[Model]) -> Callable[[Received], Model]:
    return lambda received: model.model_validate_json(received.body)


def _text(received: Received) -> str:
    return received.body.decode()


def _picture(image_id: str, received: Received) -> Picture:
    return Picture(image_id, received.headers.get("content-type", ""), received.body)


def _nothing(_received: Received) -> None:
    return None


def _stream(path: str) -> Call[None]:
    return Call("GET", path, _nothing, headers={"Accept": "text/event-stream"})


def _path(template: str, **ids: str) -> str:
    return template.format(**{name: quote(each, safe="") for name, each in ids.items()})


def _page(cursor: str | None) -> dict[str, str | int]:
    return {"limit": MAX_PAGE, **({"cursor": cursor} if cursor else {})}


def _prefer(wait_s: int) -> dict[str, str]:
    return {"Prefer": f"wait={wait_s}"} if wait_s else {}


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}
