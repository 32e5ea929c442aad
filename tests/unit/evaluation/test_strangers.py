import pytest

from evaluation.strangers import StrangerTurn, is_right, read_turns
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from training.datasets.instructions import parse

TURN = StrangerTurn("one", DialogueRequest(text="blue house!"), ReplyKind.EDIT, ("paint the house blue",))


def reply(kind: ReplyKind, instruction: str | None = None) -> DialogueReply:
    return DialogueReply(kind=kind, text="…", instruction=instruction, model="test")


def test_every_accepted_instruction_can_be_read() -> None:
    turns = read_turns()
    assert all(parse(text) is not None for turn in turns for text in turn.accept)
    assert all(bool(turn.accept) == (turn.kind is ReplyKind.EDIT) for turn in turns)


@pytest.mark.parametrize("instruction", ["paint the house blue", "turn the house blue"])
def test_any_wording_of_the_accepted_change_is_right(instruction: str) -> None:
    assert is_right(TURN, reply(ReplyKind.EDIT, instruction))


@pytest.mark.parametrize(
    "given",
    [reply(ReplyKind.EDIT, "paint the house red"), reply(ReplyKind.CLARIFICATION), reply(ReplyKind.EDIT, "blue")],
)
def test_another_change_or_another_kind_is_wrong(given: DialogueReply) -> None:
    assert not is_right(TURN, given)
