"""Missed turns come again until they are known, and stay with the run."""

from __future__ import annotations

import torch

from training.dialogue_batches import Batch, collate
from training.dialogue_missed import REST, TRIES, Missed

PAD, LONG = 0, 100


def fresh(*numbers: int) -> Batch:
    """A batch of turns of unlike lengths that carry their numbers."""
    return collate([([5] * number + [number], [number, 3]) for number in numbers], PAD)


def rows(*wrong: bool) -> torch.Tensor:
    return torch.tensor(wrong)


def test_only_what_was_missed_comes_again_after_a_rest() -> None:
    missed = Missed(rows=4, pad_id=PAD)
    assert missed.batch(0, LONG) == []
    missed.look(0, [fresh(7, 8, 9)], [rows(False, True, True)])
    assert missed.batch(REST - 1, LONG) == []
    [again] = missed.batch(REST, LONG)
    assert [row[mask.bool()].tolist() for row, mask in zip(again.input_ids, again.attention_mask, strict=True)] == [
        [5] * 9 + [9],
        [5] * 8 + [8],
    ]
    assert again.labels.tolist() == [[9, 3], [8, 3]]


def test_what_is_known_at_last_is_dropped_and_what_never_is_given_up() -> None:
    missed = Missed(rows=4, pad_id=PAD)
    missed.batch(0, LONG)
    missed.look(0, [fresh(7, 8)], [rows(True, True)])
    step = 0
    for _ in range(TRIES):
        step += REST
        parts = missed.batch(step, LONG)
        assert parts
        missed.look(step, parts, [rows(*(row[0] == 8 for row in parts[0].labels.tolist()))])
    assert len(missed) == 0


def test_no_more_than_asked_for_come_at_once_and_none_where_none_is_wanted() -> None:
    missed, none = Missed(rows=2, pad_id=PAD), Missed(rows=0, pad_id=PAD)
    for cards in (missed, none):
        cards.batch(0, LONG)
        cards.look(0, [fresh(1, 2), fresh(3)], [rows(True, True), rows(True)])
    assert len(missed.batch(REST, LONG)[0].input_ids) == 2
    assert len(missed) == 1
    assert none.batch(REST, LONG) == []


def test_a_card_waits_for_a_step_of_its_own_length() -> None:
    missed = Missed(rows=1, pad_id=PAD)
    missed.batch(0, LONG)
    missed.look(0, [fresh(4, 6, 9)], [rows(True, True, True)])
    lengths = [int(missed.batch(REST, longest)[0].attention_mask.sum()) for longest in (7, 5, 10)]
    assert lengths == [7, 5, 10]
    assert missed.batch(REST, LONG) == []


def test_the_cards_are_kept_with_the_run() -> None:
    missed, resumed = Missed(rows=2, pad_id=PAD), Missed(rows=2, pad_id=PAD)
    missed.batch(0, LONG)
    missed.look(0, [fresh(1, 2)], [rows(True, True)])
    resumed.load_state_dict(missed.state_dict())
    assert resumed.batch(REST, LONG)[0].input_ids.equal(missed.batch(REST, LONG)[0].input_ids)
