"""The last layers of a small decoder as one convolution before the picture is enlarged, instead of two after it.

Where nothing bends between them, doubling the size and two convolutions of 3 × 3 are one linear map of the small
picture: each of its pixels and their neighbours give four pixels of the large one. With the mini's 48 channels that is
a seventeenth of the products, and none of the large intermediate results: its decoder takes three quarters of the time.
The map differs at the edges, where the layers see zeros around their own input: what comes out too much there is taken
off again.

Which map it is, is read off the layers' answers to single pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from editing_service.packed import Convolution

SIDE = 7
"""Pixels across of the pictures that the layers are asked about: no answer reaches from an edge to the middle."""
MIDDLE, REACH = SIDE // 2, 1
OWN = REACH  # the tap of a kernel that looks at the pixel itself


class Outlet(nn.Module):
    """What `nn.Sequential(Upsample, Conv2d, Conv2d)` computes: (n, c, h, w) → (n, colours, 2h, 2w)."""

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        answers = Answers.of(layers)
        like: Tensor = list(layers.parameters())[-1]
        self._inside = _convolution(answers.inside, like, answers.bias)
        self._edges = nn.ModuleList(_convolution(kernel, like) for kernel in answers.edges)
        self._corners = answers.corners.to(like.dtype)

    @staticmethod
    def takes(layers: list[Any]) -> bool:
        """Whether these are layers of the kind that is meant here."""
        if len(layers) != 3 or not all(Convolution.takes(layer) for layer in layers[1:]):
            return False
        enlarge, *convolutions = layers
        return (
            isinstance(enlarge, nn.Upsample)
            and enlarge.mode == "nearest"
            and enlarge.scale_factor in (2, 2.0)
            and layers[1].bias is None
            and all((each.kernel_size, each.padding, each.stride) == ((3, 3), (1, 1), (1, 1)) for each in convolutions)
            and all(each.dilation == (1, 1) and each.groups == 1 for each in convolutions)
        )

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        large = F.pixel_shuffle(self._inside(x), 2)
        top, bottom, left, right = self._edges
        large[:, :, 0] -= _along(top(x[:, :, :1]))
        large[:, :, -1] -= _along(bottom(x[:, :, -1:]))
        large[:, :, :, 0] -= _along(left(x[:, :, :, :1]))
        large[:, :, :, -1] -= _along(right(x[:, :, :, -1:]))
        # At the corners, what two edges took off twice.
        large[:, :, :: large.shape[2] - 1, :: large.shape[3] - 1] += torch.einsum(
            "niyx,yxoi->noyx", x[:, :, :: max(1, x.shape[2] - 1), :: max(1, x.shape[3] - 1)], self._corners
        )
        return large


@dataclass(frozen=True)
class Answers:
    """The layers' map, in float64; `o` are colours, `i` the channels of the small picture."""

    inside: Tensor  # (4o, i, 3, 3): for each of the four pixels, in the order of `pixel_shuffle`
    bias: Tensor | None  # (4o,)
    edges: tuple[Tensor, Tensor, Tensor, Tensor]  # too much of it at the top, bottom (2o, i, 1, 3), left, right
    corners: Tensor  # (2, 2, o, i): of that, what two edges have in common

    @classmethod
    @torch.no_grad()
    def of(cls, layers: nn.Sequential) -> Answers:
        """Ask the layers about single pixels in the middle, at the edges and in the corners."""
        parts: list[Any] = list(layers)
        enlarge, first, last = parts
        weights = [layer.weight.detach().double() for layer in (first, last)]

        def large(small: Tensor) -> Tensor:
            return F.conv2d(F.conv2d(enlarge(small), weights[0], padding=1), weights[1], padding=1)

        pixel = torch.eye(first.in_channels, dtype=torch.float64)[..., None, None]

        def placed(row: int, column: int) -> Tensor:  # (i, i, SIDE, SIDE)
            return F.pad(pixel, (column, SIDE - 1 - column, row, SIDE - 1 - row))

        around = slice(2 * (MIDDLE - REACH), 2 * (MIDDLE + REACH + 1))
        near = large(placed(MIDDLE, MIDDLE))[:, :, around, around]
        # What a pixel gives to its neighbour above is what that one takes from below: hence the flips.
        taken = near.reshape(*near.shape[:2], 3, 2, 3, 2).flip(2, 4)  # (i, o, 3, 2, 3, 2)
        inside = taken.permute(1, 3, 5, 0, 2, 4).flatten(0, 2)

        def excess(row: int, column: int) -> Tensor:  # (i, o, 2 SIDE, 2 SIDE)
            small = placed(row, column)
            return F.pixel_shuffle(F.conv2d(small, inside, padding=REACH), 2) - large(small)

        def edge(line: Tensor) -> Tensor:  # (i, o, 2 SIDE) → (2o, i, 3)
            return line[..., around].reshape(*line.shape[:2], 3, 2).flip(2).permute(1, 3, 0, 2).flatten(0, 1)

        last_one = SIDE - 1
        edges = (
            edge(excess(0, MIDDLE)[:, :, 0]).unsqueeze(2),
            edge(excess(last_one, MIDDLE)[:, :, -1]).unsqueeze(2),
            edge(excess(MIDDLE, 0)[..., 0]).unsqueeze(3),
            edge(excess(MIDDLE, last_one)[..., -1]).unsqueeze(3),
        )
        return cls(inside, _four_times(last.bias), edges, _common(excess, edges))


def _common(excess: Callable[[int, int], Tensor], edges: Sequence[Tensor]) -> Tensor:
    """Of what is too much in each corner, the part that is in the excess of both its edges: (2, 2, o, i)."""
    top, bottom, left, right = (each.reshape(-1, 2, each.shape[1], 3) for each in edges)  # (o, 2, i, 3)
    corners = []
    for row, across in ((0, top), (-1, bottom)):
        for column, down in ((0, left), (-1, right)):
            at = excess(row % SIDE, column % SIDE)[:, :, row, column].T  # (o, i)
            corners.append(across[:, column, :, OWN] + down[:, row, :, OWN] - at)
    return torch.stack(corners).reshape(2, 2, *corners[0].shape)


def _along(pixels: Tensor) -> Tensor:
    """Pairs of pixels as they lie along an edge: (n, 2o, 1, length) or (n, 2o, length, 1) → (n, o, 2 length)."""
    count, outputs, *_ = pixels.shape
    return pixels.reshape(count, outputs // 2, 2, -1).transpose(2, 3).flatten(2)


def _four_times(bias: Tensor | None) -> Tensor | None:
    return None if bias is None else bias.detach().double().repeat_interleave(4)


def _convolution(weight: Tensor, like: Tensor, bias: Tensor | None = None) -> Convolution:
    outputs, inputs, height, width = weight.shape
    layer = nn.Conv2d(inputs, outputs, (height, width), padding=(height // 2, width // 2), bias=bias is not None)
    layer.weight.data = weight.to(like.dtype).contiguous(memory_format=torch.channels_last)
    if layer.bias is not None and bias is not None:
        layer.bias.data = bias.to(like.dtype)
    return Convolution(layer.requires_grad_(False))
