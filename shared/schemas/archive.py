"""A conversation in a file: what `conversation.json` of an exported archive holds."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from shared.schemas.base import Id, Resource
from shared.schemas.conversation import Revision, Title
from shared.schemas.edit import Edit, EditStatus
from shared.schemas.parameters import EditParameters
from shared.schemas.provenance import Hash
from shared.schemas.turn import Reply

SCHEMA_VERSION = 1
DOCUMENT, TRANSCRIPT, PICTURES = "conversation.json", "transcript.md", "images/"
MOST = 2_000
"""Turns, edits or revisions of an archive that can be imported: all of it is written in one script."""

Words = Annotated[str, StringConstraints(max_length=10_000)]
Size = Annotated[int, Field(ge=1, le=2**31)]
Past = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]


class ArchivedImage(Resource):
    """A picture of the archive; its bytes are in `images/<id>.png`."""

    id: Id
    media_type: Literal["image/png"]
    width: Size
    height: Size
    size: Size
    sha256: Hash

    @property
    def name(self) -> str:
        """Where its bytes are in the archive."""
        return f"{PICTURES}{self.id}.png"


class ArchivedRevision(Revision):
    """A revision; but for the root, its parent is older."""

    id: Id
    parent_id: Id | None = None
    image_id: Id
    instruction: Words | None = None
    prior_instructions: list[Words] = Field(default_factory=list)
    edit_id: Id | None = None
    created_at: Past


class ArchivedEdit(Edit):
    """An edit that has come to its end."""

    id: Id
    instruction: Words
    prior_instructions: list[Words] = Field(default_factory=list)
    source_image_id: Id
    mask_image_id: Id | None = None
    image_ids: list[Id] = Field(default_factory=list)
    base_revision_id: Id | None = None
    revision_ids: list[Id] = Field(default_factory=list)
    rerun_of: Id | None = None
    turn: Annotated[int, Field(ge=1, le=MOST)] | None = None
    attempt: Annotated[int, Field(ge=0, le=1_000)] = 0
    model: Words | None = None
    created_at: Past
    started_at: Past | None = None
    finished_at: Past | None = None

    @model_validator(mode="after")
    def _is_over(self) -> Self:
        if not self.status.is_terminal:
            raise ValueError(f"{self.id} has not come to its end")
        if (self.status is EditStatus.SUCCEEDED) != bool(self.image_ids):
            raise ValueError(f"{self.id} must have pictures exactly if it succeeded")
        if self.image_ids and len(self.image_ids) != self.parameters.count:
            raise ValueError(f"{self.id} has {len(self.image_ids)} pictures and not {self.parameters.count}")
        return self


class ArchivedTurn(Resource):
    """One exchange, with the id of the edit that it began."""

    number: int
    text: Words
    reply: Reply
    instruction: Words | None = None
    edit_id: Id | None = None
    base_revision_id: Id
    head_revision_id: Id | None = None
    created_at: Past


class ArchivedConversation(Resource):
    """The conversation itself."""

    id: Id
    title: Title | None = None
    caption: Words | None = None
    head_revision_id: Id
    root_revision_id: Id
    root_image_id: Id
    defaults: EditParameters = Field(default_factory=EditParameters)
    created_at: Past
    updated_at: Past


class Archive(Resource):
    """All of `conversation.json`; what it says of the tree and the turns holds together."""

    schema_version: Literal[1]
    conversation: ArchivedConversation
    images: Annotated[list[ArchivedImage], Field(max_length=3 * MOST)]
    revisions: Annotated[list[ArchivedRevision], Field(min_length=1, max_length=MOST)]
    edits: Annotated[list[ArchivedEdit], Field(max_length=MOST)]
    turns: Annotated[list[ArchivedTurn], Field(max_length=MOST)]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _check_names(self)
        _check_tree(self)
        _check_edits(self)
        _check_turns(self)
        return self


def _check_names(archive: Archive) -> None:
    ids = [archive.conversation.id, *_ids(archive.images), *_ids(archive.revisions), *_ids(archive.edits)]
    if len(set(ids)) != len(archive.images) + len(archive.revisions) + len(archive.edits) + 1:
        raise ValueError("two things in it have the same id")


def _check_tree(archive: Archive) -> None:
    """Parents are older than their children, so that there is no circle and all of it hangs on the one root."""
    conversation, by_id = archive.conversation, {each.id: each for each in archive.revisions}
    _must_have(by_id, "revision", conversation.head_revision_id, conversation.root_revision_id)
    if by_id[conversation.root_revision_id].image_id != conversation.root_image_id:
        raise ValueError("the root revision shows another picture than root_image_id")
    _must_have(_ids(archive.images), "picture", *(each.image_id for each in archive.revisions))
    _must_have(_ids(archive.edits), "edit", *(each.edit_id for each in archive.revisions))
    for revision in archive.revisions:
        if (revision.parent_id is None) != (revision.id == conversation.root_revision_id):
            raise ValueError(f"{revision.id}: the root has no parent, and every other revision has one")
        _must_have(by_id, "revision", revision.parent_id)
        if revision.parent_id is not None and by_id[revision.parent_id].created_at >= revision.created_at:
            raise ValueError(f"{revision.id} is not younger than its parent {revision.parent_id}")


def _check_edits(archive: Archive) -> None:
    images, revisions, made = _ids(archive.images), _ids(archive.revisions), set[str]()
    for edit in archive.edits:
        _must_have(images, "picture", edit.source_image_id, edit.mask_image_id, *edit.image_ids)
        _must_have(revisions, "revision", edit.base_revision_id, *edit.revision_ids)
        if len(set(edit.image_ids) - made) != len(edit.image_ids):
            raise ValueError(f"{edit.id} made a picture that was made before")
        made.update(edit.image_ids)


def _check_turns(archive: Archive) -> None:
    edits, revisions = _ids(archive.edits), _ids(archive.revisions)
    if [turn.number for turn in archive.turns] != list(range(1, len(archive.turns) + 1)):
        raise ValueError("the turns are not numbered 1, 2, 3 …")
    for turn in archive.turns:
        _must_have(edits, "edit", turn.edit_id)
        _must_have(revisions, "revision", turn.base_revision_id, turn.head_revision_id)


def _ids(things: list[Any]) -> set[str]:
    return {each.id for each in things}


def _must_have(known: Any, kind: str, *ids: str | None) -> None:
    for each in ids:
        if each is not None and each not in known:
            raise ValueError(f"there is no {kind} {each} in it")
