"""An encoder that learns MiniLM's own states."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.dialogue_models import save_minilm, word_pieces
from training.dialogue_batches import Batch
from training.dialogue_model import BlenderShape, build_blender
from training.minilm_distillation import learn_states, minilm_ids
from training.tokenizer import SPECIAL_TOKENS, build_tokenizer, embedding_rows, read_table

PIECES = word_pieces()


def texts(step: int) -> list[Batch]:
    """Some random words."""
    ids = torch.randint(4, 60, (8, 9), generator=torch.Generator().manual_seed(step)) + len(SPECIAL_TOKENS)
    return [Batch(ids, torch.ones_like(ids), ids)]


def test_its_states_become_minilms(tmp_path: Path) -> None:
    folder = save_minilm(tmp_path)
    model = build_blender(BlenderShape(2, 48, 2, 1, 32, 2), embedding_rows(folder, PIECES), build_tokenizer(PIECES))
    before = learn_states(model, folder, PIECES, texts, steps=1, learning_rate=0.0)
    words = model.model.shared.weight[len(SPECIAL_TOKENS) :].clone()
    after = learn_states(model, folder, PIECES, texts, steps=60, learning_rate=1e-2)
    assert after > before + 0.2
    assert torch.equal(model.model.shared.weight[len(SPECIAL_TOKENS) :], words)


def test_control_tokens_stand_for_minilms_marks(tmp_path: Path) -> None:
    folder = save_minilm(tmp_path)
    table = read_table(folder)
    theirs = [table[index] for index in minilm_ids(folder, ["the", "red"])]
    assert theirs[-2:] == ["the", "red"]
    marks = dict(zip(SPECIAL_TOKENS, theirs, strict=False))
    assert (marks["[user]"], marks["[scene]"], marks["</s>"]) == ("[CLS]", "[SEP]", "[SEP]")
