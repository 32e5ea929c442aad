"""Tiny, real Blenders and tokenizers, built in code for tests."""

from __future__ import annotations

import string
from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertModel,
    BlenderbotConfig,
    BlenderbotForConditionalGeneration,
    BlenderbotTokenizer,
    PreTrainedTokenizerBase,
)

from dialogue_service.history import CONTROL_TOKENS
from training.tokenizer import build_tokenizer, prune

WORDS = (
    "a the red blue green house ball tree car paint make remove which colour should be please in on left you welcome"
)
WIDTH = 32


def word_pieces() -> list[str]:
    """A WordPiece table: every printable character, alone and continued, and a few words."""
    characters = [character for character in string.printable.lower() if not character.isspace()]
    singles = list(dict.fromkeys(characters))
    return list(dict.fromkeys(["[PAD]", *singles, *(f"##{single}" for single in singles), *WORDS.split()]))


def wordpiece_tokenizer() -> PreTrainedTokenizerBase:
    """The mini's kind of tokenizer, over a few words."""
    return build_tokenizer(prune(word_pieces(), 500))


def bpe_tokenizer() -> PreTrainedTokenizerBase:
    """Blenderbot's own kind of tokenizer, over bytes and a few merges, with the control tokens added."""
    letters = [*map(chr, range(33, 127)), *map(chr, range(161, 173)), *map(chr, range(174, 256))]
    letters += [chr(256 + extra) for extra in range(68)]
    merges = [("Ġ", "r"), ("Ġr", "e"), ("Ġre", "d"), ("Ġ", "b"), ("Ġb", "a"), ("Ġba", "l"), ("Ġbal", "l")]
    pieces = ["<pad>", "<s>", "</s>", "<unk>", "<mask>", *letters, *("".join(pair) for pair in merges)]
    tokenizer = BlenderbotTokenizer(vocab={piece: index for index, piece in enumerate(pieces)}, merges=merges)
    tokenizer.add_special_tokens({"extra_special_tokens": list(CONTROL_TOKENS)})
    return tokenizer


def tiny_blender(tokenizer: PreTrainedTokenizerBase, seed: int = 0) -> BlenderbotForConditionalGeneration:
    """An untrained Blender over a tokenizer."""
    torch.manual_seed(seed)
    config = BlenderbotConfig(
        vocab_size=len(tokenizer), d_model=WIDTH, max_position_embeddings=128,
        encoder_layers=1, decoder_layers=1, encoder_ffn_dim=32, decoder_ffn_dim=32,
        encoder_attention_heads=2, decoder_attention_heads=2, forced_eos_token_id=None,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, decoder_start_token_id=tokenizer.bos_token_id,
    )  # fmt: skip
    return BlenderbotForConditionalGeneration(config)


def save_tiny(folder: Path, tokenizer: PreTrainedTokenizerBase) -> Path:
    """A model folder as the trainer's export writes it."""
    tiny_blender(tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_minilm(folder: Path, layers: int = 2) -> Path:
    """A folder like MiniLM's, untrained and a few words small."""
    table = [*word_pieces(), "[UNK]", "[CLS]", "[SEP]"]
    config = BertConfig(
        vocab_size=len(table), hidden_size=WIDTH, num_hidden_layers=layers, num_attention_heads=2,
        intermediate_size=48, max_position_embeddings=160,
    )  # fmt: skip
    torch.manual_seed(0)
    BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(table) + "\n")
    return folder
