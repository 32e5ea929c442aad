import json
from pathlib import Path

import pytest
from PIL import Image

from training.datasets.scenes import main


def test_a_sampled_scene_can_be_rendered_to_the_same_picture(tmp_path: Path) -> None:
    png, record, again = tmp_path / "a.png", tmp_path / "a.json", tmp_path / "b.png"
    assert main(["sample", "--seed", "7", "--png", str(png), "--json", str(record)]) == 0
    assert main(["render", str(record), "--png", str(again)]) == 0
    assert Image.open(png).tobytes() == Image.open(again).tobytes()


def test_an_instruction_changes_the_record(tmp_path: Path) -> None:
    record, edited = tmp_path / "a.json", tmp_path / "b.json"
    record.write_text(json.dumps({"things": [{"kind": "house", "colour": "red", "side": "left"}]}))
    assert main(["edit", str(record), "paint the house orange", "--json", str(edited)]) == 0
    assert json.loads(edited.read_text())["things"][0]["colour"] == "orange"


@pytest.mark.parametrize("instruction", ["paint the cat orange", "paint the house red", "make it more fun"])
def test_what_cannot_be_done_exits_2_with_a_message(
    tmp_path: Path, instruction: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "a.json"
    record.write_text(json.dumps({"things": [{"kind": "house", "colour": "red", "side": "left"}]}))
    assert main(["edit", str(record), instruction, "--json", str(tmp_path / "b.json")]) == 2
    assert capsys.readouterr().err.startswith("scenes: ")
    assert not (tmp_path / "b.json").exists()


def test_a_missing_or_foreign_record_exits_2(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{}x")
    for name in ("none.json", "odd.json"):
        assert main(["render", str(tmp_path / name), "--png", str(tmp_path / "out.png")]) == 2
