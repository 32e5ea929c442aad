"""A Blender's encoder that starts as MiniLM's first layers, so that it reads English from its first step.

MiniLM (a BERT) normalises after each sublayer, Blender before it, so that no weights fit exactly. Up to the factor by
which each norm divides they do: a norm with gain g and offset b takes u to g (u - mean) / std + b, and the std hardly
differs between words. Taken as constant, everything in it moves into the weights around it: Blender's stream h is
BERT's u with each channel divided by a scale d that grows from sublayer to sublayer, d <- d g / std. The constants are
measured on calibration texts as the layers are filled. On dialogues, the states so computed agree with MiniLM's own by
a cosine of 0.997, 0.96, 0.91 and 0.81 after one, two, three and four layers; further down it falls apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import LayerNorm, Linear
from transformers import BertModel, BlenderbotForConditionalGeneration

from dialogue_service.history import USER
from training.tokenizer import SPECIAL_TOKENS

SPREAD = 0.3
"""How far the vectors of control tokens start from that of MiniLM's own marks, in parts of its length."""


class DoesNotFit(ValueError):
    """The Blender's encoder has another shape than MiniLM's layers."""


@torch.no_grad()
def start_as_minilm(
    model: BlenderbotForConditionalGeneration, folder: Path, pieces: Sequence[str], ids: Tensor, mask: Tensor
) -> None:
    """Fill encoder, its positions and the special tokens' vectors from MiniLM; the word vectors stand in the table.

    `pieces` are the words of the table's last rows, `ids` and `mask` (rows, length) some inputs to measure on. Raises
    DoesNotFit where width, heads or feed-forward width differ or MiniLM has fewer layers.
    """
    bert = BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    _check(model, bert)
    scale, mean = _table_of(model, bert, folder, pieces)
    _positions_and_marks(model, bert, folder, len(pieces), scale, mean)
    _Filling(model, bert, ids, mask).fill()


def _check(model: BlenderbotForConditionalGeneration, bert: BertModel) -> None:
    ours, theirs = model.config, bert.config
    wanted = (theirs.hidden_size, theirs.num_attention_heads, theirs.intermediate_size)
    if (ours.d_model, ours.encoder_attention_heads, ours.encoder_ffn_dim) != wanted:
        raise DoesNotFit(f"MiniLM's layers want width, heads and feed-forward width {wanted}")
    if ours.encoder_layers > theirs.num_hidden_layers:
        raise DoesNotFit(f"MiniLM has {theirs.num_hidden_layers} layers, not {ours.encoder_layers}")


def _table_of(
    model: BlenderbotForConditionalGeneration, bert: BertModel, folder: Path, pieces: Sequence[str]
) -> tuple[float, Tensor]:
    """How the table was made of MiniLM's: rows = scale · (words - mean)."""
    vocabulary = _vocabulary(folder)
    words = bert.embeddings.word_embeddings.weight[[vocabulary[piece] for piece in pieces]]
    rows = model.model.shared.weight[-len(pieces) :]
    scale = float((rows.std(dim=0) / words.std(dim=0)).mean())
    return scale, words.mean(dim=0) - rows.mean(dim=0) / scale


def _positions_and_marks(
    model: BlenderbotForConditionalGeneration, bert: BertModel, folder: Path, words: int, scale: float, mean: Tensor
) -> None:
    encoder, table = model.model.encoder, model.model.shared.weight
    layer = bert.embeddings
    grown = scale * model.config.d_model**0.5  # Blender multiplies its word vectors by the root of the width
    positions = layer.position_embeddings.weight[: encoder.embed_positions.weight.shape[0]]
    encoder.embed_positions.weight[: positions.shape[0]] = grown * (
        positions + layer.token_type_embeddings.weight[0] + mean
    )
    vocabulary = _vocabulary(folder)
    for row, token in enumerate(SPECIAL_TOKENS[: table.shape[0] - words]):
        like = "[CLS]" if token == USER else "[SEP]"  # an input begins with a user's turn as MiniLM's do with [CLS]
        mark = scale * (layer.word_embeddings.weight[vocabulary[like]] - mean)
        noise = table[row] / table[row].norm()
        table[row] = mark + SPREAD * mark.norm() * noise


def _vocabulary(folder: Path) -> dict[str, int]:
    lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return {piece: index for index, piece in enumerate(lines)}


class _Filling:
    """Fills layer after layer while the calibration inputs pass through what is filled already.

    `stream` is Blender's h, (rows, length, width); `gains` take it to BERT's u; `norm` is the norm BERT applies next.
    """

    def __init__(self, model: BlenderbotForConditionalGeneration, bert: BertModel, ids: Tensor, mask: Tensor) -> None:
        self._encoder, self._bert, self._mask = model.model.encoder, bert, mask
        words = model.model.shared(ids) * model.config.d_model**0.5
        self._stream = words + self._encoder.embed_positions.weight[: ids.shape[1]]
        self._gains = torch.ones(model.config.d_model)
        self._norm: LayerNorm = bert.embeddings.LayerNorm

    def fill(self) -> None:
        for ours, theirs in zip(self._encoder.layers, self._bert.encoder.layer, strict=False):
            attention = theirs.attention
            for name in ("query", "key", "value"):
                _copy(getattr(ours.self_attn, f"{name[0]}_proj"), getattr(attention.self, name))
            self._enter(ours.self_attn_layer_norm, ours.self_attn.out_proj, attention.output.dense)
            blocked = (1.0 - self._mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
            read = ours.self_attn_layer_norm(self._stream)
            self._stream = self._stream + ours.self_attn(read, attention_mask=blocked)[0]
            self._norm = attention.output.LayerNorm

            _copy(ours.fc1, theirs.intermediate.dense)
            self._enter(ours.final_layer_norm, ours.fc2, theirs.output.dense)
            read = ours.final_layer_norm(self._stream)
            self._stream = self._stream + ours.fc2(ours.activation_fn(ours.fc1(read)))
            self._norm = theirs.output.LayerNorm
        self._enter(self._encoder.layer_norm)

    def _enter(self, norm: LayerNorm, out: Linear | None = None, theirs: Linear | None = None) -> None:
        """Fill the norm at the beginning of a sublayer, and what the sublayer adds to the stream at its end."""
        spread_there, spread_here = self._spread(self._stream * self._gains), self._spread(self._stream)
        norm.weight.copy_(self._norm.weight * self._gains * spread_here / spread_there)
        norm.bias.copy_(self._norm.bias)
        self._gains = self._gains * self._norm.weight / spread_there
        if out is not None and theirs is not None:
            out.weight.copy_(theirs.weight / self._gains[:, None])
            out.bias.copy_((theirs.bias + self._norm.bias) / self._gains)

    def _spread(self, states: Tensor) -> Tensor:
        return states[self._mask.bool()].std(dim=-1, correction=0).median()


def _copy(ours: Linear, theirs: Linear) -> None:
    ours.weight.copy_(theirs.weight)
    ours.bias.copy_(theirs.bias)
