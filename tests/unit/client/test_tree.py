"""The tree of revisions: how it is drawn, where undo and redo lead."""

from typing import Any

import pytest

from dialogpaint import Revision, RevisionTree
from gateway import examples


def tree(head: str, **parents: str | None) -> RevisionTree:
    """Revisions with these parents, oldest first."""
    made: list[Any] = [
        {
            **examples.REVISION,
            "id": name,
            "edit_id": f"edit_{name[0]}",
            "parent_id": parent,
            "instruction": None if parent is None else f"do {name}",
        }
        for name, parent in parents.items()
    ]
    return RevisionTree([Revision.model_validate(each) for each in made], head)


BRANCHED: dict[str, str | None] = {"r": None, "a": "r", "b": "a", "c": "r", "d": "a"}


def test_a_tree_is_drawn_with_its_branches_and_its_head() -> None:
    assert tree("d", **BRANCHED).draw().splitlines() == [
        "○ the picture it began with  r",
        "├─ ○ do a  a",
        "│  ├─ ○ do b  b",
        "│  └─ ● do d  d  ← head",
        "└─ ○ do c  c",
    ]


def test_a_path_leads_from_the_root() -> None:
    branched = tree("d", **BRANCHED)
    assert [revision.id for revision in branched.path(branched.head)] == ["r", "a", "d"]


@pytest.mark.parametrize(
    ("head", "left", "target"),
    [("r", [], "c"), ("r", ["a"], "a"), ("a", ["d", "b"], "b"), ("a", ["c"], "d"), ("b", [], None)],
)
def test_redo_leads_to_what_was_left_last_else_to_the_newest(head: str, left: list[str], target: str | None) -> None:
    found = tree(head, **BRANCHED).after_redo(left)
    assert (found.id if found else None) == target


def test_of_several_pictures_of_one_edit_redo_leads_to_the_first() -> None:
    found = tree("r", r=None, a="r", b1="r", b2="r").after_redo()
    assert found is not None
    assert found.id == "b1"


def test_an_unknown_revision_is_none_of_it() -> None:
    with pytest.raises(KeyError):
        tree("r", r=None)["x"]


def test_a_long_conversation_can_be_drawn() -> None:
    names = [f"r{number}" for number in range(2000)]  # deeper than Python's stack
    long = tree(names[-1], **dict(zip(names, [None, *names[:-1]], strict=True)))
    assert long.draw().count("\n") == 1999
    assert len(long.path(long.head)) == 2000
