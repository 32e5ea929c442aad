"""Samplers whose every row may stand at another step of another schedule.

The numbers come from diffusers' own schedulers, read once for each step count; the update is written here for a whole
batch at once, in the order of operations of diffusers, so that both round alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, EulerAncestralDiscreteScheduler, EulerDiscreteScheduler
from torch import Tensor

from editing_service.failures import UnusableModel

SCHEDULERS = {kind.__name__: kind for kind in (DDIMScheduler, EulerAncestralDiscreteScheduler, EulerDiscreteScheduler)}
PREDICTION_TYPES = ("epsilon", "v_prediction", "sample")

TIMESTEP, INPUT_DIVISOR, FIRST_COEFFICIENT = 0, 1, 2


@dataclass(frozen=True)
class Schedule:
    """All that a sampler needs to know about a run of so many steps.

    A row of `table` is one step: the timestep, what the latents are divided by before the U-Net sees them, and the
    sampler's own coefficients.
    """

    table: Tensor  # (steps, 2 + coefficients) float32, on the CPU
    init_noise_sigma: float
    draws_noise: bool

    @property
    def steps(self) -> int:
        """How many denoising steps there are."""
        return self.table.shape[0]


@dataclass(frozen=True)
class Advance:
    """What one step gives, each (edits, channels, height, width): the latents, and the estimate of the last ones."""

    latents: Tensor
    pred_original: Tensor


class Sampler(ABC):
    """One scheduler configuration; holds no state of any edit."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self._prediction_type: str = config["prediction_type"]
        self._schedules: dict[int, Schedule] = {}

    def schedule(self, steps: int) -> Schedule:
        """Give the schedule of so many steps, computed once."""
        if steps not in self._schedules:
            self._schedules[steps] = self._build(steps)
        return self._schedules[steps]

    @abstractmethod
    def _build(self, steps: int) -> Schedule: ...

    @abstractmethod
    def advance(self, latents: Tensor, noise_pred: Tensor, table_rows: Tensor, noise: Tensor | None) -> Advance:
        """Move float32 latents (edits, channels, height, width) one step on.

        `table_rows` (edits, 2 + coefficients) holds each edit's present row of its schedule's table; `noise` is needed
        where the schedule draws noise.
        """


class DDIMSampler(Sampler):
    """Deterministic DDIM (eta 0), equations 12 and 16 of arXiv 2010.02502."""

    def _build(self, steps: int) -> Schedule:
        scheduler = DDIMScheduler.from_config(self._config)
        scheduler.set_timesteps(steps)
        # Trailing spacing of some counts (61) rounds to one step too many, whose timestep is -1: leave it out.
        timesteps = scheduler.timesteps[:steps]
        before = timesteps - self._config["num_train_timesteps"] // steps
        alpha = scheduler.alphas_cumprod[timesteps]
        alpha_before = torch.where(before >= 0, scheduler.alphas_cumprod[before], scheduler.final_alpha_cumprod)
        columns = [
            timesteps.float(),
            torch.ones(len(timesteps)),
            alpha**0.5,
            (1 - alpha) ** 0.5,
            alpha_before**0.5,
            (1 - alpha_before) ** 0.5,
        ]
        return Schedule(torch.stack(columns, dim=1), float(scheduler.init_noise_sigma), draws_noise=False)

    def advance(self, latents: Tensor, noise_pred: Tensor, table_rows: Tensor, noise: Tensor | None) -> Advance:  # noqa: ARG002
        """See `Sampler.advance`; this sampler draws no noise."""
        signal, spread, signal_before, spread_before = _per_edit(table_rows)
        if self._prediction_type == "epsilon":
            pred_original = (latents - spread * noise_pred) / signal
            pred_noise = noise_pred
        elif self._prediction_type == "v_prediction":
            pred_original = signal * latents - spread * noise_pred
            pred_noise = signal * noise_pred + spread * latents
        else:
            pred_original = noise_pred
            pred_noise = (latents - signal * noise_pred) / spread
        if self._config["clip_sample"]:
            limit = self._config["clip_sample_range"]
            pred_original = pred_original.clamp(-limit, limit)
        return Advance(signal_before * pred_original + spread_before * pred_noise, pred_original)


class EulerSampler(Sampler):
    """Euler steps over sigmas, with fresh noise in each where the scheduler is the ancestral one."""

    def _build(self, steps: int) -> Schedule:
        kind = SCHEDULERS[self._config["_class_name"]]
        scheduler = kind.from_config(self._config)
        scheduler.set_timesteps(steps)
        timesteps = scheduler.timesteps[:steps]
        sigma, sigma_to = scheduler.sigmas[: len(timesteps)], scheduler.sigmas[1 : len(timesteps) + 1]
        ancestral = kind is EulerAncestralDiscreteScheduler
        if ancestral:
            sigma_up = (sigma_to**2 * (sigma**2 - sigma_to**2) / sigma**2) ** 0.5
            sigma_down = (sigma_to**2 - sigma_up**2) ** 0.5
        else:
            sigma_up, sigma_down = torch.zeros_like(sigma), sigma_to
        columns = [timesteps.float(), (sigma**2 + 1) ** 0.5, sigma, sigma_down - sigma, sigma_up]
        return Schedule(torch.stack(columns, dim=1), float(scheduler.init_noise_sigma), draws_noise=ancestral)

    def advance(self, latents: Tensor, noise_pred: Tensor, table_rows: Tensor, noise: Tensor | None) -> Advance:
        """See `Sampler.advance`."""
        sigma, change, sigma_up = _per_edit(table_rows)
        if self._prediction_type == "epsilon":
            pred_original = latents - sigma * noise_pred
        elif self._prediction_type == "v_prediction":
            pred_original = noise_pred * (-sigma / (sigma**2 + 1) ** 0.5) + latents / (sigma**2 + 1)
        else:
            pred_original = noise_pred
        after = latents + (latents - pred_original) / sigma * change
        if noise is not None:
            after = after + noise * sigma_up
        return Advance(after, pred_original)


def load_sampler(folder: Path) -> Sampler:
    """Read `scheduler_config.json` in a model's scheduler folder; raise UnusableModel for one not known here."""
    name = DDIMScheduler.load_config(folder).get("_class_name")
    if name not in SCHEDULERS:
        raise UnusableModel(f"the scheduler {name} is not known here; use one of {', '.join(sorted(SCHEDULERS))}")
    # Through the scheduler's own constructor, so that what the file leaves out gets the scheduler's defaults.
    config = {**SCHEDULERS[name].from_pretrained(folder).config, "_class_name": name}
    _check(config)
    return DDIMSampler(config) if name == DDIMScheduler.__name__ else EulerSampler(config)


def _check(config: dict[str, Any]) -> None:
    prediction_type = config["prediction_type"]
    if prediction_type not in PREDICTION_TYPES:
        raise UnusableModel(f"the scheduler's prediction_type {prediction_type} is not one of {PREDICTION_TYPES}")
    if config.get("thresholding"):
        raise UnusableModel("the scheduler's thresholding is for models of pixels, not of latents; turn it off")
    is_ddim = config["_class_name"] == DDIMScheduler.__name__
    if is_ddim and prediction_type == "epsilon" and config["rescale_betas_zero_snr"]:
        raise UnusableModel("the scheduler asks for the noise in pure noise: epsilon with rescale_betas_zero_snr")


def _per_edit(table_rows: Tensor) -> list[Tensor]:
    """Split the coefficients into columns (edits, 1, 1, 1) that broadcast over latents."""
    return [column[:, None, None, None] for column in table_rows[:, FIRST_COEFFICIENT:].unbind(dim=1)]
