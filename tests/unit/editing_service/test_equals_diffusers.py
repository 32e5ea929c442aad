"""The engine against diffusers' own pipeline: the same weights, seed and steps give the same picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline

from editing_service.model import load_model
from tests.editing_models import SCHEDULERS, make_picture, make_pipeline
from tests.editing_runs import request
from tests.unit.editing_service.conftest import StartEngine

# Clipping makes an untrained network chaotic: it carries a difference of 1e-7 in the initial noise to 8e-4 in the end,
# in diffusers alone. That scheduler is compared step by step in test_sampler.py instead.
SMOOTH = [name for name in SCHEDULERS if "clipped" not in name]
PARAMETERS = [(3, 1.5, 1.3), (7, 7.5, 1.5), (20, 4.0, 1.0)]  # steps, s_T, s_I


@pytest.mark.parametrize("vae", ["tiny", "full"])
@pytest.mark.parametrize("scheduler", SMOOTH)
def test_the_engine_gives_diffusers_latents_and_picture(
    tmp_path: Path, start_engine: StartEngine, scheduler: str, vae: str
) -> None:
    pipeline = make_pipeline(scheduler, vae)
    pipeline.save_pretrained(tmp_path)
    engine = start_engine(load_model(str(tmp_path), "cpu", "float32"))
    for steps, text, image in PARAMETERS:
        ours = engine.submit(request(steps=steps, text=text, image=image, seed=5, picture=3)).result(60)
        latents, pixels = by_diffusers(pipeline, steps, text, image)
        assert (ours.latents - latents).abs().max() <= 1e-4
        assert np.abs(ours.pixels.astype(int) - pixels.astype(int)).max() <= 1


def by_diffusers(
    pipeline: StableDiffusionInstructPix2PixPipeline, steps: int, text: float, image: float
) -> tuple[torch.Tensor, np.ndarray]:
    """Run the pipeline to its latents (channels, h, w) and to its picture (height, width, 3)."""
    pipeline.set_progress_bar_config(disable=True)

    def run(output_type: str) -> object:
        return pipeline(
            prompt="paint the house",
            image=make_picture(3),
            num_inference_steps=steps,
            guidance_scale=text,
            image_guidance_scale=image,
            generator=torch.Generator().manual_seed(5),
            output_type=output_type,
        ).images[0]

    latents = run("latent")
    assert isinstance(latents, torch.Tensor)
    return latents, np.asarray(run("pil"))
