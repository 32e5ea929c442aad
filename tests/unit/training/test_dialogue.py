"""Training the dialogue model, on a tiny MiniLM and for a few steps."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from dialogue_service.engine import load
from dialogue_service.history import HistoryEncoder
from tests.dialogue_models import (
    bpe_tokenizer,
    save_minilm,
    save_tiny,
    tiny_blender,
    word_pieces,
    wordpiece_tokenizer,
)
from training.datasets.dialogues import simulate
from training.dialogue import main
from training.dialogue_batches import IGNORED, BatchStream, Lessons
from training.dialogue_model import BlenderShape, build_blender, loss_of
from training.tokenizer import SPECIAL_TOKENS, build_tokenizer, embedding_rows, prune

CONFIG = """
steps: 6
batch_size: 4
warmup_steps: 1
weight_decay: 0.0
learning_rate: 1.0e-2
mixed_precision: "no"
vocabulary: 400
encoder_layers: 1
decoder_layers: 1
feed_forward: 32
heads: 2
missed: 2
check_examples: 4
random_words: 0.0
opening_steps: 1
log_every: 2
save_every: 100
evaluate_every: 3
"""


@pytest.fixture
def minilm(tmp_path: Path) -> Path:
    """A folder like MiniLM's."""
    return save_minilm(tmp_path / "minilm")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A YAML file of a short run."""
    path = tmp_path / "tiny.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the card rest on a handful of turns."""
    monkeypatch.setattr("training.dialogue.CARD_EXAMPLES", 4)


def train(config: Path, minilm: Path, output: Path, *more: str) -> None:
    main(["--config", str(config), "--minilm", str(minilm), "--output", str(output), *more])


def trained_weights(config: Path, minilm: Path, output: Path) -> dict[str, torch.Tensor]:
    train(config, minilm, output, "--export", str(output / "model"))
    return load_file(output / "model" / "model.safetensors")


def test_the_loss_is_that_of_the_model_itself() -> None:
    tokenizer = wordpiece_tokenizer()
    model = tiny_blender(tokenizer).eval()
    parts = BatchStream(Lessons(simulate), HistoryEncoder(tokenizer), tokenizer.pad_token_id, rows=4, seed=0).batch(0)
    for batch in parts:
        own = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=batch.labels).loss
        assert torch.allclose(loss_of(model, [batch], None), own, atol=1e-5)
        assert torch.allclose(loss_of(model, [batch], 4), own, atol=1e-5)
    tokens = [int((batch.labels != IGNORED).sum()) for batch in parts]
    losses = [loss_of(model, [batch], None).item() for batch in parts]
    mean = sum(count * loss for count, loss in zip(tokens, losses, strict=True)) / sum(tokens)
    assert loss_of(model, parts, None).item() == pytest.approx(mean, abs=1e-5)


def test_word_vectors_stay_and_special_tokens_learn(minilm: Path) -> None:
    vocabulary = prune(word_pieces(), 400)
    tokenizer = build_tokenizer(vocabulary)
    rows = embedding_rows(minilm, vocabulary)
    model = build_blender(BlenderShape(1, 32, 2, 1, 32, 2), rows, tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1, weight_decay=0.0)
    stream = BatchStream(Lessons(simulate), HistoryEncoder(tokenizer), tokenizer.pad_token_id, rows=4, seed=0)
    for step in range(2):
        torch.autograd.backward(loss_of(model, stream.batch(step), len(SPECIAL_TOKENS)))
        optimizer.step()
        optimizer.zero_grad()
    after = model.get_input_embeddings().weight.detach()
    assert torch.equal(after[len(SPECIAL_TOKENS) :], rows[len(SPECIAL_TOKENS) :])
    assert (after[4 : len(SPECIAL_TOKENS)] != rows[4 : len(SPECIAL_TOKENS)]).any(dim=1).all()


@pytest.mark.usefixtures("few_examples")
def test_an_interrupted_run_ends_in_the_same_weights(config: Path, minilm: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(config, minilm, whole, "--set", "save_every=3")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.dialogue.check", stop_for_good)
        with pytest.raises(KeyboardInterrupt):
            train(config, minilm, broken, "--set", "save_every=2")
    train(config, minilm, broken)
    expected = trained_weights(config, minilm, whole)
    for name, weight in trained_weights(config, minilm, broken).items():
        assert torch.equal(weight, expected[name]), name


def stop_for_good(*_: object) -> None:
    """Die in the middle of a run, after its last checkpoint."""
    raise KeyboardInterrupt


@pytest.mark.usefixtures("few_examples")
def test_what_is_exported_is_served_and_has_a_card(config: Path, minilm: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train(config, minilm, run)
    weights = trained_weights(config, minilm, run)
    assert {weight.dtype for weight in weights.values()} == {torch.float16}
    engine = load(str(run / "model"), device="cpu")
    engine.warm_up()
    assert engine.model.generation_config.encoder_no_repeat_ngram_size == 0
    card = (run / "model" / "README.md").read_text()
    assert "all-MiniLM-L6-v2" in card
    assert "Apache-2.0" in card


def test_accumulated_batches_are_all_learnt_from(config: Path, minilm: Path, tmp_path: Path) -> None:
    def direction(name: str, *more: str) -> torch.Tensor:
        train(config, minilm, tmp_path / name, "--set", "steps=1", "--set", "opening_steps=0", *more)
        moments = torch.load(tmp_path / name / "state" / "optimizer.bin")["state"].values()
        return torch.cat([moment["exp_avg"].flatten() for moment in moments])

    several, first = direction("several", "--set", "gradient_accumulation=2"), direction("first")
    assert several.isfinite().all()
    assert torch.cosine_similarity(several, first, dim=0) < 0.99  # neither scaling nor clipping turns a direction


def test_a_run_writes_its_losses_and_checks(config: Path, minilm: Path, tmp_path: Path) -> None:
    train(config, minilm, tmp_path / "run")
    losses = list(csv.DictReader((tmp_path / "run" / "train.csv").read_text().splitlines()))
    checks = list(csv.DictReader((tmp_path / "run" / "check.csv").read_text().splitlines()))
    assert len(losses) == 3
    assert len(checks) == 2
    assert set(checks[0]) == {"step", "kind", "instruction", "perplexity"}


@pytest.mark.usefixtures("few_examples")
def test_a_checkpoint_with_its_own_tokenizer_is_tuned(config: Path, tmp_path: Path) -> None:
    base = save_tiny(tmp_path / "base", bpe_tokenizer())
    run = tmp_path / "run"
    arguments = ["--config", str(config), "--output", str(run), "--set", f"base={base}", "--set", "steps=2"]
    main(arguments)
    main([*arguments, "--export", str(run / "model")])
    load(str(run / "model"), device="cpu").warm_up()


@pytest.mark.usefixtures("few_examples")
def test_a_mini_that_is_tuned_on_keeps_its_word_vectors(config: Path, minilm: Path, tmp_path: Path) -> None:
    first, run = tmp_path / "first", tmp_path / "run"
    train(config, minilm, first)
    before = trained_weights(config, minilm, first)["model.shared.weight"]
    more = ["--set", f"base={first / 'model'}", "--set", "steps=2"]
    train(config, minilm, run, *more)
    train(config, minilm, run, *more, "--export", str(run / "model"))
    after = load_file(run / "model" / "model.safetensors")["model.shared.weight"]
    assert torch.equal(after, before)
    assert "6 steps, then from those weights" in (run / "model" / "README.md").read_text()


def test_nothing_trained_cannot_be_exported(config: Path, minilm: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no training run to export"):
        train(config, minilm, tmp_path / "none", "--export", str(tmp_path / "model"))
