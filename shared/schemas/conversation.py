"""A conversation: a dialogue about one picture, and the tree of its revisions."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from shared.schemas.base import Id, Moment, Request, Resource, Text, visible
from shared.schemas.image import image_url
from shared.schemas.parameters import EditParameters, for_every_edit

Title = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(visible)]
Defaults = Annotated[EditParameters | None, AfterValidator(for_every_edit)]


class ConversationRequest(Request):
    """A picture to talk about."""

    image_id: Id
    caption: Text | None = None
    title: Title | None = None
    defaults: Defaults = None


class ConversationPatch(Request):
    """What may change later; a field that is absent stays, null clears it."""

    title: Title | None = None
    caption: Text | None = None
    defaults: Defaults = None


class HeadRequest(Request):
    """The revision that the next turn shall start from."""

    revision_id: Id


class Revision(Resource):
    """A picture in the conversation's tree: the root, or the result of an edit on its parent."""

    id: str
    parent_id: str | None = None
    image_id: str
    instruction: str | None = None
    prior_instructions: list[str] = Field(default_factory=list, description="carried out again before `instruction`")
    edit_id: str | None = None
    created_at: Moment


class ConversationUrls(Resource):
    """Where a conversation can be read, followed and gone on with."""

    self: str
    turns: str
    revisions: str
    head: str
    events: str
    export: str
    root_image: str


def _urls(fields: dict[str, Any]) -> ConversationUrls:
    own = f"/v1/conversations/{fields['id']}"
    return ConversationUrls(
        self=own,
        turns=f"{own}/turns",
        revisions=f"{own}/revisions",
        head=f"{own}/head",
        events=f"{own}/events",
        export=f"{own}/export",
        root_image=image_url(fields["root_image_id"]),
    )


class Conversation(Resource):
    """A dialogue about one picture; `version` grows with every change and is the ETag."""

    id: str
    title: str | None = None
    caption: str | None = None
    head_revision_id: str
    root_revision_id: str
    root_image_id: str
    defaults: EditParameters = Field(default_factory=EditParameters)
    turn_count: int = 0
    unfinished_edit_id: str | None = Field(default=None, description="the edit that a new turn has to wait for")
    version: int
    created_at: Moment
    updated_at: Moment
    urls: ConversationUrls = Field(default_factory=_urls)
