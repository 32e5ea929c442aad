"""From Redis hashes back to schemas."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.schemas.conversation import Conversation, Revision
from shared.schemas.edit import Edit, EditStatus, EditTimings, Progress, Rating
from shared.schemas.image import Image
from shared.schemas.parameters import EditParameters, ResolvedParameters
from shared.schemas.problem import Problem
from shared.schemas.turn import Reply, Turn
from shared.storage.records import NewImage

Record = Mapping[str, str]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(microseconds: str) -> datetime:
    """A stored time, without the rounding of floats."""
    return EPOCH + timedelta(microseconds=int(microseconds))


def maybe_moment(microseconds: str | None) -> datetime | None:
    """A stored time that may not have come yet."""
    return moment(microseconds) if microseconds else None


def pairs(flat: Sequence[str]) -> dict[str, str]:
    """A hash as a script returns it (name, value, name, value …)."""
    return dict(zip(flat[::2], flat[1::2], strict=True))


def image_of(record: Record) -> Image:
    """The picture that a hash describes."""
    return Image(**_picture(record), created_at=moment(record["created_at"]))


def stored_image_of(record: Record) -> NewImage:
    """The same with the key of its file, for whoever needs the bytes."""
    return NewImage(**_picture(record), file=record["file"], made_here=int(record.get("made_here", "0")))


def _picture(record: Record) -> dict[str, Any]:
    numbers = {name: int(record[name]) for name in ("width", "height", "size")}
    return {"id": record["id"], "media_type": record["media_type"], "sha256": record["sha256"], **numbers}


def conversation_of(record: Record) -> Conversation:
    """The conversation that a hash describes."""
    return Conversation(
        id=record["id"],
        title=record.get("title"),
        caption=record.get("caption"),
        head_revision_id=record["head_revision_id"],
        root_revision_id=record["root_revision_id"],
        root_image_id=record["root_image_id"],
        defaults=EditParameters.model_validate_json(record.get("defaults", "{}")),
        turn_count=int(record["turn_count"]),
        unfinished_edit_id=record.get("unfinished_edit_id"),
        version=int(record["version"]),
        created_at=moment(record["created_at"]),
        updated_at=moment(record["updated_at"]),
    )


def revisions_of(records: Record) -> list[Revision]:
    """The revisions of a conversation, oldest (the root) first."""
    decoded = [json.loads(text) for text in records.values()]
    decoded.sort(key=lambda revision: int(revision["created_at"]))
    return [_revision_of(record) for record in decoded]


def revision_of(text: str) -> Revision:
    """One revision, as it is stored."""
    return _revision_of(json.loads(text))


def _revision_of(record: Record) -> Revision:
    prior_instructions = json.loads(record.get("prior_instructions", "[]"))
    read = {"created_at": moment(record["created_at"]), "prior_instructions": prior_instructions}
    return Revision.model_validate({**record, **read})


def turn_of(record: Record, number: int, edit: Edit | None) -> Turn:
    """A stored turn, with the edit that it began."""
    return Turn(
        number=number,
        text=record["text"],
        reply=reply_of(record),
        instruction=record.get("instruction"),
        edit=edit,
        base_revision_id=record["base_revision_id"],
        head_revision_id=record.get("head_revision_id"),
        created_at=moment(record["created_at"]),
    )


def reply_of(record: Record) -> Reply:
    """The assistant's half of a stored turn."""
    return Reply.model_validate({"kind": record["reply_kind"], "text": record["reply_text"]})


def edit_of(record: Record, rank: int | None) -> Edit:
    """The edit that a hash describes; `rank` is its place among those that wait, from 0."""
    status = EditStatus(record["status"])
    return Edit(
        id=record["id"],
        status=status,
        instruction=record["instruction"],
        prior_instructions=json.loads(record.get("prior_instructions", "[]")),
        source_image_id=record["source_image_id"],
        mask_image_id=record.get("mask_image_id"),
        image_ids=json.loads(record.get("image_ids", "[]")),
        parameters=ResolvedParameters.model_validate_json(record["parameters"]),
        progress=Progress(step=int(record["step"]), steps=int(record["steps"])),
        queue_position=None if rank is None or status is not EditStatus.QUEUED else rank + 1,
        attempt=int(record["attempt"]),
        conversation_id=record.get("conversation_id"),
        turn=int(record["turn"]) if "turn" in record else None,
        base_revision_id=record.get("base_revision_id"),
        revision_ids=json.loads(record.get("revision_ids", "[]")),
        rerun_of=record.get("rerun_of"),
        identical=record["identical"] == "1" if "identical" in record else None,
        error=Problem.model_validate_json(record["error"]) if "error" in record else None,
        created_at=moment(record["created_at"]),
        started_at=maybe_moment(record.get("started_at")),
        finished_at=maybe_moment(record.get("finished_at")),
        timings=_timings(record),
        model=record.get("model"),
        rating=Rating.model_validate_json(record["rating"]) if "rating" in record else None,
        imported="imported" in record,
    )


def _timings(record: Record) -> EditTimings:
    timings = EditTimings.model_validate_json(record.get("timings", "{}"))
    if "started_at" not in record:
        return timings
    waited = moment(record["started_at"]) - moment(record["created_at"])
    return timings.model_copy(update={"queue_s": waited.total_seconds()})
