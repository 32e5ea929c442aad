import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, DatasetDict, Features, Image, Value, load_dataset

from tests.editing_models import make_picture
from training.datasets import edit_import
from training.datasets.edit_checks import check
from training.datasets.edit_import import main

THEIRS = ("source_img", "instruction", "target_img")


def png(seed: int, size: tuple[int, int] = (96, 80)) -> bytes:
    buffer = io.BytesIO()
    make_picture(seed, size).save(buffer, "PNG")
    return buffer.getvalue()


def triple(seed: int, **other: Any) -> dict[str, Any]:
    """A sound triple, but for what `other` puts in its place."""
    return {"original_image": png(seed), "edit_prompt": f"edit {seed}", "edited_image": png(seed + 1000), **other}


FLAWED = {
    "a picture is missing": triple(900, edited_image=None),
    "a picture cannot be read": triple(901, original_image=png(901)[:200]),
    "a picture is too small": triple(902, edited_image=png(1, (96, 40))),
    "the two pictures differ in shape": triple(903, edited_image=png(1, (80, 96))),
    "the two pictures are the same": triple(904, edited_image=png(904)),
    "there is no instruction": triple(905, edit_prompt="  "),
    "the instruction is too long": triple(906, edit_prompt="word " * 80),
}


def as_set(rows: list[dict[str, Any]], names: tuple[str, str, str] = edit_import.COLUMNS) -> Dataset:
    def value(name: str, found: Any) -> Any:
        return {"bytes": found, "path": None} if name != "edit_prompt" and found is not None else found

    renamed = dict(zip(edit_import.COLUMNS, names, strict=True))
    features = Features({names[0]: Image(decode=False), names[1]: Value("string"), names[2]: Image(decode=False)})
    return Dataset.from_list(
        [{renamed[name]: value(name, found) for name, found in row.items()} for row in rows], features=features
    )


def run(source: Path, output: Path, *more: str) -> int:
    return main(["--source", str(source), "--output", str(output), *more])


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(edit_import, "PIECE", 4)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))


def instructions(folder: Path) -> list[str]:
    found = load_dataset(str(folder), cache_dir=str(folder.parent / "loaded" / folder.name))
    return sorted(row["edit_prompt"] for split in found.values() for row in split)


def test_parquet_is_checked_and_every_flaw_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "set").mkdir()
    rows = [*(triple(seed) for seed in range(40)), *FLAWED.values()]
    as_set(rows, THEIRS).to_parquet(tmp_path / "set" / "data.parquet")
    columns = [f"{ours}={theirs}" for ours, theirs in zip(edit_import.COLUMNS, THEIRS, strict=True)]
    assert run(tmp_path / "set", tmp_path / "ours", "--columns", *columns) == 0
    report = capsys.readouterr().out
    assert "47 seen, 40 kept" in report
    for reason in FLAWED:
        assert f"1 {reason}" in report
    assert instructions(tmp_path / "ours") == sorted(f"edit {seed}" for seed in range(40))
    loaded = load_dataset(str(tmp_path / "ours"), cache_dir=str(tmp_path / "loaded" / "ours"))
    assert loaded["train"][0]["original_image"].size == (96, 80)


def test_nine_of_ten_pictures_are_for_training() -> None:
    found = Counter(edit_import.split_of(png(seed, (8, 8))) for seed in range(400))
    assert 340 <= found["train"] <= 380
    assert min(found["validation"], found["test"]) >= 8


def test_an_interrupted_import_goes_on_to_the_same_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "set").mkdir()
    as_set([triple(seed) for seed in range(14)]).to_parquet(tmp_path / "set" / "data.parquet")
    assert run(tmp_path / "set", tmp_path / "whole") == 0
    looked_at: list[str] = []

    def breaks(original: bytes, instruction: str, edited: bytes, limits: Any) -> Any:
        looked_at.append(instruction)
        if len(looked_at) == 7:
            raise KeyboardInterrupt
        return check(original, instruction, edited, limits)

    monkeypatch.setattr(edit_import, "check", breaks)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "set", tmp_path / "parts")
    journal = tmp_path / "parts" / "progress.jsonl"
    journal.write_text(journal.read_text() + '{"series": "tr')  # what an end in the middle of a line leaves
    assert run(tmp_path / "set", tmp_path / "parts") == 0
    assert looked_at[7:] == [f"edit {seed}" for seed in range(4, 14)]
    assert instructions(tmp_path / "parts") == instructions(tmp_path / "whole")
    files = [sorted(path.relative_to(folder) for path in folder.rglob("*.parquet")) for folder in
             (tmp_path / "parts", tmp_path / "whole")]  # fmt: skip
    assert files[0] == files[1]


def test_a_limit_can_be_raised_later(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    as_set([triple(seed) for seed in range(9)]).to_parquet(tmp_path / "set" / "data.parquet")
    assert run(tmp_path / "set", tmp_path / "ours", "--limit", "3") == 0
    assert instructions(tmp_path / "ours") == ["edit 0", "edit 1", "edit 2"]
    assert run(tmp_path / "set", tmp_path / "ours") == 0
    assert instructions(tmp_path / "ours") == [f"edit {seed}" for seed in range(9)]


def test_a_folder_of_pictures_with_metadata_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    lines = []
    for seed in range(5):
        (folder / f"{seed}-a.png").write_bytes(png(seed))
        (folder / f"{seed}-b.png").write_bytes(png(seed + 50))
        names = {"original_image_file_name": f"{seed}-a.png", "edited_image_file_name": f"{seed}-b.png"}
        lines.append(json.dumps({**names, "edit_prompt": f"edit {seed}"}))
    (folder / "metadata.jsonl").write_text("\n".join(lines))
    assert run(folder, tmp_path / "ours") == 0
    assert instructions(tmp_path / "ours") == [f"edit {seed}" for seed in range(5)]


def test_what_save_to_disk_wrote_keeps_its_splits_and_large_pictures_shrink(tmp_path: Path) -> None:
    splits = {"train": [triple(1)], "dev": [triple(2)], "test": [triple(3, original_image=png(3, (192, 160)))]}
    DatasetDict({name: as_set(rows) for name, rows in splits.items()}).save_to_disk(tmp_path / "set")
    assert run(tmp_path / "set", tmp_path / "ours", "--longest-side", "96") == 0
    loaded = load_dataset(str(tmp_path / "ours"), cache_dir=str(tmp_path / "loaded"))
    found = {split: [row["edit_prompt"] for row in rows] for split, rows in loaded.items()}
    assert found == {"train": ["edit 1"], "validation": ["edit 2"], "test": ["edit 3"]}
    assert loaded["test"][0]["original_image"].size == (96, 80)


def by_split(folder: Path) -> dict[str, list[str]]:
    loaded = load_dataset(str(folder), cache_dir=str(folder.parent / "loaded" / folder.name))
    return {split: [row["edit_prompt"] for row in rows] for split, rows in loaded.items()}


@pytest.mark.parametrize("held_out", ["eval", "test_seen", "testing", "heldout"])
def test_a_split_of_unknown_purpose_is_refused_until_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], held_out: str
) -> None:
    DatasetDict({"train": as_set([triple(1)]), held_out: as_set([triple(2)])}).save_to_disk(tmp_path / "set")
    assert run(tmp_path / "set", tmp_path / "ours") == 2
    told = capsys.readouterr().err
    assert held_out in told
    assert "--splits THEIRS=OURS" in told
    assert run(tmp_path / "set", tmp_path / "ours", "--splits", f"{held_out}=validation") == 0  # into the same folder
    assert by_split(tmp_path / "ours") == {"train": ["edit 1"], "validation": ["edit 2"]}


def test_a_source_of_one_held_out_split_is_not_for_training(tmp_path: Path) -> None:
    rows = [triple(seed) for seed in range(8)]
    DatasetDict({"test": as_set(rows)}).save_to_disk(tmp_path / "set")
    assert run(tmp_path / "set", tmp_path / "ours") == 0
    assert by_split(tmp_path / "ours") == {"test": [row["edit_prompt"] for row in rows]}


def test_splits_are_told_one_by_one_or_together(tmp_path: Path) -> None:
    names = ("training", "more", "seen", "unseen")
    DatasetDict({name: as_set([triple(seed)]) for seed, name in enumerate(names)}).save_to_disk(tmp_path / "set")
    more = ["--splits", "training=train", "--splits", "more=train", "seen=validation", "--splits", "unseen=test"]
    assert run(tmp_path / "set", tmp_path / "ours", *more) == 0
    found = {split: sorted(said) for split, said in by_split(tmp_path / "ours").items()}
    assert found == {"train": ["edit 0", "edit 1"], "validation": ["edit 2"], "test": ["edit 3"]}


def test_a_validation_split_that_is_lacking_is_cut_out_of_train_by_picture(tmp_path: Path) -> None:
    rows = [triple(seed) for seed in range(60)]
    again = [{**row, "edit_prompt": f"{row['edit_prompt']} again"} for row in rows]
    DatasetDict({"train": as_set(rows + again), "test": as_set([triple(70)])}).save_to_disk(tmp_path / "set")
    assert run(tmp_path / "set", tmp_path / "ours") == 0
    held_out = [row["edit_prompt"] for row in rows if edit_import.split_of(row["original_image"]) == "validation"]
    found = by_split(tmp_path / "ours")
    assert held_out
    assert sorted(found["validation"]) == sorted([*held_out, *(f"{said} again" for said in held_out)])
    assert len(found["train"]) == 120 - len(found["validation"])
    assert found["test"] == ["edit 70"]


@pytest.mark.parametrize("told", ["train", "train=learning", "=train", "eval=test"])
def test_a_wrong_split_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], told: str) -> None:
    DatasetDict({"train": as_set([triple(1)])}).save_to_disk(tmp_path / "set")
    assert run(tmp_path / "set", tmp_path / "ours", "--splits", told) == 2
    assert "--splits" in capsys.readouterr().err
    assert not (tmp_path / "ours").exists()


def test_what_is_wrong_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "set").mkdir()
    as_set([triple(1)], THEIRS).to_parquet(tmp_path / "set" / "data.parquet")
    assert run(tmp_path / "set", tmp_path / "ours") == 2
    assert "--columns" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run(tmp_path / "empty", tmp_path / "other") == 2
    assert "nothing that `datasets` reads" in capsys.readouterr().err
    as_set([triple(1)]).to_parquet(tmp_path / "set" / "data.parquet")
    assert run(tmp_path / "set", tmp_path / "ours") == 0
    assert run(tmp_path / "set", tmp_path / "ours", "--longest-side", "96") == 2
    assert "give another --output" in capsys.readouterr().err
