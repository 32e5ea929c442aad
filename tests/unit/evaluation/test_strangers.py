import pytest

from evaluation.dialogue import hasty
from evaluation.page import listed
from evaluation.strangers import StrangerResult, StrangerTurn, asked_first, confusion_of, is_right, misses, read_turns
from shared.schemas.dialogue import DialogueReply, DialogueRequest, ReplyKind
from shared.schemas.edit import in_order
from training.datasets.instructions import parse

TURN = StrangerTurn("one", DialogueRequest(text="blue house!"), ReplyKind.EDIT, ("paint the house blue",))


def reply(kind: ReplyKind, instruction: str | None = None) -> DialogueReply:
    return DialogueReply(kind=kind, text="…", instruction=instruction, model="test")


def test_every_accepted_instruction_can_be_read() -> None:
    turns = read_turns()
    steps = [step for turn in turns for text in turn.accept for step in in_order(text)]
    assert all(parse(step) is not None for step in steps)
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


def result(turn: StrangerTurn, given: DialogueReply) -> StrangerResult:
    return StrangerResult(turn, given, is_right(turn, given))


def test_every_miss_is_listed_with_what_was_due() -> None:
    wrong = result(TURN, reply(ReplyKind.EDIT, "paint the house red"))
    right = result(TURN, reply(ReplyKind.EDIT, "paint the house blue"))
    assert misses([right]) == []
    assert misses([wrong, right]) == [
        "one: “blue house!” → edit “paint the house red”, due was edit “paint the house blue”"
    ]
    assert listed([right]) == "None."


def test_asking_whether_the_right_edit_is_meant_is_counted_apart_and_is_not_right() -> None:
    asks = [
        reply(ReplyKind.CLARIFICATION).model_copy(update={"text": text})
        for text in (
            "Shall I paint the house blue?",
            "Shall I paint the house red?",
            "Which colour should the house be?",
        )
    ]
    results = [result(TURN, given) for given in asks]
    assert (asked_first(results).right, asked_first(results).count) == (1, 3)
    assert not any(each.right for each in results)


def test_a_missing_file_of_turns_is_told_by_a_line() -> None:
    assert listed([]) == "There are no such turns here."


def test_an_edit_where_a_question_was_due_is_hasty() -> None:
    open_turn = StrangerTurn("two", DialogueRequest(text="nicer!"), ReplyKind.CLARIFICATION, ())
    given = [reply(ReplyKind.EDIT, "make it night"), reply(ReplyKind.CLARIFICATION), reply(ReplyKind.CHAT)]
    found = hasty(confusion_of([result(open_turn, each) for each in given]))
    assert (found.right, found.count) == (1, 3)
