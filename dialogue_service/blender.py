"""Blenderbot's arithmetic on the weights of a loaded model: reading what was said, and one step of the answer.

The sums are those of transformers' modules; what they leave out is the way there. `generate` spends more than half of a
token's time around the sums, and on a CPU its products of few rows with a wide matrix read the matrix as it was saved.
Here the matrices that always act together are one, and lie as oneDNN reads them fastest. `d` is the model's width.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import BlenderbotForConditionalGeneration
from transformers.activations import ACT2FN

_ROWS = 8
"""What the layout of packed weights is chosen for; it suits every number of rows."""


def _packable(dtype: torch.dtype) -> bool:
    """Whether oneDNN takes such numbers on this processor: bfloat16 it refuses on those with AVX2 alone."""
    if not torch._C._has_mkldnn:
        return False
    return dtype == torch.float32 or (dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported())


@dataclass(frozen=True)
class Affine:
    """x ↦ x Wᵀ + b."""

    weight: Tensor
    bias: Tensor | None
    packed: bool

    @staticmethod
    def of(weight: Tensor, bias: Tensor | None) -> Affine:
        """A map with its weight (out, in) laid out for the device it is on."""
        packed = weight.device.type == "cpu" and _packable(weight.dtype)
        if packed:
            weight = torch.ops.mkldnn._reorder_linear_weight(weight.detach(), _ROWS)
        return Affine(weight, bias, packed)

    @staticmethod
    def stacked(maps: list[nn.Linear]) -> Affine:
        """Several maps of the same input as one, their outputs one after the other."""
        weights: list[Tensor] = [linear.weight for linear in maps]
        biases: list[Tensor] = [linear.bias for linear in maps if linear.bias is not None]
        return Affine.of(torch.cat(weights), torch.cat(biases) if biases else None)

    def __call__(self, x: Tensor) -> Tensor:  # (…, in) → (…, out)
        """The image of x."""
        if self.packed:
            image: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
            return image
        return functional.linear(x, self.weight, self.bias)


@dataclass(frozen=True)
class Attention:
    """What goes before and after attention: the norm, the projection (query, or query, keys and values), the output."""

    norm: nn.LayerNorm
    project: Affine
    out: Affine
    heads: int

    def among(self, x: Tensor, mask: Tensor) -> Tensor:  # (rows, length, d), (rows, 1, 1, length)
        """Let each of a row's places look at all of them."""
        query, memory = self.project(self.norm(x)).tensor_split((x.shape[-1],), dim=-1)
        return x + self.out(attended(query, memory, mask, self.heads))

    def to(self, x: Tensor, memory: Tensor, mask: Tensor) -> Tensor:  # (rows, 1, d), (rows, length, 2d)
        """Let each row look at what is remembered for it."""
        return x + self.out(attended(self.project(self.norm(x)), memory, mask, self.heads))


@dataclass(frozen=True)
class Feed:
    """The two maps after attention."""

    norm: nn.LayerNorm
    rise: Affine
    bend: Callable[[Tensor], Tensor]
    fall: Affine

    def __call__(self, x: Tensor) -> Tensor:
        """Add what a layer makes of each place for itself."""
        return x + self.fall(self.bend(self.rise(self.norm(x))))


@dataclass(frozen=True)
class EncoderLayer:
    """A layer that looks at its own row."""

    own: Attention
    feed: Feed


@dataclass(frozen=True)
class DecoderLayer(EncoderLayer):
    """A layer that also looks at what was read."""

    read: Attention


@dataclass(frozen=True)
class Memory:
    """What `rows` answers in the making remember; masks are 0 where a place counts and -inf elsewhere."""

    own: Tensor  # (layers, rows, said, 2d): keys and values of the ids so far, this step's place included
    own_mask: Tensor  # (rows, 1, 1, said)
    read: Tensor  # (layers, rows, source, 2d): keys and values of what was read
    read_mask: Tensor  # (rows, 1, 1, source)


class Blender:
    """A loaded Blenderbot's weights, arranged for single steps."""

    def __init__(self, model: BlenderbotForConditionalGeneration) -> None:
        whole: Any = model
        config, parts = model.config, whole.model
        self.dtype, self.device = model.dtype, model.device
        self.width, self.layers = config.d_model, config.decoder_layers
        self._encoder, self._decoder = parts.encoder, parts.decoder
        bend = ACT2FN[config.activation_function]
        self._reading = [_encoder_layer(layer, config.encoder_attention_heads, bend) for layer in parts.encoder.layers]
        self._saying = [_decoder_layer(layer, config.decoder_attention_heads, bend) for layer in parts.decoder.layers]
        sides = [(layer.encoder_attn.k_proj, layer.encoder_attn.v_proj) for layer in parts.decoder.layers]
        self._memories = Affine.stacked([side for pair in sides for side in pair])
        bias = whole.final_logits_bias[0].to(self.dtype)
        self._head = Affine.of(whole.lm_head.weight, bias if bias.any() else None)

    def read(self, ids: Tensor, mask: Tensor) -> Tensor:  # (rows, source), (rows, 1, 1, source)
        """Keys and values of what was said, for every layer of the decoder: (layers, rows, source, 2d)."""
        x = self._encoder.embed_tokens(ids) + self._encoder.embed_positions.weight[: ids.shape[1]]
        for layer in self._reading:
            x = _bounded(layer.feed(layer.own.among(x, mask)))
        memories = self._memories(self._encoder.layer_norm(x))
        return memories.view(*ids.shape, self.layers, 2 * self.width).permute(2, 0, 1, 3)

    def step(self, ids: Tensor, places: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:  # (rows,), (rows,)
        """The likeliest next ids after the newest ones at their places, whose keys and values are noted.

        With them their log probabilities in nats, float32; both (rows,).
        """
        x = self._decoder.embed_tokens(ids) + self._decoder.embed_positions.weight[places]
        x, rows = x[:, None], torch.arange(len(ids), device=ids.device)
        for layer, own, read in zip(self._saying, memory.own, memory.read, strict=True):
            query, noted = layer.own.project(layer.own.norm(x)).tensor_split((self.width,), dim=-1)
            own[rows, places] = noted[:, 0]
            x = x + layer.own.out(attended(query, own, memory.own_mask, layer.own.heads))
            x = layer.feed(layer.read.to(x, read, memory.read_mask))
        likeliest = (logits := self._head(self._decoder.layer_norm(x[:, 0])).float()).max(-1)
        return likeliest.indices, likeliest.values - logits.logsumexp(-1)


def attended(query: Tensor, memory: Tensor, mask: Tensor, heads: int) -> Tensor:  # (rows, n, d), (rows, length, 2d)
    """What each query finds in its row's keys and values: (rows, n, d)."""
    keys, values = memory.chunk(2, dim=-1)
    found = functional.scaled_dot_product_attention(
        _by_head(query, heads), _by_head(keys, heads), _by_head(values, heads), attn_mask=mask
    )
    return found.transpose(1, 2).flatten(2)


def _by_head(x: Tensor, heads: int) -> Tensor:  # (rows, n, d) → (rows, heads, n, d / heads)
    return x.view(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)


def _encoder_layer(layer: Any, heads: int, bend: Callable[[Tensor], Tensor]) -> EncoderLayer:
    own = layer.self_attn
    project, out = Affine.stacked([own.q_proj, own.k_proj, own.v_proj]), Affine.stacked([own.out_proj])
    feed = Feed(layer.final_layer_norm, Affine.stacked([layer.fc1]), bend, Affine.stacked([layer.fc2]))
    return EncoderLayer(Attention(layer.self_attn_layer_norm, project, out, heads), feed)


def _decoder_layer(layer: Any, heads: int, bend: Callable[[Tensor], Tensor]) -> DecoderLayer:
    whole, read = _encoder_layer(layer, heads, bend), layer.encoder_attn
    project, out = Affine.stacked([read.q_proj]), Affine.stacked([read.out_proj])
    return DecoderLayer(whole.own, whole.feed, Attention(layer.encoder_attn_layer_norm, project, out, heads))


def _bounded(x: Tensor) -> Tensor:
    """Keep float16 from overflowing, as transformers' encoder does."""
    if x.dtype != torch.float16:
        return x
    most = torch.finfo(x.dtype).max - 1000
    return x.clamp(-most, most)
