import json
from pathlib import Path

import pytest
from PIL import Image

from evaluation.__main__ import QUICK, measure, parser
from evaluation.grids import Card, Cell, save, varied
from evaluation.judging import judge
from evaluation.pixels import pixels_of
from training.datasets.changes import Change, Recolour, SetTime, apply
from training.datasets.edits import Triple
from training.datasets.world import Scene, Thing

SCENE = Scene("meadow", things=(Thing("house", "red", "left"),))
SOURCE = pixels_of(SCENE)
PICTURES = (
    "families", "any_pictures", "guidance", "kinds", "prd", "succeeded", "comparison", "conversations",
    "progress",
)  # fmt: skip


def test_families_take_turns_in_a_grid() -> None:
    changes: list[Change] = [Recolour("house", "blue"), Recolour("house", "pink"), SetTime("night")]
    results = [judge(Triple(SCENE, change, apply(SCENE, change)), SOURCE, SOURCE) for change in changes]
    assert [result.family for result in varied(results)] == ["recolour", "time", "recolour"]


def test_a_grid_leaves_no_old_picture_behind(tmp_path: Path) -> None:
    path = tmp_path / "grid.png"
    save([Card("make it fun 🎨 → “what?”", (Cell(SOURCE, "source", ("one two",) * 3, True), Cell(SOURCE)))], path, 2)
    with Image.open(path) as picture:
        assert picture.width < 400
    save([], path, 2)
    assert not path.exists()


@pytest.mark.slow
def test_a_quick_evaluation_of_the_minis_writes_the_whole_report(tmp_path: Path) -> None:
    report = measure(parser().parse_args(["--quick"]), QUICK)
    report.write(tmp_path)
    page = (tmp_path / "report.md").read_text()
    assert report.table() in page
    assert all(f"]({name}.png)" in page and (tmp_path / f"{name}.png").stat().st_size > 3_000 for name in PICTURES)
    numbers = json.loads((tmp_path / "report.json").read_text(), parse_constant=pytest.fail)
    assert numbers["edits"]["count"] == QUICK.edits
    assert numbers["dialogue"]["kind"]["count"] == QUICK.turns
    assert numbers["conversations"]["head"]["count"] == QUICK.conversations
    assert numbers["quality"]["fid"] < numbers["quality"]["fid_untouched"]
    assert all(f"{name}:" in page for name, right in numbers["strangers"].items() if not right)
