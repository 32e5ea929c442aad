"""What must be true of a conversation, in a few lines of Python beside the scripts that make it so in Redis."""

from dataclasses import dataclass, field

TERMINAL = ("succeeded", "failed", "canceled")


@dataclass
class ModelEdit:
    """An edit of the conversation."""

    instructions: list[str]  # in the order in which they are carried out
    base: str
    pictures: int
    status: str = "queued"
    cancel_requested: bool = False


@dataclass
class ModelRevision:
    """A revision, and the instructions that made it of its parent."""

    parent: str | None
    instructions: list[str]


@dataclass
class ConversationModel:
    """One conversation: every change adds one to the version, and an unfinished edit is in the way of others."""

    id: str
    root: str
    head: str
    version: int = 1
    unfinished: str | None = None
    turns: list[tuple[str, str]] = field(default_factory=list)  # what was said, and the kind of the reply
    revisions: dict[str, ModelRevision] = field(default_factory=dict)
    edits: dict[str, ModelEdit] = field(default_factory=dict)

    @property
    def in_progress(self) -> ModelEdit | None:
        """The unfinished edit."""
        return self.edits[self.unfinished] if self.unfinished else None

    def revision(self, base: str) -> str | None:
        """The id of the revision that `head`, `root` or an id names; None for an unknown one."""
        named = {"head": self.head, "root": self.root}.get(base, base)
        return named if named in self.revisions else None

    def agreed(self) -> list[str]:
        """All instructions from the root to the head."""
        texts: list[str] = []
        at: str | None = self.head
        while at:
            texts = [*self.revisions[at].instructions, *texts]
            at = self.revisions[at].parent
        return texts

    def refusal(self, if_match: str, base: str = "head") -> tuple[int, str] | None:
        """Status and code that something new gets which starts from `base`, or None if it is taken."""
        if if_match == "stale":
            return 412, "version-mismatch"
        if self.unfinished:
            return 409, "edit-in-progress"
        return None if self.revision(base) else (404, "not-found")

    def say(self, text: str, kind: str) -> None:
        """A turn was appended."""
        self.turns.append((text, kind))
        self.version += 1

    def begin(self, edit_id: str, edit: ModelEdit) -> None:
        """An edit was accepted."""
        self.edits[edit_id] = edit
        self.unfinished = edit_id

    def end(self, status: str, revision_ids: list[str]) -> None:
        """The unfinished edit came to its end, with a revision for each of its pictures."""
        edit = self.in_progress
        assert edit is not None
        assert len(revision_ids) == (edit.pictures if status == "succeeded" else 0)
        edit.status = status
        self.revisions |= {new: ModelRevision(edit.base, edit.instructions) for new in revision_ids}
        self.head = revision_ids[0] if revision_ids else self.head
        self.unfinished = None
        self.version += 1
