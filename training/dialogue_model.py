"""The mini Blender itself: built around MiniLM's word vectors, tuned from any checkpoint, exported for serving."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import (
    AutoTokenizer,
    BlenderbotConfig,
    BlenderbotForConditionalGeneration,
    PreTrainedTokenizerBase,
)

from dialogue_service.engine import greedy
from dialogue_service.history import CONTROL_TOKENS, LIMIT
from training.dialogue_batches import IGNORED, Batch
from training.tokenizer import SPECIAL_TOKENS

POSITION_SCALE = 0.3
"""Size of the initial (sinusoidal) position vectors beside word vectors whose entries have unit variance."""


@dataclass(frozen=True)
class BlenderShape:
    """How large a Blender to build; its width is that of the word vectors."""

    encoder_layers: int = 3
    encoder_feed_forward: int = 1536
    encoder_heads: int = 12
    decoder_layers: int = 3
    decoder_feed_forward: int = 1024
    decoder_heads: int = 6
    dropout: float = 0.0


def build_blender(
    shape: BlenderShape, rows: Tensor, tokenizer: PreTrainedTokenizerBase
) -> BlenderbotForConditionalGeneration:
    """An untrained Blender over word vectors (vocabulary, width) that stay as they are but for the special tokens.

    It starts as a copier: what its last layer reads from the input goes out as it is, so that before it has learnt
    anything it says the words it looks at. Which ones to look at is left to learn.
    """
    config = BlenderbotConfig(
        vocab_size=rows.shape[0], d_model=rows.shape[1], max_position_embeddings=LIMIT,
        encoder_layers=shape.encoder_layers, decoder_layers=shape.decoder_layers,
        encoder_ffn_dim=shape.encoder_feed_forward, decoder_ffn_dim=shape.decoder_feed_forward,
        encoder_attention_heads=shape.encoder_heads, decoder_attention_heads=shape.decoder_heads,
        dropout=shape.dropout, attention_dropout=0.0, activation_dropout=0.0,
        scale_embedding=True, tie_word_embeddings=True, init_std=rows.shape[1] ** -0.5,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, decoder_start_token_id=tokenizer.bos_token_id,
        forced_eos_token_id=None,
    )  # fmt: skip
    config._attn_implementation = "eager"  # twice as fast as sdpa on a CPU at this size
    model = BlenderbotForConditionalGeneration(config)
    with torch.no_grad():
        model.model.shared.weight.copy_(rows)
        for part in (model.model.encoder, model.model.decoder):
            part.embed_positions.weight.copy_(POSITION_SCALE * _sinusoids(LIMIT, rows.shape[1]))
        _hand_through(model.model.decoder.layers[-1].encoder_attn.v_proj)
        _hand_through(model.model.decoder.layers[-1].encoder_attn.out_proj)
    keep_rows_fixed(model, trained=len(SPECIAL_TOKENS))
    model.generation_config = greedy(config)
    return model


def loss_of(model: BlenderbotForConditionalGeneration, parts: Sequence[Batch], trained_rows: int | None) -> Tensor:
    """Mean loss per token of the answers in a batch: `learnt` without its word of which rows are wrong."""
    return learnt(model, parts, trained_rows)[0]


def learnt(
    model: BlenderbotForConditionalGeneration, parts: Sequence[Batch], trained_rows: int | None
) -> tuple[Tensor, list[Tensor]]:
    """The mean loss per token, worked out for the answers' tokens alone, and for each part which rows miss a token.

    Where only the first `trained_rows` of the tied table are trained, the others get no gradient to begin with.
    """
    tokens = sum(int((part.labels != IGNORED).sum()) for part in parts)
    losses, wrong = zip(*(_learnt_of_part(model, part, trained_rows) for part in parts), strict=True)
    return torch.stack(losses).sum() / tokens, list(wrong)


def _learnt_of_part(
    model: BlenderbotForConditionalGeneration, batch: Batch, trained_rows: int | None
) -> tuple[Tensor, Tensor]:
    """The summed loss of one part and, (rows,) bool, which of its answers are not what the model says itself."""
    device = model.device
    labels = batch.labels.to(device)
    decoded = model.model(
        input_ids=batch.input_ids.to(device),
        attention_mask=batch.attention_mask.to(device),
        decoder_input_ids=shifted(labels, model.config),
        use_cache=False,
    ).last_hidden_state
    told = labels != IGNORED
    hidden = decoded[told]  # (tokens, width)
    weight = model.lm_head.weight
    if trained_rows is None:
        logits = hidden @ weight.T
    else:
        logits = torch.cat([hidden @ weight[:trained_rows].T, hidden @ weight[trained_rows:].detach().T], dim=1)
    logits = logits.float() + model.final_logits_bias
    wrong = torch.zeros_like(told)
    wrong[told] = logits.detach().argmax(dim=1) != labels[told]
    return F.cross_entropy(logits, labels[told], reduction="sum"), wrong.any(dim=1)


def shifted(labels: Tensor, config: BlenderbotConfig) -> Tensor:
    """What the decoder reads: the start token, then the answer without its last id; (rows, answer length)."""
    start = torch.full_like(labels[:, :1], config.decoder_start_token_id)
    return torch.cat([start, labels[:, :-1].masked_fill(labels[:, :-1] == IGNORED, config.pad_token_id)], dim=1)


def keep_rows_fixed(model: BlenderbotForConditionalGeneration, trained: int) -> None:
    """Let no gradient reach the word vectors after the first `trained` rows (AdamW without decay then leaves them)."""
    weight = model.model.shared.weight
    mask = torch.zeros(weight.shape[0], 1)
    mask[:trained] = 1.0
    weight.register_hook(lambda gradient: gradient * mask.to(gradient.device))


def has_fixed_words(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether this is a mini's tokenizer: its special tokens come first, the vectors of all others stay MiniLM's."""
    first = tokenizer.convert_ids_to_tokens(list(range(len(SPECIAL_TOKENS))))
    return tuple(first) == SPECIAL_TOKENS


def tunable(base: str) -> tuple[BlenderbotForConditionalGeneration, PreTrainedTokenizerBase]:
    """Any Blender checkpoint and its tokenizer, made ready to learn the control tokens."""
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_special_tokens({"extra_special_tokens": list(CONTROL_TOKENS)})
    # eager: twice as fast as sdpa on a CPU at the mini's size
    model = BlenderbotForConditionalGeneration.from_pretrained(
        base, use_safetensors=True, dtype=torch.float32, attn_implementation="eager"
    )
    if has_fixed_words(tokenizer):
        # its special tokens were learnt with it: without a gradient for a table of words a step is a sixth shorter
        model.model.shared.weight.requires_grad_(False)
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


def _hand_through(layer: torch.nn.Linear) -> None:
    layer.weight.copy_(torch.eye(layer.in_features))
    layer.bias.zero_()


def _sinusoids(positions: int, width: int) -> Tensor:
    """Sine and cosine position vectors, (positions, width)."""
    frequencies = 1e4 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(positions)[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)
