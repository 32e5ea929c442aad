"""A study trains each variant once, and is not mistaken for another one."""

from dataclasses import replace
from pathlib import Path

import pytest

from training import editing_study
from training.editing import EditingSettings
from training.editing_study import Finding, study


def _train(settings: EditingSettings, output: Path) -> None:
    """What a training leaves behind that a study reads: here its success is the weight on what changes."""
    row = f"{settings.steps - 1},{settings.changed_weight},12.5,20.5"
    (output / "evaluation.csv").write_text(f"step,success,detail_db,kept_db\n{row}\n")


def test_every_variant_is_the_recipe_but_for_one_thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing_study, "train", _train)
    found = study(EditingSettings(steps=10, changed_weight=2.0), tmp_path)
    assert found[0] == Finding("the recipe", 2.0, 12.5, 20.5)
    assert [each.variant for each in found if each.success == 0.0] == ["what changes weighs no more"]


def test_folders_of_other_settings_are_not_taken_for_these(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editing_study, "train", _train)
    settings = EditingSettings(steps=10)
    study(settings, tmp_path)
    study(settings, tmp_path)
    with pytest.raises(ValueError, match="other settings"):
        study(replace(settings, steps=20), tmp_path)
