import pytest
import torch
from diffusers import UNet2DConditionModel

from training.copier import start_as_copier
from training.editing import EditingSettings, build_unet


@pytest.mark.parametrize("timestep", [0, 500, 999])
def test_an_untrained_editor_copies_the_picture_whatever_noise_and_words(timestep: int) -> None:
    torch.manual_seed(0)
    unet = build_unet(EditingSettings(widths=(32, 32, 32)), latents=4)
    picture = torch.randn(2, 4, 16, 16) * torch.tensor([0.5, 1.5]).view(2, 1, 1, 1)
    noise, words = torch.randn(2, 4, 16, 16), torch.randn(2, 20, 128)
    with torch.no_grad():
        predicted = unet(torch.cat([noise, picture], dim=1), timestep, words).sample
    assert ((predicted - picture).square().mean() / picture.square().mean()) < 1e-3


def test_too_few_channels_for_the_latents_are_refused() -> None:
    unet = UNet2DConditionModel(
        in_channels=24,
        out_channels=12,
        block_out_channels=(16, 16),
        down_block_types=("DownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "UpBlock2D"),
        norm_num_groups=4,
        layers_per_block=1,
        cross_attention_dim=8,
    )
    with pytest.raises(ValueError, match="cannot carry 12 latents"):
        start_as_copier(unet)
