"""The mini dialogue model's words: MiniLM's WordPiece, pruned, with the control tokens, and its embedding table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from torch import Tensor
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from dialogue_service.history import CONTROL_TOKENS

PAD, START, END, UNKNOWN = "[PAD]", "<s>", "</s>", "[UNK]"
SPECIAL_TOKENS = (PAD, START, END, UNKNOWN, *CONTROL_TOKENS)
"""They take the first ids, so that the rows of the embedding table to train are its first rows."""

_PLAIN = re.compile(r"(##)?([a-z]+|[0-9])")
_SINGLE = re.compile(r"(##)?[!-~]")


def prune(table: list[str], size: int, wanted: Iterable[str] = ()) -> list[str]:
    """Keep about `size` pieces: every printable character, every wanted word, then the most frequent plain pieces.

    The table lists pieces by falling frequency, as MiniLM's `vocab.txt` does.
    """
    wanted_words = set(wanted)
    singles = [piece for piece in table if _SINGLE.fullmatch(piece)]
    asked = [piece for piece in table if piece in wanted_words]
    plain = [piece for piece in table if _PLAIN.fullmatch(piece)]
    return list(dict.fromkeys([*singles, *asked, *plain]))[:size]


def build_tokenizer(pieces: Sequence[str], max_length: int = 128) -> PreTrainedTokenizerFast:
    """A lower-casing WordPiece tokenizer over some pieces, ready to be saved for `AutoTokenizer`."""
    ids = {piece: index for index, piece in enumerate((*SPECIAL_TOKENS, *pieces))}
    backend = Tokenizer(models.WordPiece(ids, unk_token=UNKNOWN, max_input_chars_per_word=40))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece(cleanup=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token=START, eos_token=END, pad_token=PAD, unk_token=UNKNOWN,
        extra_special_tokens=list(CONTROL_TOKENS),
        model_max_length=max_length,
    )  # fmt: skip


def pieces_of(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """The pieces of a tokenizer that `build_tokenizer` made, in the order of their ids."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)[len(SPECIAL_TOKENS) :]


def read_table(folder: Path) -> list[str]:
    """The WordPiece table of a MiniLM folder, one piece a line."""
    return (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()


def embedding_rows(folder: Path, pieces: Sequence[str], seed: int = 0) -> Tensor:
    """MiniLM's vectors of some pieces, centred and of mean norm one, after random rows for the special tokens.

    Returns (special tokens + pieces, 384) in float32.
    """
    with safe_open(folder / "model.safetensors", framework="pt") as weights:
        whole: Tensor = weights.get_tensor("embeddings.word_embeddings.weight")
    places = {piece: index for index, piece in enumerate(read_table(folder))}
    words = whole[[places[piece] for piece in pieces]].float()
    words = words - words.mean(dim=0)
    words = words / words.norm(dim=1).mean()
    noise = torch.randn(len(SPECIAL_TOKENS), words.shape[1], generator=torch.Generator().manual_seed(seed))
    return torch.cat([noise / words.shape[1] ** 0.5, words])
