"""What follows from the prompts alone is computed once for a batch, and never taken from another batch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel

from editing_service.model import load_model
from editing_service.remembered import Remembered


class Counting(torch.nn.Linear):
    """A layer that counts how often it is asked."""

    asked = 0

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        self.asked += 1
        return super().forward(states)


def test_only_the_very_same_tensor_is_answered_from_memory() -> None:
    layer = Counting(3, 2)
    remembered, states = Remembered(layer), torch.randn(4, 3)
    first = remembered(states)
    assert remembered(states) is first
    assert layer.asked == 1
    equal = states.clone()
    assert torch.equal(remembered(equal), first)
    assert layer.asked == 2
    other = torch.randn(4, 3)
    assert torch.equal(remembered(other), layer(other))


@pytest.mark.parametrize("lean", [True, False])
def test_a_served_network_predicts_what_diffusers_predicts_step_after_step(model_folder: Path, lean: bool) -> None:
    model = load_model(str(model_folder), "cpu", "float32", lean=lean)
    plain = UNet2DConditionModel.from_pretrained(model_folder / "unet", torch_dtype=torch.float32).eval()
    with torch.inference_mode():
        for seed in range(2):
            prompts = torch.randn(2, *model.no_prompt.shape, generator=torch.Generator().manual_seed(seed))
            for step in (900.0, 100.0):
                sample = torch.randn(2, 2 * model.latent_channels, 8, 8)
                expected = plain(sample, torch.full((2,), step), encoder_hidden_states=prompts).sample
                found = model.predict(sample, torch.full((2,), step), prompts)
                torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
