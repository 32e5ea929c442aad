"""The mini's words."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer

from dialogue_service.history import CONTROL_TOKENS
from tests.dialogue_models import word_pieces, wordpiece_tokenizer
from training.tokenizer import SPECIAL_TOKENS, build_tokenizer, embedding_rows, pieces_of, prune


def test_every_printable_character_survives_pruning() -> None:
    vocabulary = prune(word_pieces(), 200)
    tokenizer = build_tokenizer(vocabulary)
    ids = tokenizer("zq~%x9 &k", add_special_tokens=False)["input_ids"]
    assert tokenizer.unk_token_id not in ids


def test_wanted_words_are_kept_before_frequent_ones() -> None:
    table = [*word_pieces(), "common", "rare"]
    pieces = prune(table, 10_000, ["rare"])
    assert pieces.index("rare") < pieces.index("house") < pieces.index("common")


def test_the_saved_tokenizer_is_one_that_auto_tokenizer_loads(tmp_path: Path) -> None:
    saved = wordpiece_tokenizer()
    saved.save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert pieces_of(loaded) == pieces_of(saved) == prune(word_pieces(), 500)
    assert (loaded.pad_token, loaded.bos_token, loaded.eos_token) == ("[PAD]", "<s>", "</s>")
    assert set(CONTROL_TOKENS) <= set(loaded.all_special_tokens)


def test_word_vectors_are_centred_with_mean_norm_one(tmp_path: Path) -> None:
    table = word_pieces()
    (tmp_path / "vocab.txt").write_text("\n".join(table) + "\n")
    weights = torch.randn(len(table), 16, generator=torch.Generator().manual_seed(1)) + 3
    save_file({"embeddings.word_embeddings.weight": weights}, tmp_path / "model.safetensors")
    pieces = prune(table, 150)
    words = embedding_rows(tmp_path, pieces)[len(SPECIAL_TOKENS) :]
    assert words.shape == (150, 16)
    assert words.mean(dim=0).abs().max() < 1e-6
    assert abs(words.norm(dim=1).mean() - 1) < 1e-6
    spread = weights[[table.index(piece) for piece in pieces]]
    assert torch.allclose(torch.cosine_similarity(words, spread - spread.mean(dim=0)), torch.ones(150))
