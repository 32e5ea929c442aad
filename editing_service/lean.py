"""The networks' blocks as a CPU computes them fastest, on the weights of loaded diffusers networks.

The sums are those of diffusers' modules. What is left out is the way there: copies between layouts, divisions by one,
results that are written to be read once (`packed.py`), and what is the same for many blocks and computed by each. A
block of any other kind than the ones below stays as it is.

`c` are channels, `d` is the width of a transformer's tokens, of which a picture has h·w.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from diffusers.models.activations import GEGLU
from diffusers.models.attention import BasicTransformerBlock
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import Tensor, nn

from editing_service.outlet import Outlet
from editing_service.packed import Affine, Convolution

VECTOR = 16
"""Numbers of bfloat16 that PyTorch's group norm takes at a time; groups of other counts of channels it goes through one
by one, and float32 is quicker then."""
OUTLET = 3  # layers that an outlet takes the place of


def make_lean(network: nn.Module) -> None:
    """Put lean blocks in the place of those whose sums they know; for a network that only infers, on a CPU."""
    _put(network, {each: _with_outlet(each) for each in network.modules() if _has_outlet(each)})
    modules: list[Any] = list(network.modules())
    resnets = [each for each in modules if _is_plain_resnet(each)]
    timed = [each for each in resnets if each.time_emb_proj is not None]
    transformers = [each for each in modules if _is_plain_transformer(each)]
    reading = [block.attn2 for each in transformers for block in each.transformer_blocks]
    shifts = iter(Shared.among([[block.time_emb_proj] for block in timed], F.silu))
    memories = iter(Shared.among([[attention.to_k, attention.to_v] for attention in reading]))
    lean: dict[nn.Module, nn.Module] = {
        block: LeanResnet(block, next(shifts) if block.time_emb_proj is not None else None) for block in resnets
    }
    lean |= {
        each: LeanTransformer(each, [LeanBlock.of(block, next(memories)) for block in each.transformer_blocks])
        for each in transformers
    }
    lean |= {each: LeanTinyBlock(each) for each in modules if _is_plain_tiny(each)}
    _put(network, lean)
    rest: list[Any] = [each for each in network.modules() if Convolution.takes(each)]
    _put(network, {each: Convolution(each) for each in rest})


def _has_outlet(module: nn.Module) -> bool:
    return isinstance(module, nn.Sequential) and Outlet.takes(list(module)[-OUTLET:])


def _with_outlet(layers: nn.Module) -> nn.Module:
    each = list(layers.children())
    return nn.Sequential(*each[:-OUTLET], Outlet(nn.Sequential(*each[-OUTLET:])))


def _put(network: nn.Module, instead: dict[nn.Module, nn.Module]) -> None:
    for module in list(network.modules()):
        for name, child in list(module._modules.items()):  # some have one child under two names
            if child in instead:
                setattr(module, name, instead[child])


class Shared:
    """Maps of one tensor that many blocks ask for: computed as one, once for the very same tensor.

    Nobody writes into that tensor: it is a batch's prompts, or what the U-Net made of a step's times.
    """

    def __init__(self, maps: Sequence[nn.Linear], sizes: Sequence[int], before: Callable[[Tensor], Tensor]) -> None:
        self._maps, self._sizes, self._before = Affine.stacked(maps), list(sizes), before
        self._seen: Tensor | None = None
        self._said: Sequence[Tensor] = ()

    @classmethod
    def among(
        cls, blocks: Sequence[Sequence[nn.Linear]], before: Callable[[Tensor], Tensor] = lambda x: x
    ) -> list[Callable[[Tensor], Tensor]]:
        """For each block a function that gives the outputs of its maps, one after the other: (…, outputs)."""
        if not blocks:
            return []
        sizes = [sum(linear.out_features for linear in block) for block in blocks]
        shared = cls([linear for block in blocks for linear in block], sizes, before)
        return [partial(shared.part, index) for index in range(len(blocks))]

    def part(self, index: int, x: Tensor) -> Tensor:
        """What the block `index` is told about x."""
        if x is not self._seen:
            self._said = torch.split(self._maps(self._before(x)), self._sizes, dim=-1)
            self._seen = x
        return self._said[index]


class LeanResnet(nn.Module):
    """`ResnetBlock2D`: two convolutions, each after a norm, with the time between them and the input added."""

    def __init__(self, block: ResnetBlock2D, times: Callable[[Tensor], Tensor] | None) -> None:
        super().__init__()
        self.norm1, self.norm2 = block.norm1, block.norm2
        self.conv1, self.conv2 = Convolution(block.conv1), Convolution(block.conv2)
        self.shortcut = Convolution(block.conv_shortcut) if block.conv_shortcut is not None else None
        self.scales = block.time_embedding_norm == "scale_shift"
        self._times = times

    def forward(self, x: Tensor, temb: Tensor | None = None) -> Tensor:  # (n, c, h, w), (n, width of the times)
        """See `ResnetBlock2D.forward`."""
        hidden = self.conv1(_normed(self.norm1, x, F.silu))
        told = None if temb is None or self._times is None else self._times(temb)[:, :, None, None]
        if told is None:
            hidden = _normed(self.norm2, hidden, F.silu)
        elif self.scales:
            scale, shift = told.chunk(2, dim=1)
            hidden = F.silu(torch.addcmul(shift, _normed(self.norm2, hidden), 1 + scale), inplace=True)
        else:
            hidden = _normed(self.norm2, hidden + told, F.silu)
        return self.conv2.plus(hidden, x if self.shortcut is None else self.shortcut(x))


@dataclass(frozen=True)
class LeanBlock:
    """`BasicTransformerBlock`: tokens look at each other, then at the prompt, then each is fed for itself."""

    norms: Sequence[nn.LayerNorm]
    own: Affine  # queries, keys and values, one after the other
    own_out: Affine
    ask: Affine
    told: Callable[[Tensor], Tensor]  # of the prompts (n, tokens, width): keys and values, one after the other
    told_out: Affine
    rise: Affine
    gate: Affine
    fall: Affine
    heads: tuple[int, int]

    @classmethod
    def of(cls, block: BasicTransformerBlock, told: Callable[[Tensor], Tensor]) -> LeanBlock:
        """The same block; its keys and values of the prompts are computed elsewhere."""
        whole: Any = block
        own, read, feed = whole.attn1, whole.attn2, whole.ff.net
        rise, gate = feed[0].proj.weight.chunk(2)
        rise_bias, gate_bias = (None, None) if feed[0].proj.bias is None else feed[0].proj.bias.chunk(2)
        return cls(
            norms=(whole.norm1, whole.norm2, whole.norm3),
            own=Affine.stacked([own.to_q, own.to_k, own.to_v]),
            own_out=Affine.stacked([own.to_out[0]]),
            ask=Affine.stacked([read.to_q]),
            told=told,
            told_out=Affine.stacked([read.to_out[0]]),
            rise=Affine.of(rise, rise_bias),
            gate=Affine.of(gate, gate_bias),
            fall=Affine.stacked([feed[2]]),
            heads=(own.heads, read.heads),
        )

    def __call__(self, x: Tensor, prompts: Tensor) -> Tensor:  # (n, h·w, d), (n, tokens, width)
        """See `BasicTransformerBlock.forward`."""
        one, two, three = self.norms
        query, key, value = self.own(one(x)).chunk(3, dim=-1)
        x = self.own_out.plus(_attended(query, key, value, self.heads[0]), x)
        key, value = self.told(prompts).chunk(2, dim=-1)
        x = self.told_out.plus(_attended(self.ask(two(x)), key, value, self.heads[1]), x)
        normed = three(x)
        return self.fall.plus(self.rise.times(normed, self.gate(normed, "gelu")), x)


class LeanTransformer(nn.Module):
    """`Transformer2DModel` over a picture's pixels; channels last, they are its tokens as they lie."""

    def __init__(self, model: Transformer2DModel, blocks: Sequence[LeanBlock]) -> None:
        super().__init__()
        whole: Any = model
        self.norm = whole.norm
        self._into, self._out = _of_pixels(whole.proj_in), _of_pixels(whole.proj_out)
        self._blocks = blocks

    def forward(
        self,
        x: Tensor,
        encoder_hidden_states: Tensor,
        attention_mask: None = None,  # as the next one: nobody gives the U-Net any here
        encoder_attention_mask: None = None,
        **_unused: object,
    ) -> tuple[Tensor]:  # (n, c, h, w), (n, tokens, width)
        """See `Transformer2DModel.forward`; always as a tuple."""
        if attention_mask is not None or encoder_attention_mask is not None:
            raise NotImplementedError("lean transformers take no masks")
        count, _, height, width = x.shape
        tokens = self._into(_as_tokens(_normed(self.norm, x)))
        for block in self._blocks:
            tokens = block(tokens, encoder_hidden_states)
        drawn = self._out.plus(tokens, _as_tokens(x))
        return (drawn.view(count, height, width, -1).permute(0, 3, 1, 2),)


class LeanTinyBlock(nn.Module):
    """`AutoencoderTinyBlock`: three convolutions and the input added, each rectified."""

    def __init__(self, block: AutoencoderTinyBlock) -> None:
        super().__init__()
        whole: Any = block
        self.first, self.second, self.third = (Convolution(whole.conv[index]) for index in (0, 2, 4))

    def forward(self, x: Tensor) -> Tensor:
        """See `AutoencoderTinyBlock.forward`."""
        hidden = self.second(self.first(x, "relu"), "relu")
        return self.third.plus(hidden, x, "relu")


def _normed(norm: nn.GroupNorm, x: Tensor, bend: Callable[..., Tensor] | None = None) -> Tensor:
    """A group norm and what follows it, which is done in place."""
    slow = x.dtype == torch.bfloat16 and norm.num_channels // norm.num_groups % VECTOR
    if not slow:
        normed = F.group_norm(x, norm.num_groups, norm.weight, norm.bias, norm.eps)
        return bend(normed, inplace=True) if bend else normed
    normed = F.group_norm(x.float(), norm.num_groups, norm.weight.float(), norm.bias.float(), norm.eps)
    return (bend(normed, inplace=True) if bend else normed).to(x.dtype)


def _attended(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:  # each (n, tokens, d)
    query, key, value = (_by_head(each, heads) for each in (query, key, value))
    found = F.scaled_dot_product_attention(query, key, value)
    return found.transpose(1, 2).flatten(2)


def _by_head(x: Tensor, heads: int) -> Tensor:  # (n, tokens, d) → (n, heads, tokens, d / heads)
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def _as_tokens(x: Tensor) -> Tensor:  # (n, c, h, w) → (n, h·w, c)
    return x.permute(0, 2, 3, 1).flatten(1, 2)


def _of_pixels(layer: nn.Conv2d | nn.Linear) -> Affine:
    """A 1 × 1 convolution, or the linear layer that some models have instead, as a map of pixels."""
    return Affine.of(layer.weight.flatten(1), layer.bias)


def _is_plain_resnet(module: Any) -> bool:
    return (
        type(module) is ResnetBlock2D
        and module.upsample is None
        and module.downsample is None
        and (module.time_emb_proj is None or module.time_embedding_norm in ("default", "scale_shift"))
        and not module.skip_time_act
        and module.output_scale_factor == 1.0
        and isinstance(module.nonlinearity, nn.SiLU)
    )


def _is_plain_tiny(module: Any) -> bool:
    return (
        type(module) is AutoencoderTinyBlock
        and isinstance(module.skip, nn.Identity)
        and all(isinstance(bend, nn.ReLU) for bend in (module.conv[1], module.conv[3], module.fuse))
    )


def _is_plain_transformer(module: Any) -> bool:
    return (
        type(module) is Transformer2DModel
        and module.is_input_continuous
        and all(_is_plain_block(block) for block in module.transformer_blocks)
    )


def _is_plain_block(block: Any) -> bool:
    return (
        type(block) is BasicTransformerBlock
        and block.norm_type == "layer_norm"
        and block.pos_embed is None
        and not block.only_cross_attention
        and block._chunk_size is None
        and block.attn2 is not None
        and block.attn2.is_cross_attention
        and all(_is_plain_attention(each) for each in (block.attn1, block.attn2))
        and isinstance(block.ff.net[0], GEGLU)
    )


def _is_plain_attention(attention: Attention) -> bool:
    extras: list[Any] = [
        attention.spatial_norm,
        attention.group_norm,
        attention.norm_cross,
        attention.norm_q,
        attention.norm_k,
    ]
    return (
        isinstance(attention.processor, AttnProcessor2_0)
        and all(extra is None for extra in extras)
        and not attention.residual_connection
        and attention.rescale_output_factor == 1.0
    )
