"""What the stores take in, beside the schemas: things that are about to exist, and claims on edits."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from shared.schemas.parameters import EditParameters, ResolvedParameters
from shared.schemas.turn import Reply

DEFAULT_TENANT = "local"
MADE_BY = re.compile(r"[^/]+/(edit_[A-Za-z0-9_-]+)-\d+-(?:preview-)?\d+\.\w+")


@dataclass(frozen=True)
class Operation:
    """The right to carry out the request of one idempotency key; every creating call takes one (or None).

    `resource_id` is set when an earlier, interrupted run already had its effect: build the answer from it.
    """

    key: str
    token: str
    resource_id: str | None = None


@dataclass(frozen=True)
class Answer:
    """The first answer to an idempotency key, replayed to whoever asks again."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class NewImage:
    """A picture whose bytes are in the image files already, under the key `file`."""

    id: str
    file: str
    media_type: str
    width: int
    height: int
    size: int
    sha256: str
    made_here: int = 0
    """How many of the latest edits that its file tells of happened here; the others are somebody's claim."""

    @property
    def edit_id(self) -> str | None:
        """The edit that made it, which its file is named after; None for an upload."""
        made_by = MADE_BY.fullmatch(self.file)
        return made_by[1] if made_by else None


def imported_file(tenant: str, edit_id: str, index: int) -> str:
    """The file key of the picture `index` of an edit that was imported: of no attempt, as those count from 1."""
    return f"{tenant}/{edit_id}-0-{index}.png"


def describe_image(
    image_id: str, file: str, data: bytes, media_type: str, size: tuple[int, int], made_here: int = 0
) -> NewImage:
    """Describe encoded bytes of a picture of `size` (width, height) that are stored under `file`."""
    sha256 = hashlib.sha256(data).hexdigest()
    return NewImage(image_id, file, media_type, size[0], size[1], len(data), sha256, made_here)


@dataclass(frozen=True)
class NewConversation:
    """A conversation to create about a stored picture."""

    id: str
    root_revision_id: str
    image_id: str
    title: str | None = None
    caption: str | None = None
    defaults: EditParameters | None = None


@dataclass(frozen=True)
class NewEdit:
    """An edit to accept; with a conversation its result becomes a revision on `base_revision_id`."""

    id: str
    instruction: str
    source_image_id: str
    parameters: ResolvedParameters
    mask_image_id: str | None = None
    conversation_id: str | None = None
    base_revision_id: str | None = None
    rerun_of: str | None = None
    prior_instructions: tuple[str, ...] = ()  # carried out first, oldest first, within this same edit
    webhook_url: str | None = None


@dataclass(frozen=True)
class NewTurn:
    """Both halves of a turn; `id` (prefix `turn`) makes appending it twice harmless.

    `head_revision_id` is where the turn moves the head at once, as undoing in words does.
    """

    id: str
    text: str
    reply: Reply
    base_revision_id: str
    instruction: str | None = None
    head_revision_id: str | None = None


@dataclass(frozen=True)
class NewVariant:
    """One picture of a pair, and what made it."""

    image_id: str
    label: str


@dataclass(frozen=True)
class NewPair:
    """Two pictures of a study to create, and the one that both began with."""

    a: NewVariant
    b: NewVariant
    instruction: str | None = None
    source_image_id: str | None = None


@dataclass(frozen=True)
class NewStudy:
    """A study to create; `salt` is what its sides are drawn with and its people's digests are made with."""

    id: str
    title: str
    question: str
    salt: str
    pairs: tuple[NewPair, ...]

    def image_ids(self) -> set[str]:
        """All pictures that it shows."""
        shown = {each.image_id for pair in self.pairs for each in (pair.a, pair.b)}
        return shown | {pair.source_image_id for pair in self.pairs if pair.source_image_id}


@dataclass(frozen=True)
class OutboxEntry:
    """An edit whose Celery message has to be sent."""

    entry_id: str
    edit_id: str


@dataclass(frozen=True)
class Swept:
    """Edit ids that a sweep put back, gave up, or whose message it will have sent again."""

    requeued: list[str]
    poisoned: list[str]
    resent: list[str]


@dataclass(frozen=True)
class Claim:
    """The right of one worker to run one edit, and all that it needs for it; `fence` makes stale writes fail."""

    tenant: str
    edit_id: str
    fence: int
    attempt: int
    instruction: str
    parameters: ResolvedParameters
    source: NewImage
    mask: NewImage | None
    prior_instructions: tuple[str, ...] = ()
    traceparent: str | None = None
    """The span in which the edit was asked for, if that is traced."""
    queue_s: float = 0.0
    """From its acceptance to this claim."""

    def result_file(self, index: int, extension: str = "png") -> str:
        """The file key of the picture `index` of this attempt; no other attempt writes there."""
        return f"{self.tenant}/{self.edit_id}-{self.fence}-{index}.{extension}"

    def preview_file(self, step: int) -> str:
        """The file key of this attempt's preview at `step`."""
        return f"{self.tenant}/{self.edit_id}-{self.fence}-preview-{step}.jpg"


class Skip(StrEnum):
    """Why a delivered edit is not for this worker; the task returns at once."""

    UNKNOWN = "unknown"
    FINISHED = "finished"
    BUSY = "busy"
    POISON = "poison"
    SUSPECT = "suspect"


class Verdict(StrEnum):
    """What a renewal answers: go on, stop because somebody canceled, or stop because the claim is lost."""

    CONTINUE = "continue"
    CANCEL = "cancel"
    LOST = "lost"


class Written(StrEnum):
    """What came of an attempt to finish: written, written before by the same claim, or refused as stale."""

    OK = "ok"
    REPLAY = "replay"
    FENCED = "fenced"


@dataclass(frozen=True)
class Renewal:
    """A sign of life for a claim, with how many of its steps are done."""

    claim: Claim
    step: int
    steps: int
