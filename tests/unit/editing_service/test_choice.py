"""A CPU runs a model with what was quickest there, unless the settings or the pictures speak against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from editing_service import choice as choices
from editing_service.choice import Kept, Wanted, load_quickest, quickest
from editing_service.model import EditingModel, load_model
from editing_service.trial import Choice, Trial, tried

Tried = Callable[[EditingModel, Choice], Trial]


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine have four cores, whatever it has, and leave the threads of the test's process alone."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(choices, "cores", lambda: 4)
    monkeypatch.setattr(choices, "use_cores", lambda _: None)


def stopwatch(seconds: dict[Choice, float], spoilt: str = "") -> Tried:
    """Trials that take what they are told to, with black pictures; those of the spoilt number type are white."""

    def of(_: EditingModel, choice: Choice) -> Trial:
        level = 255 if choice.dtype == spoilt else 0
        return Trial(choice, seconds[choice], np.full((1, 8, 8, 3), level, np.uint8))

    return of


TIMES = {
    Choice("float32", 4): 1.0, Choice("float32", 2): 0.7, Choice("float32", 1): 0.9,
    Choice("bfloat16", 4): 0.6, Choice("bfloat16", 2): 0.59, Choice("bfloat16", 1): 0.4,
}  # fmt: skip


@pytest.fixture
def models(model: EditingModel) -> dict[str, EditingModel]:
    return {"float32": model, "bfloat16": model}


def test_the_quicker_number_type_wins_and_fewer_threads_only_where_they_gain(
    models: dict[str, EditingModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "tried", stopwatch(TIMES))
    assert quickest(models) == Choice("bfloat16", 4)
    assert quickest({"float32": models["float32"]}) == Choice("float32", 2)
    assert quickest({"float32": models["float32"]}, threads=4) == Choice("float32", 4)


def test_a_number_type_that_changes_the_pictures_is_not_chosen(
    models: dict[str, EditingModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "tried", stopwatch(TIMES, spoilt="bfloat16"))
    assert quickest(models) == Choice("float32", 2)


def test_a_choice_is_kept_for_this_model_and_this_machine_and_these_settings(
    model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_in, counted = tmp_path / "state" / "choices.json", []

    def counting(model: EditingModel, choice: Choice) -> Trial:
        counted.append(choice)
        return stopwatch({Choice("float32", 4): 1.0, Choice("bfloat16", 4): 0.5, Choice("bfloat16", 2): 0.5})(
            model, choice
        )

    monkeypatch.setattr(choices, "tried", counting)
    monkeypatch.setattr(choices, "bfloat16_may_pay", lambda: True)
    first = load_quickest(str(model_folder), Wanted(), kept_in)
    tries = len(counted)
    again = load_quickest(str(model_folder), Wanted(), kept_in)
    assert (first.dtype, again.dtype) == (torch.bfloat16, torch.bfloat16)
    assert len(counted) == tries
    kept_in.write_text("not JSON")
    assert load_quickest(str(model_folder), Wanted(), kept_in).dtype == torch.bfloat16
    assert len(counted) == 2 * tries
    assert load_quickest(str(model_folder), Wanted("cpu", "float32", 2), kept_in).dtype == torch.float32
    assert len(counted) == 2 * tries


def test_a_place_that_cannot_be_written_costs_only_the_keeping(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Kept(tmp_path / "file" / "choices.json", "digest", Wanted())
    kept.write(Choice("float32", 1))
    assert kept.read() is None


def test_a_trial_takes_a_model_as_it_is_served(model_folder: Path) -> None:
    threads = torch.get_num_threads()
    try:
        trials = [
            tried(load_model(str(model_folder), "cpu", dtype), Choice(dtype, 1)) for dtype in ("float32", "bfloat16")
        ]
    finally:
        torch.set_num_threads(threads)
    assert trials[0].seconds > 0
    assert trials[0].psnr(trials[0]) == float("inf")
    assert 20 < trials[1].psnr(trials[0]) < float("inf")
