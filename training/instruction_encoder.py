"""The mini editor's text side: a CLIP tokenizer with the words of the instructions, and a small CLIP text encoder.

The encoder is first taught for a few seconds to name what an instruction says (family, kind, colour, side …),
so that the editor starts from embeddings that already tell instructions apart.
"""

from __future__ import annotations

import json
import random
from dataclasses import fields
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.trainers import BpeTrainer
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from training.datasets.changes import FAMILIES, Change, family_of, possible_changes, sample_change
from training.datasets.instructions import phrase
from training.datasets.world import COLOURS, KINDS, Scene, sample_scene

MAX_TOKENS = 20
"""Positions of the text encoder: the longest wording has 14 words."""
_BOS, _EOS = "<|startoftext|>", "<|endoftext|>"


def build_tokenizer(folder: Path) -> CLIPTokenizer:
    """Learn byte pairs on every wording until whole words are tokens; any other text still falls apart into letters."""
    rng = random.Random(0)
    corpus = [phrase(change, variant) for change in _many_changes(rng) for variant in (None, rng, rng)]
    model = Tokenizer(BPE(unk_token=_EOS, end_of_word_suffix="</w>"))
    model.normalizer, model.pre_tokenizer = Lowercase(), Whitespace()
    alphabet = [chr(code) for code in range(33, 127)]
    letters = alphabet + [f"{letter}</w>" for letter in alphabet]
    model.train_from_iterator(
        corpus, BpeTrainer(vocab_size=2000, min_frequency=2, initial_alphabet=alphabet, end_of_word_suffix="</w>")
    )
    model.model.save(str(folder))
    return _clip_tokenizer(letters, folder)


def _clip_tokenizer(letters: list[str], folder: Path) -> CLIPTokenizer:
    learnt = json.loads((folder / "vocab.json").read_text())
    words = sorted((word for word in learnt if word not in letters), key=lambda word: learnt[word])
    vocabulary = {word: i for i, word in enumerate([*letters, *words, _BOS, _EOS])}
    merges = (folder / "merges.txt").read_text().splitlines()
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    pairs = [tuple(line.split(" ")) for line in merges if line and not line.startswith("#version")]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in pairs) + "\n")
    special = {"bos_token": _BOS, "eos_token": _EOS, "pad_token": _EOS, "unk_token": _EOS}
    return CLIPTokenizer(vocab=vocabulary, merges=pairs, model_max_length=MAX_TOKENS, **special)


def build_encoder(tokenizer: CLIPTokenizer, width: int = 128, layers: int = 2) -> CLIPTextModel:
    """An untrained CLIP text encoder for the tokenizer's vocabulary."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=layers,
            num_attention_heads=4,
            max_position_embeddings=MAX_TOKENS,
            projection_dim=width,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def tokens(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """Token ids as the pipeline makes them, (texts, MAX_TOKENS)."""
    encoded = tokenizer(texts, padding="max_length", max_length=MAX_TOKENS, truncation=True, return_tensors="pt")
    ids: Tensor = encoded.input_ids
    return ids


def teach_words(encoder: CLIPTextModel, tokenizer: CLIPTokenizer, steps: int = 300, seed: int = 0) -> float:
    """Teach the encoder to name an instruction's family and slots; returns the share named right at the end."""
    rng = random.Random(seed)
    slots = {"family": len(FAMILIES), "kind": len(KINDS) + 1, "new_kind": len(KINDS) + 1, "colour": len(COLOURS) + 1}
    heads = nn.ModuleDict({name: nn.Linear(encoder.config.hidden_size, count) for name, count in slots.items()})
    optimizer = torch.optim.AdamW([*encoder.parameters(), *heads.parameters()], 1e-3)
    right = 0.0
    for _ in range(steps):
        changes = [sample_change(rng, sample_scene(rng)) for _ in range(64)]
        states = encoder(tokens(tokenizer, [phrase(change, rng) for change in changes])).pooler_output
        labels = {name: torch.tensor([_label(change, name) for change in changes]) for name in slots}
        scores = {name: head(states) for name, head in heads.items()}
        loss = torch.stack([F.cross_entropy(scores[name], labels[name]) for name in slots]).sum()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        correct = torch.stack([scores[name].argmax(dim=1) == labels[name] for name in slots]).all(dim=0)
        right = 0.95 * right + 0.05 * float(correct.float().mean())
    return right


def _label(change: Change, slot: str) -> int:
    if slot == "family":
        return list(FAMILIES).index(family_of(change))
    values = {field.name: getattr(change, field.name) for field in fields(change)}
    words = COLOURS if slot == "colour" else KINDS
    return words.index(values[slot]) + 1 if values.get(slot) else 0


def _many_changes(rng: random.Random) -> list[Change]:
    changes: list[Change] = []
    for _ in range(40):
        changes += rng.sample(possible_changes(sample_scene(rng)), 100)
    return changes + possible_changes(Scene(style="negative", time="sunset", weather="rain"))
