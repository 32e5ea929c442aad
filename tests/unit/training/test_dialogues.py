"""The simulated dialogues: their truth, their splits, their files."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from shared.schemas.edit import in_order
from training.datasets import instructions
from training.datasets.dialogues import SCHEMA, Sources, main, simulate, write
from training.datasets.instructions import Split
from training.datasets.language.vocabulary import draw_words

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def test_the_same_seed_gives_the_same_dialogue() -> None:
    assert simulate(random.Random(7), "train") == simulate(random.Random(7), "train")


@pytest.mark.parametrize("split", SPLITS)
def test_every_instruction_is_canonical_and_changes_the_picture(split: Split) -> None:
    for seed in range(150):
        dialogue = simulate(random.Random(seed), split)
        said = [turn["instruction"] for turn in dialogue["turns"] if turn["instruction"]]
        for text in (step for instruction in said for step in in_order(instruction)):
            change = instructions.parse(text)
            copied = dialogue["caption"] is None  # without a caption, words of no world are handed on
            assert copied or (change is not None and instructions.phrase(change) == text)


def test_only_edits_carry_an_instruction_and_all_others_have_words() -> None:
    for seed in range(200):
        for turn in simulate(random.Random(seed))["turns"]:
            assert (turn["instruction"] is not None) == (turn["reply_kind"] == "edit")
            assert turn["reply"] or turn["reply_kind"] == "edit"
            assert turn["user"].strip()


def test_nobody_says_more_than_the_model_can_read() -> None:
    for seed in range(300):
        for turn in simulate(random.Random(seed))["turns"]:
            assert len(turn["user"].split()) <= 40
            assert len(turn["reply"].split()) <= 32


def test_most_turns_are_edits_and_a_quarter_are_questions() -> None:
    kinds = Counter(turn["reply_kind"] for seed in range(600) for turn in simulate(random.Random(seed))["turns"])
    total = sum(kinds.values())
    assert 0.52 < kinds["edit"] / total < 0.70
    assert 0.20 < kinds["clarification"] / total < 0.36
    assert 0.06 < kinds["chat"] / total < 0.20


def test_foreign_words_come_from_the_caption_or_from_what_was_said() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        words = draw_words(rng)
        dialogue = simulate(rng, "train", words)
        heard = f"{dialogue['caption']} {' '.join(dialogue['instructions_before'])} ".lower()
        for turn in dialogue["turns"]:
            heard += f"{turn['user'].lower()} {turn['reply']} "
            for word in (*words.kinds, *words.colours):
                assert f" {word} " not in f" {turn['instruction'] or ''} " or word in heard


def test_files_hold_the_number_of_dialogues_asked_for_and_fit_their_schema(tmp_path: Path) -> None:
    assert write(tmp_path, 60, 0, Sources(random_words=0.3)) == {"train": 54, "validation": 3, "test": 3}
    assert json.loads((tmp_path / "schema.json").read_text()) == SCHEMA
    ids = set()
    for split in SPLITS:
        for line in (tmp_path / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            assert record.keys() == set(SCHEMA["required"])
            assert record["split"] == split
            ids.add(record["id"])
            for turn in record["turns"]:
                assert turn.keys() - {"meant"} == {"user", "reply_kind", "reply", "instruction"}
    assert len(ids) == 60


def test_the_command_writes_a_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--output", str(tmp_path / "set"), "--count", "20", "--seed", "3"]) == 0
    assert sorted(path.name for path in (tmp_path / "set").iterdir()) == [
        "schema.json",
        "test.jsonl",
        "train.jsonl",
        "validation.jsonl",
    ]
    assert "18 train" in capsys.readouterr().out


def test_a_file_that_holds_no_captions_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "captions.json"
    wrong.write_text("[]")
    assert main(["--output", str(tmp_path), "--captions", f"coco:{wrong}"]) == 2
    assert "not laid out as coco captions are" in capsys.readouterr().err
