"""Weights that lie as oneDNN reads them fastest, and what follows a product done in the same pass over its result.

PyTorch's own layers lay their weights out anew at every call, and write a result that the next layer reads only to add
something or to bend it. These are the operators that `torch.compile` puts in their place, without compiling. They
belong to PyTorch's CPU build and are not promised to stay: where one is missing or refuses, the ordinary ones are used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ROWS = 16
"""What the layout of a matrix is chosen for; it suits every number of rows."""

_ops: Any = torch.ops.mkldnn


@cache
def packs(dtype: torch.dtype) -> bool:
    """Whether oneDNN takes such numbers here: bfloat16 it refuses on processors with AVX2 alone."""
    if not torch._C._has_mkldnn:
        return False
    one = torch.ones(1, 1, 1, 1, dtype=dtype)
    row, shape = one[0, 0], ([0, 0], [1, 1], [1, 1], 1)
    try:
        matrix = _ops._reorder_linear_weight(row, ROWS)
        _ops._linear_pointwise(row, matrix, None, "gelu", [], "none")
        kernel = _ops._reorder_convolution_weight(one, *shape, [1, 1, 1, 1])
        kernel = _ops._reorder_convolution_weight(kernel.to_dense(), *shape, [1, 1, 2, 2])
        found = [
            _ops._linear_pointwise(row, matrix, None, "none", [], ""),
            _ops._linear_pointwise.binary(row, 2 * row, matrix, None, "mul") / 2,
            _ops._linear_pointwise.binary(row, row, matrix, None, "add") / 2,
            _ops._convolution_pointwise(one, kernel, None, *shape, "none", [], ""),
            _ops._convolution_pointwise(one, kernel, None, *shape, "relu", [], ""),
            _ops._convolution_pointwise.binary(one, one, kernel, None, *shape, "add", 1.0, None, [], "") / 2,
            _ops._convolution_pointwise.binary(one, one, kernel, None, *shape, "add", 1.0, "relu", [], "") / 2,
        ]
    except (RuntimeError, AttributeError):
        return False
    return all(float(each) == 1.0 for each in found)


def _packed(weight: Tensor) -> bool:
    return weight.device.type == "cpu" and packs(weight.dtype)


@dataclass(frozen=True)
class Affine:
    """x ↦ x Wᵀ + b."""

    weight: Tensor
    bias: Tensor | None
    packed: bool

    @classmethod
    def of(cls, weight: Tensor, bias: Tensor | None) -> Affine:
        """A map with its weight (out, in)."""
        packed = _packed(weight)
        return cls(_ops._reorder_linear_weight(weight.detach(), ROWS) if packed else weight, bias, packed)

    @classmethod
    def stacked(cls, maps: Sequence[nn.Linear]) -> Affine:
        """Several maps of the same input as one, their outputs one after the other."""
        biases: list[Tensor] = [
            linear.weight.new_zeros(linear.out_features) if linear.bias is None else linear.bias for linear in maps
        ]
        has_bias = any(linear.bias is not None for linear in maps)
        return cls.of(torch.cat([linear.weight for linear in maps]), torch.cat(biases) if has_bias else None)

    def __call__(self, x: Tensor, bend: str = "none") -> Tensor:  # (…, in) → (…, out)
        """The image of x; `bend` is "none" or "gelu"."""
        if self.packed:
            image: Tensor = _ops._linear_pointwise(
                x, self.weight, self.bias, bend, [], "none" if bend == "gelu" else ""
            )
            return image
        image = F.linear(x, self.weight, self.bias)
        return F.gelu(image) if bend == "gelu" else image

    def plus(self, x: Tensor, other: Tensor) -> Tensor:
        """The image of x and something else of its size, added up."""
        if self.packed:
            total: Tensor = _ops._linear_pointwise.binary(x, other, self.weight, self.bias, "add")
            return total
        return self(x) + other

    def times(self, x: Tensor, other: Tensor) -> Tensor:
        """The image of x times something else of its size, number by number."""
        if self.packed:
            product: Tensor = _ops._linear_pointwise.binary(x, other, self.weight, self.bias, "mul")
            return product
        return self(x) * other


class Convolution(nn.Module):
    """A convolution of pictures (n, in, h, w), channels last.

    How its weights lie best depends on the pictures' size, and on whether one comes alone: on many processors oneDNN
    takes ten times as long with weights that lie for another size. So they are laid out anew when that changes, as
    PyTorch does at every call.
    """

    def __init__(self, plain: nn.Conv2d) -> None:
        super().__init__()
        padding, stride, dilation = ([int(each) for each in of] for of in (plain.padding, plain.stride, plain.dilation))
        self._shape = (padding, stride, dilation, plain.groups)
        self._weight, self._bias = plain.weight.detach(), plain.bias
        self._packs, self._in_channels = _packed(plain.weight), plain.in_channels
        self._laid_out_for: tuple[int, int, int] | None = None

    @staticmethod
    def takes(layer: nn.Module) -> bool:
        """Whether a layer is a convolution of the kind that is meant here."""
        if type(layer) is not nn.Conv2d:
            return False
        return layer.groups == 1 and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)

    def forward(self, x: Tensor, bend: str = "none") -> Tensor:
        """The convolution; `bend` is "none" or "relu"."""
        if self._packs:
            weight = self._laid_out(x)
            image: Tensor = _ops._convolution_pointwise(x, weight, self._bias, *self._shape, bend, [], "")
            return image
        image = self._plainly(x)
        return F.relu(image) if bend == "relu" else image

    def plus(self, x: Tensor, other: Tensor, bend: str | None = None) -> Tensor:
        """The convolution and something else of its size, added up; `bend` is None or "relu"."""
        if self._packs:
            weight = self._laid_out(x)
            total: Tensor = _ops._convolution_pointwise.binary(
                x, other, weight, self._bias, *self._shape, "add", 1.0, bend, [], ""
            )
            return total
        total = self._plainly(x) + other
        return F.relu(total) if bend == "relu" else total

    def _laid_out(self, x: Tensor) -> Tensor:
        count, _, height, width = x.shape
        wanted = (1 if count == 1 else ROWS, height, width)
        if wanted != self._laid_out_for:
            plain = self._weight.to_dense() if self._weight.is_mkldnn else self._weight
            like = [wanted[0], self._in_channels, height, width]
            self._weight = _ops._reorder_convolution_weight(plain, *self._shape, like)
            self._laid_out_for = wanted
        return self._weight

    def _plainly(self, x: Tensor) -> Tensor:
        padding, stride, dilation, groups = self._shape
        return F.conv2d(x, self._weight, self._bias, stride, padding, dilation, groups)
