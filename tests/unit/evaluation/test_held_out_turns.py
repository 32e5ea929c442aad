import json
from pathlib import Path

import pytest

from evaluation.strangers import COCO_TURNS, NEWCOMERS, TURNS, read_turns
from shared.schemas.dialogue import ReplyKind

IDS = ["scenes", "newcomers", "coco"]
FILES = pytest.mark.parametrize("path", [TURNS, NEWCOMERS, COCO_TURNS], ids=IDS)


@pytest.mark.parametrize(("path", "least"), [(TURNS, 150), (NEWCOMERS, 150), (COCO_TURNS, 60)], ids=IDS)
def test_there_are_enough_turns_of_every_kind(path: Path, least: int) -> None:
    turns = read_turns(path)
    assert len(turns) >= least
    assert {turn.kind for turn in turns} == set(ReplyKind)


@FILES
def test_exactly_the_edits_have_accepted_instructions_and_none_twice(path: Path) -> None:
    for turn in read_turns(path):
        assert bool(turn.accept) == (turn.kind is ReplyKind.EDIT), turn.id
        assert len(set(turn.accept)) == len(turn.accept), turn.id


@FILES
def test_earlier_edits_are_among_the_instructions_carried_out(path: Path) -> None:
    for turn in read_turns(path):
        for earlier in turn.request.turns:
            assert (earlier.instruction is not None) == (earlier.reply_kind is ReplyKind.EDIT), turn.id
        said = [earlier.instruction for earlier in turn.request.turns if earlier.instruction]
        assert said == turn.request.instructions, turn.id


def test_no_id_and_no_text_occurs_twice() -> None:
    turns = [turn for path in (TURNS, NEWCOMERS, COCO_TURNS) for turn in read_turns(path)]
    assert len({turn.id for turn in turns}) == len(turns)
    assert len({" ".join(turn.request.text.casefold().split()) for turn in turns}) == len(turns)


def test_a_third_of_the_scene_turns_have_a_history() -> None:
    turns = read_turns(TURNS)
    assert 3 * sum(bool(turn.request.turns) for turn in turns) >= len(turns)


def test_coco_turns_are_about_captioned_pictures_kept_for_testing() -> None:
    records = [json.loads(line) for line in COCO_TURNS.read_text().splitlines()]
    assert all(record["image_id"] % 10 == 7 and record["caption"] for record in records)
