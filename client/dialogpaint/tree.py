"""A conversation's revisions as the tree they are, and where undo and redo lead in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dialogpaint.models import Revision


@dataclass(frozen=True)
class RevisionTree:
    """All revisions, oldest first; the next turn starts from the head."""

    revisions: Sequence[Revision]
    head_id: str

    def __iter__(self) -> Iterator[Revision]:
        """The revisions, oldest first."""
        return iter(self.revisions)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.revisions)

    def __getitem__(self, revision_id: str) -> Revision:
        """One revision by its id; raises KeyError."""
        for revision in self.revisions:
            if revision.id == revision_id:
                return revision
        raise KeyError(revision_id)

    @property
    def root(self) -> Revision:
        """The picture that the conversation began with."""
        return self.revisions[0]

    @property
    def head(self) -> Revision:
        """The revision that the next turn starts from."""
        return self[self.head_id]

    def parent(self, revision: Revision) -> Revision | None:
        """What a revision was made from; None for the root."""
        return None if revision.parent_id is None else self[revision.parent_id]

    def children(self, revision: Revision) -> list[Revision]:
        """What was made from a revision, oldest first."""
        return [each for each in self.revisions if each.parent_id == revision.id]

    def path(self, revision: Revision) -> list[Revision]:
        """The revisions from the root to this one."""
        by_id = {each.id: each for each in self.revisions}
        path = [revision]
        while path[-1].parent_id is not None:
            path.append(by_id[path[-1].parent_id])
        return path[::-1]

    def after_redo(self, left: Sequence[str] = ()) -> Revision | None:
        """Where redo leads: the child of the head that an undo left last, else what the newest edit made first.

        None if nothing was made from the head.
        """
        children = {child.id: child for child in self.children(self.head)}
        for revision_id in reversed(left):
            if revision_id in children:
                return children[revision_id]
        made = list(children.values())
        return next((child for child in made if child.edit_id == made[-1].edit_id), None)

    def as_json(self) -> dict[str, Any]:
        """The head's id and the revisions, as JSON has them."""
        revisions = [revision.model_dump(mode="json") for revision in self.revisions]
        return {"head_revision_id": self.head_id, "revisions": revisions}

    def draw(self) -> str:
        """The tree in lines of text, children below their parent, the head marked."""
        lines: list[str] = []
        children_of: dict[str | None, list[Revision]] = {}
        for each in self.revisions:
            children_of.setdefault(each.parent_id, []).append(each)
        waiting: list[tuple[Revision, str, str]] = [(self.root, "", "")]
        while waiting:
            revision, lead, below = waiting.pop()
            mark = "●" if revision.id == self.head_id else "○"
            head = "  ← head" if revision.id == self.head_id else ""
            lines.append(f"{lead}{mark} {revision.instruction or 'the picture it began with'}  {revision.id}{head}")
            children = children_of.get(revision.id, [])
            for number, child in reversed(list(enumerate(children, start=1))):
                last = number == len(children)
                waiting.append((child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  ")))
        return "\n".join(lines)
