"""The mini Blender itself: built around MiniLM's word vectors, tuned from any checkpoint, exported for serving."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from transformers import (
    AutoTokenizer,
    BlenderbotConfig,
    BlenderbotForConditionalGeneration,
    PreTrainedTokenizerBase,
)

from dialogue_service.engine import greedy
from dialogue_service.history import CONTROL_TOKENS, LIMIT
from training.tokenizer import SPECIAL_TOKENS

POSITION_SCALE = 0.3
"""Size of the initial (sinusoidal) position vectors beside word vectors whose entries have unit variance."""


@dataclass(frozen=True)
class BlenderShape:
    """How large a Blender to build; its width is that of the word vectors."""

    layers: int = 3
    feed_forward: int = 1024
    heads: int = 6
    dropout: float = 0.0


def build_blender(
    shape: BlenderShape, rows: Tensor, tokenizer: PreTrainedTokenizerBase
) -> BlenderbotForConditionalGeneration:
    """An untrained Blender over word vectors (vocabulary, width) that stay as they are but for the special tokens."""
    config = BlenderbotConfig(
        vocab_size=rows.shape[0], d_model=rows.shape[1], max_position_embeddings=LIMIT,
        encoder_layers=shape.layers, decoder_layers=shape.layers,
        encoder_ffn_dim=shape.feed_forward, decoder_ffn_dim=shape.feed_forward,
        encoder_attention_heads=shape.heads, decoder_attention_heads=shape.heads,
        dropout=shape.dropout, attention_dropout=0.0, activation_dropout=0.0,
        scale_embedding=True, tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, decoder_start_token_id=tokenizer.bos_token_id,
        forced_eos_token_id=None,
    )  # fmt: skip
    model = BlenderbotForConditionalGeneration(config)
    with torch.no_grad():
        model.model.shared.weight.copy_(rows)
        for part in (model.model.encoder, model.model.decoder):
            part.embed_positions.weight.copy_(POSITION_SCALE * _sinusoids(LIMIT, rows.shape[1]))
    keep_rows_fixed(model, trained=len(SPECIAL_TOKENS))
    model.generation_config = greedy(config)
    return model


def keep_rows_fixed(model: BlenderbotForConditionalGeneration, trained: int) -> None:
    """Let no gradient reach the word vectors after the first `trained` rows (AdamW without decay then leaves them)."""
    weight = model.model.shared.weight
    mask = torch.zeros(weight.shape[0], 1)
    mask[:trained] = 1.0
    weight.register_hook(lambda gradient: gradient * mask.to(gradient.device))


def tunable(base: str) -> tuple[BlenderbotForConditionalGeneration, PreTrainedTokenizerBase]:
    """Any Blender checkpoint and its tokenizer, made ready to learn the control tokens."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_special_tokens({"extra_special_tokens": list(CONTROL_TOKENS)})
    model = BlenderbotForConditionalGeneration.from_pretrained(base, use_safetensors=True)
    if len(tokenizer) > model.config.vocab_size:
        model.resize_token_embeddings(len(tokenizer))
    model.generation_config = greedy(model.config)
    return model, tokenizer


def export(
    model: BlenderbotForConditionalGeneration, tokenizer: PreTrainedTokenizerBase, folder: Path, card: str
) -> None:
    """Write a float16 safetensors folder for serving, with its tokenizer and model card."""
    half = BlenderbotForConditionalGeneration(model.config)
    half.load_state_dict(model.state_dict())
    half.generation_config = greedy(model.config)
    plain: torch.nn.Module = half
    plain.to(torch.float16)
    half.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "README.md").write_text(card, encoding="utf-8")


def _sinusoids(positions: int, width: int) -> Tensor:
    """Sine and cosine position vectors, (positions, width)."""
    frequencies = 1e4 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(positions)[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)
