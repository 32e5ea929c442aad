"""Lean networks compute what diffusers' own do, and leave alone what they do not know."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, UNet2DConditionModel
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor, nn

from editing_service import packed
from editing_service.lean import LeanResnet, LeanTinyBlock, LeanTransformer, make_lean
from editing_service.outlet import Outlet
from editing_service.packed import packs
from tests.editing_models import make_pipeline

SMALL: dict[str, Any] = {
    "in_channels": 8,
    "out_channels": 4,
    "block_out_channels": (32, 64),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
    "layers_per_block": 1,
    "cross_attention_dim": 16,
    "attention_head_dim": 2,
    "norm_num_groups": 8,
}
UNETS: dict[str, dict[str, Any]] = {
    "time added": {},
    "time as scale and shift": {"resnet_time_scale_shift": "scale_shift"},
    "linear projections": {"use_linear_projection": True},
    "two transformers in a row": {"transformer_layers_per_block": 2},
    "attention that is not plain": {"attention_type": "default", "only_cross_attention": True},
    "blocks that halve by themselves": {
        "down_block_types": ("ResnetDownsampleBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
    },
}


def network(kind: Any, config: dict[str, Any]) -> Any:
    """A network with weights that depend on nothing but code."""
    torch.manual_seed(0)
    return kind(**config).eval().requires_grad_(False).to(memory_format=torch.channels_last)


def count(inside: nn.Module, kind: type[nn.Module]) -> int:
    """How many modules of a kind there are."""
    return sum(isinstance(module, kind) for module in inside.modules())


def asked(unet: UNet2DConditionModel, rows: int, side: int, seed: int) -> Tensor:
    """A prediction for noisy latents that depend on a seed."""
    generator = torch.Generator().manual_seed(seed)
    channels, width = unet.config["in_channels"], unet.config["cross_attention_dim"]
    sample = torch.randn(rows, channels, side, side, generator=generator)
    prompts = torch.randn(rows, 5, width, generator=generator)
    times = torch.rand(rows, generator=generator) * 999
    packed = sample.to(unet.dtype).contiguous(memory_format=torch.channels_last)
    prediction: Tensor = unet(packed, times, encoder_hidden_states=prompts.to(unet.dtype), return_dict=False)[0]
    return prediction.float()


@pytest.mark.parametrize("changed", UNETS)
@pytest.mark.parametrize("packing", [True, False])
@torch.inference_mode()
def test_a_lean_unet_predicts_the_same_for_batches_of_changing_sizes(
    changed: str, packing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not packing:
        monkeypatch.setattr(packed, "packs", lambda _: False)
    plain, lean = (network(UNet2DConditionModel, SMALL | UNETS[changed]) for _ in range(2))
    make_lean(lean)
    assert count(lean, LeanResnet) > 0
    for seed, (rows, side) in enumerate([(2, 8), (5, 8), (1, 8), (3, 16), (2, 8)]):
        expected = asked(plain, rows, side, seed)
        torch.testing.assert_close(asked(lean, rows, side, seed), expected, atol=2e-5, rtol=2e-5)


def test_blocks_of_another_kind_stay_as_they_are() -> None:
    plain = network(UNet2DConditionModel, SMALL)
    make_lean(plain)
    assert count(plain, LeanTransformer) == 4
    other = network(UNet2DConditionModel, SMALL | UNETS["attention that is not plain"])
    make_lean(other)
    assert count(other, LeanTransformer) < 4
    halving = network(UNet2DConditionModel, SMALL | UNETS["blocks that halve by themselves"])
    all_resnets = count(halving, type(halving.mid_block.resnets[0]))
    make_lean(halving)
    assert 0 < count(halving, LeanResnet) < all_resnets


@pytest.mark.skipif(not packs(torch.bfloat16), reason="oneDNN takes no bfloat16 on this processor")
@torch.inference_mode()
def test_in_bfloat16_it_is_about_as_near_to_float32_as_diffusers() -> None:
    exact, plain, lean = (network(UNet2DConditionModel, SMALL) for _ in range(3))
    plain, lean = plain.to(torch.bfloat16), lean.to(torch.bfloat16)
    make_lean(lean)
    off = {"plain": 0.0, "lean": 0.0}
    for seed in range(4):
        expected = asked(exact, 4, 8, seed)
        off["plain"] += float((asked(plain, 4, 8, seed) - expected).square().mean())
        off["lean"] += float((asked(lean, 4, 8, seed) - expected).square().mean())
    assert off["lean"] <= 1.2 * off["plain"]


TINY: dict[str, Any] = {"encoder_block_out_channels": (8, 8, 8), "decoder_block_out_channels": (8, 8, 8)}
AUTOENCODERS: dict[str, Any] = {
    "none in the picture's size": (AutoencoderTiny, TINY | {"num_decoder_blocks": (1, 1, 0)}),
    "a block in the picture's size": (AutoencoderTiny, TINY | {"num_decoder_blocks": (1, 1, 1)}),
    "the large kind": (AutoencoderKL, {"block_out_channels": (8, 8), "norm_num_groups": 4, "layers_per_block": 1}),
}


@pytest.mark.parametrize("which", AUTOENCODERS)
@torch.inference_mode()
def test_a_lean_autoencoder_reads_and_draws_the_same(which: str) -> None:
    kind, config = AUTOENCODERS[which]
    if kind is AutoencoderTiny:
        config = config | {"num_encoder_blocks": (1, 1, 1)}
    else:
        config = config | {
            "down_block_types": ("DownEncoderBlock2D",) * 2,
            "up_block_types": ("UpDecoderBlock2D",) * 2,
        }
    plain, lean = (network(kind, config) for _ in range(2))
    make_lean(lean)
    for half in (lean.encoder, lean.decoder):
        assert count(half, LeanTinyBlock) + count(half, LeanResnet) > 0
        assert count(half, ResnetBlock2D) + count(half, AutoencoderTinyBlock) + count(half, nn.Conv2d) == 0
    assert count(lean, Outlet) == (which == "none in the picture's size")
    for pictures, side in ((2, 16), (1, 32), (3, 16)):
        x = torch.randn(pictures, 3, side, side).contiguous(memory_format=torch.channels_last)
        latents, found = (_latents(each.encode(x)) for each in (plain, lean))
        torch.testing.assert_close(found, latents, atol=2e-5, rtol=2e-5)
        drawn, found = (each.decode(latents, return_dict=False)[0] for each in (plain, lean))
        torch.testing.assert_close(found, drawn, atol=2e-5, rtol=2e-5)


def _latents(encoded: Any) -> Tensor:
    latents: Tensor = encoded.latent_dist.mode() if hasattr(encoded, "latent_dist") else encoded.latents
    return latents


def test_the_networks_of_the_tests_are_made_lean_too() -> None:
    pipeline = make_pipeline()
    make_lean(pipeline.unet)
    make_lean(pipeline.vae)
    assert count(pipeline.unet, LeanResnet) > 0
    assert count(pipeline.unet, LeanTransformer) > 0
    assert count(pipeline.vae, LeanTinyBlock) > 0
