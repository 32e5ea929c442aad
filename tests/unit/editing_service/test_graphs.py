"""The logic of recorded networks, with recordings that a CPU can make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

from editing_service.graphs import BUCKETS, Graphed, Network, bucket
from editing_service.model import EditingModel


class CpuRecording:
    """Work that is done again by calling it; like a graph it leaves its output in one place."""

    made = 0

    def __init__(self, work: Callable[[], Tensor]) -> None:
        self._work, self.output = work, work().clone()
        CpuRecording.made += 1

    def replay(self) -> None:
        self.output.copy_(self._work())


@pytest.fixture
def network(model_folder: Path) -> Network:
    """The network of the model's folder as diffusers loads it: it remembers nothing."""
    unet = UNet2DConditionModel.from_pretrained(model_folder / "unet", torch_dtype=torch.float32).eval()

    def predict(sample: Tensor, timesteps: Tensor, prompts: Tensor) -> Tensor:
        predicted: Tensor = unet(sample, timesteps, encoder_hidden_states=prompts).sample
        return predicted

    return predict


def inputs(model: EditingModel, rows: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    random = torch.Generator().manual_seed(seed)
    sample = torch.randn(rows, 2 * model.latent_channels, 8, 8, generator=random)
    prompts = torch.randn(rows, *model.no_prompt.shape, generator=random)
    return sample, torch.rand(rows, generator=random) * 900, prompts


@pytest.mark.parametrize(("rows", "held_by"), [(1, 1), (2, 2), (5, 6), (9, 12), (128, 128), (129, None)])
def test_the_next_larger_bucket_holds_the_rows(rows: int, held_by: int | None) -> None:
    assert bucket(rows) == held_by


def test_no_bucket_is_padded_by_more_than_a_third() -> None:
    fewest = [before + 1 for before in (0, *BUCKETS)]
    assert all(rows * 3 >= held * 2 for rows, held in zip(fewest, BUCKETS, strict=False))


@torch.inference_mode()
def test_a_recorded_network_predicts_what_the_plain_one_does(model: EditingModel, network: Network) -> None:
    graphed = Graphed(network, CpuRecording)
    for seed, rows in enumerate((5, 6, 4, 5, 1)):
        given = inputs(model, rows, seed)
        expected = network(*given)
        found = graphed(*given)
        assert found.shape == expected.shape
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


@torch.inference_mode()
def test_a_recording_is_made_once_for_each_bucket_and_shape_and_answers_are_not_overwritten(
    model: EditingModel, network: Network
) -> None:
    graphed, before = Graphed(network, CpuRecording), CpuRecording.made
    first = graphed(*inputs(model, 2, 0))
    kept = first.clone()
    for seed in range(1, 4):
        graphed(*inputs(model, 2, seed))
    assert CpuRecording.made == before + 1
    assert torch.equal(first, kept)
    wide = inputs(model, 2, 9)
    graphed(wide[0].repeat(1, 1, 1, 2), *wide[1:])
    assert CpuRecording.made == before + 2
