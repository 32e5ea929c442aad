import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState
from torch import nn

from training.run import Run, RunSettings, read_settings, took

SETTINGS = RunSettings(steps=8, batch_size=4, warmup_steps=2, mixed_precision="no", save_every=100, learning_rate=0.1)


def learn(output: Path, stop_after: int | None = None) -> dict[str, torch.Tensor]:
    """Train a small network; ask for a stop in the middle of a step as Ctrl-C does, if wanted."""
    torch.manual_seed(0)
    run = Run(SETTINGS, nn.Linear(3, 1), output)
    run.resume()
    for step in run.steps():
        generator = torch.Generator().manual_seed(run.step_seed(step))
        inputs = torch.randn(4, 3, generator=generator)
        run.learn((run.model(inputs) - inputs.sum(dim=1, keepdim=True)).square().mean())
        if stop_after == step:
            os.kill(os.getpid(), signal.SIGINT)
    average = [weight.clone() for weight in run.ema.shadow_params]
    return {"weight": run.model.weight.detach().clone(), "bias": run.model.bias.detach().clone(), "average": average[0]}


def test_an_interrupted_run_ends_with_the_weights_of_an_uninterrupted_one(tmp_path: Path) -> None:
    whole = learn(tmp_path / "whole")
    for stop_after in (2, 5):
        with pytest.raises(SystemExit, match="the same command goes on"):
            learn(tmp_path / "parts", stop_after)
    resumed = learn(tmp_path / "parts")
    for name, weights in whole.items():
        assert torch.equal(weights, resumed[name]), name


def test_a_run_knows_how_long_all_its_parts_took(tmp_path: Path) -> None:
    settings = replace(SETTINGS, steps=4)
    run = Run(settings, nn.Linear(2, 2), tmp_path)
    for _ in run.steps():
        pass
    first = run.seconds
    assert first > 0
    resumed = Run(replace(settings, steps=6), nn.Linear(2, 2), tmp_path)
    assert resumed.resume()
    assert resumed.seconds == first
    for _ in resumed.steps():
        pass
    assert resumed.seconds > first
    assert (took(20), took(4800)) == ("1 min", "1 h 20 min")


def test_a_checkpoint_without_its_end_mark_is_not_read(tmp_path: Path) -> None:
    learn(tmp_path)
    (tmp_path / "state" / "complete").unlink()
    assert not Run(SETTINGS, nn.Linear(3, 1), tmp_path).resume()


def automatic(output: Path, chosen: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run with `auto` in a process of its own, on a CPU whose stopwatch would choose so."""
    AcceleratorState._reset_state(reset_partial_state=True)
    monkeypatch.setattr("training.run.mixed_precision", lambda _on_cpu: chosen)
    return Run(replace(SETTINGS, mixed_precision="auto"), nn.Linear(3, 1), output, device="cpu")


@pytest.mark.parametrize(("first", "later"), [("bf16", "no"), ("no", "bf16")])
def test_a_resumed_run_keeps_the_precision_that_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str, later: str
) -> None:
    automatic(tmp_path, first, monkeypatch).save()
    resumed = automatic(tmp_path, later, monkeypatch)
    assert resumed.resume()
    assert resumed.accelerator.mixed_precision == first
    resumed.save()
    assert automatic(tmp_path, later, monkeypatch).accelerator.mixed_precision == first


def test_a_checkpoint_that_tells_no_precision_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    automatic(tmp_path, "no", monkeypatch).save()
    (tmp_path / "state" / "precision").unlink()
    resumed = automatic(tmp_path, "bf16", monkeypatch)
    assert resumed.resume()
    assert resumed.accelerator.mixed_precision == "bf16"


def test_a_precision_that_is_told_goes_before_the_one_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    automatic(tmp_path, "bf16", monkeypatch).save()
    AcceleratorState._reset_state(reset_partial_state=True)
    assert Run(SETTINGS, nn.Linear(3, 1), tmp_path).accelerator.mixed_precision == "no"


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("steps: 3\nlerning_rate: 1\n")
    with pytest.raises(ValueError, match="unknown settings lerning_rate"):
        read_settings(tmp_path / "run.yaml", RunSettings)


def test_overrides_win_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("steps: 3\n")
    assert read_settings(tmp_path / "run.yaml", RunSettings, ["steps=5", "learning_rate=0.01"]).steps == 5


def test_a_number_that_yaml_takes_for_text_is_a_number(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("steps: 3\n")
    assert read_settings(tmp_path / "run.yaml", RunSettings, ["learning_rate=8e-4"]).learning_rate == 8e-4


def test_a_wrong_value_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("steps: many\n")
    with pytest.raises(ValueError, match="steps"):
        read_settings(tmp_path / "run.yaml", RunSettings)


def test_parts_of_a_model_can_learn_at_a_rate_of_their_own(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    run = Run(SETTINGS, model, tmp_path, rates={"0.": 0.5})
    rates = {id(weight): group["initial_lr"] for group in run.optimizer.param_groups for weight in group["params"]}
    assert [rates[id(weight)] for weight in model.parameters()] == [0.05, 0.05, 0.1, 0.1]
