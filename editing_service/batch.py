"""One denoising step of runs that share nothing but the size of their latents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from editing_service.guidance import Condition, RowPlan
from editing_service.images import Pixels
from editing_service.runs import Run, StepTaken
from editing_service.sampler import INPUT_DIVISOR, TIMESTEP, Sampler
from editing_service.shortcuts import Guiding
from editing_service.streams import Coming
from shared.schemas.parameters import Quality


class Model(Protocol):
    """What the step engine needs of an editing model; `model.EditingModel` is one."""

    sampler: Sampler
    device: torch.device
    dtype: torch.dtype
    scaling_factor: float
    decoded_at_once: int
    no_prompt: Tensor

    def prompt_embeds(self, text: str) -> Tensor:
        """Embed an instruction: (tokens, width)."""

    def image_latents(self, pictures: Sequence[tuple[str, Pixels]]) -> list[Tensor]:
        """Encode pictures of one size, each named by its hash."""

    def predict(self, sample: Tensor, timesteps: Tensor, prompt_embeds: Tensor) -> Tensor:
        """Run the U-Net over rows."""

    def decode(self, latents: Tensor) -> Coming[list[Pixels]]:
        """Turn latents into pictures."""


@dataclass(frozen=True)
class Packed:
    """What stays the same for as long as the same runs carry out the same instructions."""

    plan: RowPlan
    owners: Tensor  # (rows,) int64
    prompt_embeds: Tensor  # (rows, tokens, width)
    image_latents: Tensor  # (rows, channels, h, w)

    @classmethod
    def of(cls, runs: Sequence[Run], model: Model) -> Packed:
        """Lay out the rows of these runs."""
        plan = RowPlan.of([run.row_weights for run in runs], model.device)
        embeds, pictures = [], []
        for owner, condition in zip(plan.owners, plan.conditions, strict=True):
            run = runs[owner]
            embeds.append(run.embeds[run.link] if condition is Condition.BOTH else model.no_prompt)
            seen = run.image_latents
            pictures.append(torch.zeros_like(seen) if condition is Condition.NEITHER else seen)
        owners = torch.tensor(plan.owners, device=model.device)
        return cls(plan, owners, torch.stack(embeds), torch.stack(pictures))


class StepBatch:
    """The runs of one latent size, packed for the U-Net."""

    def __init__(self, runs: Sequence[Run], model: Model) -> None:
        self.runs = tuple(runs)
        self._model = model
        self._packed = Packed.of(runs, model)

    def step(self) -> int:
        """Take every run one step on and say how many rows that took.

        The runs change only once all computing has succeeded, so that a failed step can be tried again.
        """
        for run, taken in zip(self.runs, self._taken(), strict=True):
            run.advance(taken, self._model.scaling_factor)
        return len(self._packed.plan.owners)

    def _taken(self) -> list[StepTaken]:
        model, packed = self._model, self._packed
        # This copy waits for the step before. So the device thread is never more than one step ahead of a GPU: progress
        # is told as it is made, and whoever joins or cancels waits for one step and not for all that were launched.
        table_rows = torch.stack([run.schedule.table[run.step] for run in self.runs]).to(model.device)
        latents = torch.stack([run.latents for run in self.runs])  # (edits, channels, h, w)
        scaled = latents / table_rows[:, INPUT_DIVISOR, None, None, None]
        sample = torch.cat([scaled[packed.owners].to(packed.image_latents.dtype), packed.image_latents], dim=1)
        predicted = model.predict(sample, table_rows[packed.owners, TIMESTEP], packed.prompt_embeds)
        noise_pred, guidance = self._guided(packed.plan.combine(predicted), predicted)
        advance = model.sampler.advance(latents, noise_pred, table_rows, self._noise(latents))
        return [StepTaken(*each) for each in zip(advance.latents, advance.pred_original, guidance, strict=True)]

    def _guided(self, noise_pred: Tensor, predicted: Tensor) -> tuple[Tensor, list[Tensor | None]]:
        """Add what fast runs reuse of their last guidance, and give what each run may reuse in its next step."""
        guidance: list[Tensor | None] = [None] * len(self.runs)
        for index, run in enumerate(self.runs):
            if run.request.quality is Quality.EXACT:
                continue
            if run.guiding is Guiding.COMPUTED:
                first_row = self._packed.plan.picks[index, 0]  # the one with instruction and picture
                guidance[index] = noise_pred[index] - predicted[first_row].float()
            elif run.guiding is Guiding.REUSED and run.guidance is not None:
                guidance[index] = run.guidance
                noise_pred[index] += run.guidance
        return noise_pred, guidance

    def _noise(self, latents: Tensor) -> Tensor | None:
        """Draw one step's noise for every run, if the sampler wants any: one schedule kind serves all runs."""
        if not self.runs[0].schedule.draws_noise:
            return None
        return torch.stack([run.step_noise() for run in self.runs]).to(latents.device)
