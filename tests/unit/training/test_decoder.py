"""Teaching the decoder alone: it grows without a change, its encoder stays, and the editor's own words are lessons."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny

from training import predictions
from training.autoencoder import AutoencoderSettings, build
from training.critic import Critic
from training.decoder import DecoderSettings, export, grown, train
from training.predictions import Predictor, read_lessons, write_shard

BLOCKS = (0, 1, 1, 1)


@pytest.fixture
def autoencoder() -> AutoencoderTiny:
    """A small untrained autoencoder."""
    torch.manual_seed(0)
    return build(AutoencoderSettings(channels=8, latent_channels=4, encoder_blocks=BLOCKS))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards of four edits."""
    monkeypatch.setattr(predictions, "SHARD", 4)
    monkeypatch.setattr(predictions, "ROWS", 2)


def test_a_decoder_that_grew_draws_the_same_pictures(autoencoder: AutoencoderTiny) -> None:
    larger = grown(autoencoder, (3, 2, 1, 0))
    latents = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
    assert torch.equal(larger.decoder(latents), autoencoder.decoder(latents))
    assert tuple(larger.config.num_decoder_blocks) == (3, 2, 1, 0)


@pytest.mark.parametrize("blocks", [(0, 1, 1, 0), (1, 1, 1, 1)])
def test_a_decoder_neither_shrinks_nor_gets_new_levels(autoencoder: AutoencoderTiny, blocks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no decoder with blocks"):
        grown(autoencoder, blocks)


def test_training_changes_the_decoder_alone(autoencoder: AutoencoderTiny, tmp_path: Path) -> None:
    autoencoder.save_pretrained(tmp_path / "before")
    settings = DecoderSettings(
        autoencoder=str(tmp_path / "before"), blocks=(1, 2, 1, 0), steps=2, batch_size=2, mixed_precision="no",
        warmup_steps=1, evaluate_every=2, log_every=1,
    )  # fmt: skip
    trained = AutoencoderTiny.from_pretrained(train(settings, tmp_path / "run"))
    for name, weight in autoencoder.encoder.state_dict().items():
        assert torch.equal(trained.encoder.state_dict()[name], weight), name
    before, after = autoencoder.decoder.state_dict(), trained.decoder.state_dict()
    assert any(not torch.equal(after[name], weight) for name, weight in before.items())
    assert (tmp_path / "run" / "grid-000002.png").exists()


def test_a_run_with_a_critic_goes_on_where_it_stopped(autoencoder: AutoencoderTiny, tmp_path: Path) -> None:
    autoencoder.save_pretrained(tmp_path / "before")
    settings = DecoderSettings(
        autoencoder=str(tmp_path / "before"), blocks=(1, 2, 1, 0), steps=4, batch_size=2, mixed_precision="no",
        warmup_steps=1, evaluate_every=100, save_every=2, critic_weight=1.0, critic_alone=1,
    )  # fmt: skip
    whole = AutoencoderTiny.from_pretrained(train(settings, tmp_path / "whole")).decoder.state_dict()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Critic, "learn", broken_at(4))
        with pytest.raises(KeyboardInterrupt):
            train(settings, tmp_path / "parts")
    parts = AutoencoderTiny.from_pretrained(train(settings, tmp_path / "parts")).decoder.state_dict()
    alone = replace(settings, critic_weight=0.0)
    without = AutoencoderTiny.from_pretrained(train(alone, tmp_path / "without")).decoder.state_dict()
    for name, weight in whole.items():
        assert torch.equal(parts[name], weight), name
    assert any(not torch.equal(without[name], weight) for name, weight in whole.items())


def broken_at(call: int) -> Callable[[Critic, torch.Tensor, torch.Tensor], float]:
    """A critic's `learn` that dies at its so-manieth call."""
    calls, learn = itertools.count(1), Critic.learn

    def unlucky(critic: Critic, true: torch.Tensor, drawn: torch.Tensor) -> float:
        if next(calls) == call:
            raise KeyboardInterrupt
        return learn(critic, true, drawn)

    return unlucky


def test_a_critic_learns_what_is_drawn_and_says_which_way_is_true() -> None:
    torch.manual_seed(0)
    critic = Critic(1e-3, width=8)
    true, drawn = torch.rand(8, 3, 32, 32), torch.rand(8, 3, 32, 32) - 0.4
    fooled = [critic.learn(true, drawn) for _ in range(80)]
    assert fooled[-1] < 0.1
    drawn.requires_grad_(True)
    torch.autograd.backward(critic.objection(drawn))
    assert drawn.grad is not None
    assert float(drawn.grad.mean()) < 0  # brighter is truer


@pytest.mark.usefixtures("few")
def test_what_the_editor_says_becomes_lessons(tmp_path: Path) -> None:
    predictor = Predictor(Path("checkpoints/mini-editor"))
    write_shard(predictor, tmp_path, 0)
    write_shard(predictor, tmp_path, 1)
    lessons = read_lessons(tmp_path)
    assert lessons.latents.shape == (8, 12, 16, 16)
    assert lessons.pictures.shape == (8, 128, 128, 3)
    assert lessons.masks.any(axis=(1, 2)).all()
    drawn = np.stack([np.asarray(picture) for picture in predictor.pictures(lessons.latents.float())])
    assert np.abs(drawn.astype(int) - lessons.pictures).mean() < 20  # they stand for the pictures beside them
    latents, pictures, things = lessons.crops(random.Random(0), 5, side=64)
    assert (latents.shape, pictures.shape, things.shape) == ((5, 12, 8, 8), (5, 3, 64, 64), (5, 1, 64, 64))
    assert (things.sum(dim=(1, 2, 3)) > 0).all()


@pytest.mark.usefixtures("few")
def test_a_shard_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shard-0000.npz").write_bytes(b"kept")
    write_shard(Predictor(Path("checkpoints/mini-editor")), tmp_path, 0)
    assert (tmp_path / "shard-0000.npz").read_bytes() == b"kept"


def test_a_folder_without_predictions_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no predictions"):
        read_lessons(tmp_path)


def test_a_trained_decoder_goes_into_the_editors_folder(autoencoder: AutoencoderTiny, tmp_path: Path) -> None:
    autoencoder.save_pretrained(tmp_path / "run" / "model")
    export(tmp_path / "run", tmp_path / "editor")
    assert AutoencoderTiny.from_pretrained(tmp_path / "editor" / "vae", dtype=torch.float16).dtype == torch.float16


def test_nothing_trained_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no trained decoder"):
        export(tmp_path, tmp_path / "editor")
