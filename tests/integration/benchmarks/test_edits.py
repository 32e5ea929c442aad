"""Every workload of edits runs, for one tiny round on a tiny model, so that none of them rots."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.edits import Size
from benchmarks.figure import draw
from benchmarks.outcome import Outcome
from benchmarks.suite import SIDES, Plan, run
from tests.editing_models import SIDE, save_pipeline

TINY = Size(rounds=1, edits=4, idle_edits=1, open_s=0.5)


@dataclass
class Told:
    """What a run told."""

    folder: Path
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def __call__(self, outcome: Outcome, dtype: str) -> None:
        outcome.write(self.folder, dtype)
        self.outcomes[outcome.name] = outcome


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model's folder, with defaults that take no time."""
    folder = save_pipeline(tmp_path_factory.mktemp("model"))
    defaults = {"steps": 2, "text_guidance_scale": 1.5, "image_guidance_scale": 1.2, "resolution": SIDE}
    (folder / "dialogpaint.json").write_text(json.dumps(defaults))
    return folder


@pytest.mark.slow
def test_the_engine_alone_is_measured_and_draws_what_diffusers_draws(model: Path, tmp_path: Path) -> None:
    told = Told(tmp_path / "out")
    run(Plan(model, "float32", ("pictures", "network", "features"), size=TINY), tmp_path / "scratch", told)
    assert told.outcomes["pictures"].numbers["float32"]["levels"] <= 1
    assert told.outcomes["network"].numbers["limit"] > 0
    assert not told.outcomes["features"].numbers["why"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_side_bears_every_load(model: Path, tmp_path: Path) -> None:
    told = Told(tmp_path / "out")
    run(Plan(model, "float32", ("idle", "w1", "w2", "w2_open"), size=TINY), tmp_path / "scratch", told)
    assert {name.split()[0] for name in told.outcomes["w1"].numbers["per_s"]} == set(SIDES["w1"])
    assert [outcome.numbers["why"] for outcome in told.outcomes.values()] == [{}] * 4
    assert draw(tmp_path / "out").stat().st_size > 0
