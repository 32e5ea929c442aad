"""What a run will cost."""

from pathlib import Path

import torch
from torch import nn

from training.estimate import Estimate, estimate
from training.run import Run, RunSettings

SETTINGS = RunSettings(steps=100, gradient_accumulation=3, mixed_precision="no", learning_rate=0.1)


def test_weights_moments_steps_and_time_are_counted(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(10, 10), nn.Linear(10, 1))
    model[0].requires_grad_(False)
    cost = estimate(Run(SETTINGS, model, tmp_path), lambda: model(torch.ones(4, 10)).sum())
    assert (cost.trained, cost.frozen, cost.steps) == (11, 110, 100)
    assert cost.state_bytes == 5 * 4 * 11 + 4 * 110
    assert cost.step_s > 0


def test_trying_a_batch_teaches_nothing_and_leaves_chance_as_it_was(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.5))
    before = [weight.clone() for weight in model.parameters()]
    run = Run(SETTINGS, model, tmp_path)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    estimate(run, lambda: model(torch.ones(4, 2)).sum())
    assert torch.equal(torch.rand(1), expected)
    for weight, old in zip(model.parameters(), before, strict=True):
        assert torch.equal(weight, old)
        assert weight.grad is None


def test_it_reads_as_a_sentence() -> None:
    told = str(Estimate(26_000_000, 0, 520 * 2**20, 3 * 2**30, 0.8, 9000))
    assert told.startswith("26.0 million weights to train: 520 MiB with gradients, moments and average, and 3.0 GiB")
    assert told.endswith("9,000 steps of 0.80 s: 2.0 h, checks not counted")
