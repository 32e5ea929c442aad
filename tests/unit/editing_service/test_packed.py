"""Packed layers give what PyTorch's own give, whatever comes when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from editing_service import packed
from editing_service.packed import Affine, Convolution, packs

DTYPES = [torch.float32, *([torch.bfloat16] if packs(torch.bfloat16) else [])]
CONVOLUTIONS = {
    "three by three": {"kernel_size": 3, "padding": 1},
    "one by one, no bias": {"kernel_size": 1, "bias": False},
    "every second pixel": {"kernel_size": 3, "padding": 1, "stride": 2},
    "pixels apart": {"kernel_size": 3, "padding": 2, "dilation": 2},
}
SIZES = [(4, 8, 8), (1, 8, 8), (3, 8, 8), (2, 16, 4), (2, 8, 8), (5, 1, 1)]


@pytest.fixture(params=["packed", "plain"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Both with oneDNN's operators and without, as where they are missing."""
    if request.param == "plain":
        monkeypatch.setattr(packed, "packs", lambda _: False)
    with torch.inference_mode():
        yield


def close(found: Tensor, expected: Tensor) -> None:
    """Equal but for rounding."""
    tolerance = 1e-5 if found.dtype == torch.float32 else 3e-2
    torch.testing.assert_close(found, expected, atol=tolerance, rtol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", CONVOLUTIONS)
def test_a_convolution_of_pictures_of_changing_sizes(kind: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    plain = nn.Conv2d(24, 32, **CONVOLUTIONS[kind]).to(dtype)  # type: ignore[arg-type]
    convolution = Convolution(plain)
    for count, height, width in SIZES * 2:
        x = torch.randn(count, 24, height, width).to(dtype).contiguous(memory_format=torch.channels_last)
        expected = plain(x)
        other = torch.randn_like(expected)
        close(convolution(x), expected)
        close(convolution(x, "relu"), expected.relu())
        close(convolution.plus(x, other), expected + other)
        close(convolution.plus(x, other, "relu"), (expected + other).relu())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [True, False])
def test_a_map_of_rows_and_of_rows_of_tokens(bias: bool, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    plain = nn.Linear(24, 40, bias=bias).to(dtype)
    affine = Affine.of(plain.weight, plain.bias)
    for shape in ((1,), (3,), (40,), (2, 7), (5, 64)):
        x = torch.randn(*shape, 24).to(dtype)
        expected = plain(x)
        other = torch.randn_like(expected)
        close(affine(x), expected)
        close(affine(x, "gelu"), F.gelu(expected))
        close(affine.plus(x, other), expected + other)
        close(affine.times(x, other), expected * other)


def test_maps_of_the_same_input_as_one() -> None:
    maps = [nn.Linear(8, 5), nn.Linear(8, 3, bias=False), nn.Linear(8, 4)]
    x = torch.randn(6, 8)
    close(Affine.stacked(maps)(x), torch.cat([each(x) for each in maps], dim=1))


def test_only_ordinary_convolutions_are_taken() -> None:
    assert Convolution.takes(nn.Conv2d(3, 3, 3))
    assert not Convolution.takes(nn.Conv2d(3, 3, 3, padding="same"))
    assert not Convolution.takes(nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect"))
    assert not Convolution.takes(nn.Conv2d(4, 4, 3, groups=2)), "oneDNN's operators add nothing to it in bfloat16"
    assert not Convolution.takes(nn.Linear(3, 3))
