import json
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from tests.painting_models import save_clip, save_painter
from training.datasets.generated import __main__ as command
from training.datasets.generated.__main__ import Plan
from training.datasets.generated.painter import Painter

PROMPTS = [
    {"caption": f"a red house {number}", "instruction": f"paint the house blue {number}", "edited_caption": "blue"}
    for number in range(3)
]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("models")
    return ["--painter", str(save_painter(folder / "painter")), "--clip", str(save_clip(folder / "clip"))]


@pytest.fixture
def arguments(models: list[str], tmp_path: Path) -> list[str]:
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text("".join(json.dumps(prompt) + "\n" for prompt in PROMPTS))
    small = ["--samples", "3", "--most", "2", "--batch", "2", "--steps", "2", "--side", "32"]
    # CLIP with random weights says nothing of sense: let every pair pass.
    open_wide = ["--clip-text", "-1", "--clip-direction", "-1", "--clip-pictures", "-1"]
    return [*models, "--prompts", str(prompts), *small, *open_wide]


def rows(folder: Path) -> list[dict[str, Any]]:
    found = load_dataset(str(folder), cache_dir=str(folder.parent / "loaded" / folder.name))
    return sorted((row for split in found.values() for row in split), key=lambda row: (row["edit_prompt"], row["seed"]))


def test_a_set_is_painted_and_loads_with_its_columns(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([*arguments, "--output", str(tmp_path / "set")]) == 0
    report = capsys.readouterr().out
    assert "9 seen, 6 kept" in report
    assert "3 others of the same captions are better" in report
    found = rows(tmp_path / "set")
    assert {row["edit_prompt"] for row in found} == {prompt["instruction"] for prompt in PROMPTS}
    first = found[0]
    assert first["original_image"].size == first["edited_image"].size == (32, 32)
    assert 7.5 <= first["guidance"] <= 15
    assert 0.1 <= first["shared_part"] <= 0.9
    assert -1 <= first["clip_direction"] <= 1


def test_an_interrupted_painting_goes_on_to_the_same_set(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command.main([*arguments, "--output", str(tmp_path / "whole")]) == 0
    painted: list[str] = []
    paint = Painter.paint

    def breaks(self: Any, caption: str, edited: str, stroke: Any) -> Any:
        painted.append(caption)
        if len(painted) == 4:
            raise KeyboardInterrupt
        return paint(self, caption, edited, stroke)

    monkeypatch.setattr(Painter, "paint", breaks)
    with pytest.raises(KeyboardInterrupt):
        command.main([*arguments, "--output", str(tmp_path / "parts")])
    assert command.main([*arguments, "--output", str(tmp_path / "parts")]) == 0
    assert painted.count("a red house 0") == 2  # two batches, and never again
    one, other = rows(tmp_path / "whole"), rows(tmp_path / "parts")
    assert len(one) == 6
    for left, right in zip(one, other, strict=True):
        assert {**left, "original_image": 0, "edited_image": 0} == {**right, "original_image": 0, "edited_image": 0}
        assert left["edited_image"].tobytes() == right["edited_image"].tobytes()


def test_thresholds_no_pair_reaches_leave_nothing_and_say_why(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([*arguments, "--clip-pictures", "1.1", "--output", str(tmp_path / "set")]) == 0
    assert "9 the pictures have too little in common" in capsys.readouterr().out


def test_other_settings_want_another_folder(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "made.json").write_text("{}")
    assert command.main([*arguments, "--output", str(tmp_path / "set")]) == 2
    assert "give another --output" in capsys.readouterr().err


def test_the_strokes_of_a_prompt_are_its_own_and_repeat() -> None:
    plan = Plan(seed=2, samples=5, batch=2)
    assert [len(stroke.seeds) for stroke in plan.strokes(0)] == [2, 2, 1]
    assert plan.strokes(0) == plan.strokes(0)
    assert plan.strokes(0) != plan.strokes(1)
