"""How dialogues become examples and batches."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch

from dialogue_service.history import HistoryEncoder
from shared.schemas.dialogue import ReplyKind
from tests.dialogue_models import bpe_tokenizer, wordpiece_tokenizer
from training.datasets.dialogue_examples import Dialogue, drawn_examples, examples_of, recorded
from training.datasets.dialogues import simulate
from training.dialogue_batches import IGNORED, SHORT_ANSWER, BatchStream, Beside, Lessons
from training.dialogue_plain import plain_dialogue
from training.dialogue_words import COLOURS_DRAWN, KINDS_DRAWN, random_words, whole_words, with_random_words, words_of

TOKENIZER = wordpiece_tokenizer()
DIALOGUE = {
    "id": "d1", "split": "train", "source": "world", "caption": "a red car on the left",
    "instructions_before": ["remove the tree"],
    "turns": [
        {"user": "change it", "reply_kind": "clarification", "reply": "which colour should the car be?"},
        {"user": "blue", "reply_kind": "edit", "reply": "", "instruction": "paint the car blue"},
        {"user": "thanks", "reply_kind": "chat", "reply": "you're welcome!", "instruction": None},
    ],
}  # fmt: skip


def stream(seed: int = 0) -> BatchStream:
    return BatchStream(Lessons(simulate), HistoryEncoder(TOKENIZER), TOKENIZER.pad_token_id, rows=4, seed=seed)


def test_every_turn_is_an_example_with_the_turns_before_it() -> None:
    examples = examples_of(DIALOGUE)
    assert [(example.kind, example.answer) for example in examples] == [
        (ReplyKind.CLARIFICATION, "which colour should the car be?"),
        (ReplyKind.EDIT, "paint the car blue"),
        (ReplyKind.CHAT, "you're welcome!"),
    ]
    assert [len(example.request.turns) for example in examples] == [0, 1, 2]


def test_an_instruction_counts_as_carried_out_from_the_next_turn_on() -> None:
    done = [example.request.instructions for example in examples_of(DIALOGUE)]
    assert done == [["remove the tree"], ["remove the tree"], ["remove the tree", "paint the car blue"]]


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    one, other = stream(), stream()
    late = other.batch(9)
    for step in range(9):
        one.batch(step)
    for again, before in zip(one.batch(9), late, strict=True):
        assert torch.equal(again.input_ids, before.input_ids)
        assert torch.equal(again.labels, before.labels)
    assert not torch.equal(stream(seed=1).batch(9)[0].input_ids[:, :4], late[0].input_ids[:, :4])


def test_a_batch_keeps_short_and_long_answers_apart_and_loses_none() -> None:
    some = stream()
    for step in range(16):
        parts = some.batch(step)
        assert sum(len(part.labels) for part in parts) == 4
        lengths = [(part.labels != IGNORED).sum(dim=1) for part in parts]
        assert all((found <= SHORT_ANSWER).all() or (found > SHORT_ANSWER).all() for found in lengths)


def test_lessons_go_from_plain_to_opening_to_whole_dialogues() -> None:
    lessons = Lessons(full=lambda _: DIALOGUE, plain=plain, plain_steps=10, opening_steps=20)
    rng = random.Random(0)

    def seen(step: int) -> set[str]:
        return {example.request.text for _ in range(200) for example in lessons.draw(rng, step)}

    assert seen(9) == {"make the house red"}
    assert seen(19) == {"make the house red", "change it"}
    assert seen(20) == {"make the house red", "change it", "blue", "thanks"}


def test_drills_come_in_their_share_of_dialogues_at_every_step() -> None:
    lessons = Lessons(full=lambda _: DIALOGUE, beside=(Beside(0.25, plain),), opening_steps=10)
    rng = random.Random(0)
    for step in (0, 20):
        drawn = [[example.request.text for example in lessons.draw(rng, step)] for _ in range(400)]
        assert 60 < drawn.count(["make the house red"]) < 140


def test_a_turn_that_answers_a_question_is_always_learnt_from() -> None:
    lessons, rng = Lessons(full=lambda _: DIALOGUE), random.Random(0)
    texts = [example.request.text for _ in range(200) for example in lessons.draw(rng, step=0)]
    assert texts.count("blue") == 200
    assert texts.count("thanks") < 150


def plain(_: random.Random) -> Dialogue:
    turn = {"user": "make the house red", "reply_kind": "edit", "reply": "", "instruction": "paint the house red"}
    return {"caption": None, "instructions_before": [], "turns": [turn]}


def test_a_plain_dialogue_holds_one_instruction_with_its_words_exchanged_everywhere() -> None:
    strange = [f"{first}{second}zz" for first in "abcdefgh" for second in "klmnopqr"]
    turns = [examples_of(plain_dialogue(random.Random(seed), strange)) for seed in range(60)]
    assert {len(examples) for examples in turns} == {1}
    for (example,) in turns:
        odd = [word for word in example.answer.split() if word.endswith("zz")]
        assert all(word in f"{example.request.caption} {example.request.text}" for word in odd)


def test_padding_is_masked_and_not_learnt() -> None:
    for batch in stream().batch(0):
        assert torch.equal(batch.attention_mask == 0, batch.input_ids == TOKENIZER.pad_token_id)
        assert not (batch.labels == TOKENIZER.pad_token_id).any()
        ends = (batch.labels == TOKENIZER.eos_token_id).sum(dim=1)
        assert torch.equal(ends, torch.ones_like(ends))
        assert (batch.labels[:, 0] != IGNORED).all()


def test_a_file_gives_dialogues_of_its_split(tmp_path: Path) -> None:
    path = tmp_path / "dialogues.jsonl"
    path.write_text("\n".join(json.dumps({**DIALOGUE, "split": split}) for split in ("train", "test")) + "\n")
    assert recorded(path, "test")(random.Random(0))["split"] == "test"
    with pytest.raises(ValueError, match="no dialogue of the split 'validation'"):
        recorded(path, "validation")


def test_drawn_examples_are_the_same_for_the_same_seed() -> None:
    assert drawn_examples(simulate, 5, "a") == drawn_examples(simulate, 5, "a")
    assert len(drawn_examples(simulate, 5, "b")) == 5


def test_whole_words_come_from_either_kind_of_vocabulary() -> None:
    assert {"house", "paint"} <= set(whole_words(TOKENIZER))
    assert whole_words(bpe_tokenizer()) == ["bal", "ball", "red"]


def test_random_words_are_all_different() -> None:
    words = random_words(random.Random(0), [f"{first}{second}" for first in "abcdefgh" for second in "klmnopqr"])
    assert len(set(words.kinds)) == KINDS_DRAWN
    assert len(set(words.colours)) == COLOURS_DRAWN


def test_random_words_enter_their_share_of_dialogues_and_their_answers() -> None:
    strange = [f"{first}{second}zz" for first in "abcdefgh" for second in "klmnopqr"]
    draw = with_random_words(strange, share=1.0)
    rng = random.Random(0)
    said = words_of(draw(rng) for _ in range(30))
    assert len(said & set(strange)) > 20
    plain = with_random_words(strange, share=0.0)
    assert not words_of(plain(rng) for _ in range(30)) & set(strange)
