"""Initialise an InstructPix2Pix U-Net that predicts the edited latents as an exact copier of the picture it is shown.

Most of an edited picture equals the original, so a network that copies from its first step on only has to learn the
changes. Every residual block and attention starts as "add nothing"; the input convolution carries each image latent z
as the pair +z, −z to the last block's shortcut; silu(z) − silu(−z) = z brings it through the output's activation. Two
large constants in each group make the output's group normalisation a fixed scale, whatever the picture.
"""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from torch import nn

_CONSTANT = 12.0


@torch.no_grad()
def start_as_copier(unet: UNet2DConditionModel) -> None:
    """Change the weights in place; needs room for each group to hold pairs of latents and two constants."""
    latents = unet.config.out_channels
    for module in unet.modules():
        _add_nothing(module)
    slots = _slots(unet, latents)
    _carry_in(unet.conv_in, latents, slots)
    _hand_through(unet.up_blocks[-1].resnets[-1], unet.conv_in.out_channels, slots, unet.conv_norm_out.num_groups)
    _take_difference(unet, latents, slots)


def _add_nothing(module: nn.Module) -> None:
    if isinstance(module, ResnetBlock2D):
        _zero(module.conv2)
    elif isinstance(module, Transformer2DModel):
        _zero(module.proj_out)


def _zero(layer: nn.Module) -> None:
    for weight in layer.parameters(recurse=False):
        weight.zero_()


def _slots(unet: UNet2DConditionModel, latents: int) -> list[int]:
    """The channel of each latent's +z; its −z is the next one. The last two channels of a group stay free."""
    width, groups = unet.config.block_out_channels[0], unet.conv_norm_out.num_groups
    size = width // groups
    slots = [group * size + 2 * pair for group in range(groups) for pair in range((size - 2) // 2)]
    if len(slots) < latents:
        raise ValueError(f"{width} channels in {groups} groups cannot carry {latents} latents as pairs")
    return slots[:latents]


def _carry_in(conv: nn.Conv2d, latents: int, slots: list[int]) -> None:
    assert conv.bias is not None
    for latent, slot in enumerate(slots):
        for channel, sign in ((slot, 1.0), (slot + 1, -1.0)):
            conv.weight[channel].zero_()
            conv.weight[channel, latents + latent, 1, 1] = sign
            conv.bias[channel] = 0.0


def _hand_through(block: ResnetBlock2D, width: int, slots: list[int], groups: int) -> None:
    """The shortcut of the last block sees (hidden, skip) side by side; the skip is the input convolution's output."""
    shortcut = block.conv_shortcut
    hidden = shortcut.in_channels - width
    assert shortcut.bias is not None
    size = shortcut.out_channels // groups
    for slot in slots:
        for channel in (slot, slot + 1):
            shortcut.weight[channel].zero_()
            shortcut.weight[channel, hidden + channel] = 1.0
            shortcut.bias[channel] = 0.0
    for group in {slot // size for slot in slots}:
        for channel, sign in ((group * size + size - 2, 1.0), (group * size + size - 1, -1.0)):
            shortcut.weight[channel].zero_()
            shortcut.bias[channel] = sign * _CONSTANT


def _take_difference(unet: UNet2DConditionModel, latents: int, slots: list[int]) -> None:
    size = unet.config.block_out_channels[0] // unet.conv_norm_out.num_groups
    spread = ((2 * _CONSTANT**2 + (size - 2)) / size) ** 0.5  # of a group whose latents have unit variance
    unet.conv_out.weight.mul_(0.1)
    unet.conv_out.bias.zero_()
    for latent, slot in enumerate(slots[:latents]):
        unet.conv_out.weight[latent].zero_()
        unet.conv_out.weight[latent, slot, 1, 1] = spread
        unet.conv_out.weight[latent, slot + 1, 1, 1] = -spread
