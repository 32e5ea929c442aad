"""The samplers against diffusers' own schedulers, step by step."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDIMScheduler, EulerAncestralDiscreteScheduler, PNDMScheduler
from torch import Tensor

from editing_service.failures import UnusableModel
from editing_service.sampler import INPUT_DIVISOR, TIMESTEP, Sampler, load_sampler
from tests.editing_models import SCHEDULERS

SHAPE = (1, 4, 4, 4)


def network(sample: Tensor, timestep: Tensor) -> Tensor:
    """Stand in for the U-Net: smooth, bounded, different at each timestep."""
    return torch.tanh(sample.roll(1, dims=-1) * 0.7 + timestep.float().view(-1, 1, 1, 1) / 1000)


def by_diffusers(scheduler: Any, steps: int) -> Tensor:
    """Run the scheduler as diffusers' pipeline does."""
    generator = torch.Generator().manual_seed(3)
    scheduler.set_timesteps(steps)
    latents: Tensor = torch.randn(SHAPE, generator=generator) * scheduler.init_noise_sigma
    extra = {} if isinstance(scheduler, DDIMScheduler) else {"generator": generator}
    for timestep in scheduler.timesteps:
        predicted = network(scheduler.scale_model_input(latents, timestep), timestep)
        latents = scheduler.step(predicted, timestep, latents, **extra).prev_sample
    return latents


def by_sampler(sampler: Sampler, steps: int) -> Tensor:
    """Run the sampler as the engine does."""
    generator = torch.Generator().manual_seed(3)
    schedule = sampler.schedule(steps)
    latents = torch.randn(SHAPE, generator=generator) * schedule.init_noise_sigma
    for row in schedule.table:
        predicted = network(latents / row[INPUT_DIVISOR], row[TIMESTEP])
        noise = torch.randn(SHAPE, generator=generator) if schedule.draws_noise else None
        latents = sampler.advance(latents, predicted, row[None], noise).latents
    return latents


@pytest.mark.parametrize("steps", [1, 3, 10, 20, 50])
@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_run_ends_where_diffusers_ends(tmp_path: Path, name: str, steps: int) -> None:
    scheduler = SCHEDULERS[name]()
    scheduler.save_pretrained(tmp_path)
    torch.testing.assert_close(
        by_sampler(load_sampler(tmp_path), steps), by_diffusers(scheduler, steps), atol=1e-5, rtol=1e-5
    )


def test_every_count_of_steps_has_that_many_timesteps_and_none_below_zero(tmp_path: Path) -> None:
    SCHEDULERS["ddim-sample"]().save_pretrained(tmp_path)
    sampler = load_sampler(tmp_path)
    for steps in range(1, 101):
        schedule = sampler.schedule(steps)
        assert schedule.steps == steps
        assert schedule.table[:, TIMESTEP].min() >= 0


def test_what_the_file_leaves_out_gets_the_schedulers_default(tmp_path: Path) -> None:
    config = {"_class_name": "DDIMScheduler", "prediction_type": "v_prediction"}
    (tmp_path / "scheduler_config.json").write_text(json.dumps(config))
    ours = by_sampler(load_sampler(tmp_path), 5)
    torch.testing.assert_close(ours, by_diffusers(DDIMScheduler(prediction_type="v_prediction"), 5))


@pytest.mark.parametrize(
    ("scheduler", "said"),
    [
        (PNDMScheduler, "PNDMScheduler is not known"),
        (partial(DDIMScheduler, thresholding=True), "thresholding"),
        (partial(DDIMScheduler, rescale_betas_zero_snr=True), "noise in pure noise"),
        (partial(EulerAncestralDiscreteScheduler, prediction_type="flow"), "prediction_type flow"),
    ],
)
def test_a_scheduler_that_cannot_be_served_is_refused_in_one_line(
    tmp_path: Path, scheduler: Callable[[], Any], said: str
) -> None:
    scheduler().save_pretrained(tmp_path)
    with pytest.raises(UnusableModel, match=said):
        load_sampler(tmp_path)
