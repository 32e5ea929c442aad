"""Enlarging and two convolutions, as one before the enlarging."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from editing_service.outlet import Outlet


def layers(channels: int = 6, bias: bool = True, first_bias: bool = False) -> nn.Sequential:
    """The end of a small decoder, with random weights."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(channels, channels, 3, padding=1, bias=first_bias),
        nn.Conv2d(channels, 3, 3, padding=1, bias=bias),
    )


@pytest.mark.parametrize("size", [(8, 8), (6, 9), (2, 5), (1, 4), (4, 1), (1, 1)])
@pytest.mark.parametrize("bias", [True, False])
@torch.inference_mode()
def test_the_same_picture_to_its_very_edges(size: tuple[int, int], bias: bool) -> None:
    plain = layers(bias=bias)
    outlet = Outlet(plain)
    for count in (1, 3):
        x = torch.randn(count, 6, *size).contiguous(memory_format=torch.channels_last)
        torch.testing.assert_close(outlet(x), plain(x), atol=1e-5, rtol=1e-5)


def test_what_is_no_such_end_is_not_taken() -> None:
    assert Outlet.takes(list(layers()))
    assert not Outlet.takes(list(layers(first_bias=True))), "its bias is missing beyond the edges"
    assert not Outlet.takes(list(layers())[1:])
    assert not Outlet.takes([nn.ReLU(), *list(layers())[1:]])
    enlarge, first, last = layers()
    assert not Outlet.takes([nn.Upsample(scale_factor=2, mode="bilinear"), first, last])
    assert not Outlet.takes([nn.Upsample(scale_factor=4, mode="nearest"), first, last])
    assert not Outlet.takes([enlarge, first, nn.Conv2d(6, 3, 1)])
