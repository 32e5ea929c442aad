"""A Blender's encoder that starts as MiniLM's first layers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertModel

from tests.dialogue_models import WIDTH, save_minilm, word_pieces
from training.dialogue_model import BlenderShape, build_blender
from training.minilm_encoder import DoesNotFit, start_as_minilm
from training.tokenizer import SPECIAL_TOKENS, build_tokenizer, embedding_rows

PIECES = word_pieces()
TEXTS = torch.randint(40, len(PIECES), (6, 9), generator=torch.Generator().manual_seed(1))
"""Rows of MiniLM's table; the same pieces stand `len(SPECIAL_TOKENS)` rows later in Blender's."""
MASK = torch.ones_like(TEXTS)


@pytest.mark.parametrize("layers", [1, 2])
def test_its_states_are_minilms(tmp_path: Path, layers: int) -> None:
    folder = save_minilm(tmp_path)
    model = build_blender(
        BlenderShape(layers, 48, 2, 1, 32, 2), embedding_rows(folder, PIECES), build_tokenizer(PIECES)
    )
    ours = TEXTS + len(SPECIAL_TOKENS)
    start_as_minilm(model, folder, PIECES, ours, MASK)
    with torch.no_grad():
        found = model.eval().model.encoder(ours, attention_mask=MASK).last_hidden_state
        bert = BertModel.from_pretrained(folder).eval()
        expected = bert(TEXTS, attention_mask=MASK, output_hidden_states=True).hidden_states[layers]
    alike = torch.cosine_similarity(found, expected, dim=-1)
    assert alike.min() > 0.95
    stranger = torch.cosine_similarity(found, expected.roll(1, dims=0), dim=-1)
    assert stranger.mean() < 0.8


def test_control_tokens_start_near_minilms_own_marks_and_apart(tmp_path: Path) -> None:
    folder = save_minilm(tmp_path)
    model = build_blender(BlenderShape(1, 48, 2, 1, 32, 2), embedding_rows(folder, PIECES), build_tokenizer(PIECES))
    start_as_minilm(model, folder, PIECES, TEXTS + len(SPECIAL_TOKENS), MASK)
    rows = model.model.shared.weight[: len(SPECIAL_TOKENS)].detach()
    assert rows.unique(dim=0).shape == rows.shape


def test_another_shape_is_refused(tmp_path: Path) -> None:
    folder = save_minilm(tmp_path)
    tokenizer, rows = build_tokenizer(PIECES), embedding_rows(folder, PIECES)
    for shape, message in (
        (BlenderShape(1, WIDTH, 2, 1, 32, 2), "want width"),
        (BlenderShape(3, 48, 2, 1, 32, 2), "not 3"),
    ):
        model = build_blender(shape, rows, tokenizer)
        with pytest.raises(DoesNotFit, match=message):
            start_as_minilm(model, folder, PIECES, TEXTS, MASK)
