import csv
import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from editing_service.model import load_model
from shared.schemas.operations import EditingModel
from tests.edit_sets import save_triples
from tests.editing_models import SIDE, save_pipeline
from tests.painting_models import make_painter, save_painter
from training.edit_batches import EditSet
from training.edit_network import UnusableBase, export, words_of
from training.run import Run
from training.tuning import Tuner, TuningSettings, frozen_type, main, train, write_checkpoint

SETTINGS = TuningSettings(
    steps=4, batch_size=2, warmup_steps=1, mixed_precision="no", save_every=100, evaluate_every=100, log_every=1,
    learning_rate=1e-2, resolution=SIDE, readers=1, check_batches=1, look_steps=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("tuning")
    bases = {name: save_pipeline(folder / name, name, "full") for name in ("ddim-epsilon", "ddim-v")}
    sample = save_pipeline(folder / "ddim-sample")
    (sample / "dialogpaint.json").write_text('{"name": "base", "steps": 3}')
    return {
        **bases,
        "ddim-sample": sample,
        "painter": save_painter(folder / "painter"),
        "data": save_triples(folder / "data"),
        "cache": folder / "cache",
    }


def tuner(folders: dict[str, Path], base: str = "ddim-epsilon", **other: Any) -> Tuner:
    return Tuner(replace(SETTINGS, base=str(folders[base]), data=str(folders["data"]), **other))


def batch(folders: dict[str, Path], count: int = 4) -> Any:
    return EditSet(folders["data"], "train", SIDE, folders["cache"]).batch(0, 0, count)


def weights(module: torch.nn.Module) -> Tensor:
    return torch.cat([weight.detach().flatten().clone() for weight in module.parameters()])


@pytest.mark.parametrize("base", ["ddim-epsilon", "ddim-v", "ddim-sample"])
def test_the_target_is_what_the_scheduler_says(folders: dict[str, Path], base: str) -> None:
    made = tuner(folders, base)
    noisy = made.noisy(batch(folders), seed=3, drop=False)
    kept = made.base.noise.alphas_cumprod[noisy.timesteps].view(-1, 1, 1, 1)
    mixed = noisy.rows[:, :4]
    if base == "ddim-epsilon":  # mixed = sqrt(kept) x + sqrt(1 - kept) noise
        latents = (mixed - (1 - kept).sqrt() * noisy.target) / kept.sqrt()
    elif base == "ddim-v":  # v = sqrt(kept) noise - sqrt(1 - kept) x, so x = sqrt(kept) mixed - sqrt(1 - kept) v
        latents = kept.sqrt() * mixed - (1 - kept).sqrt() * noisy.target
    else:
        latents = noisy.target
    vae = made.base.pipeline.vae
    encoded = vae.encode(batch(folders).edited)
    if base == "ddim-sample":
        assert torch.allclose(latents, encoded.latents * vae.config.scaling_factor, atol=1e-4)
    else:
        away = (latents / vae.config.scaling_factor - encoded.latent_dist.mean) / encoded.latent_dist.std
        assert 0.7 < float(away.std()) < 1.3  # drawn from the encoder's distribution


def test_the_picture_is_the_mode_of_the_encoder_unscaled(folders: dict[str, Path]) -> None:
    made = tuner(folders)
    examples = batch(folders)
    rows = made.noisy(examples, seed=3, drop=False).rows
    assert torch.allclose(rows[:, 4:], made.base.pipeline.vae.encode(examples.originals).latent_dist.mode(), atol=1e-5)


def test_each_condition_is_dropped_as_often_as_told(folders: dict[str, Path]) -> None:
    made = tuner(folders, text_dropout=0.1, both_dropout=0.05, picture_dropout=0.2)
    text, picture = (torch.tensor(lost) for lost in made._dropped(torch.linspace(0, 0.9999, 1000)))
    assert int((text & ~picture).sum()) == pytest.approx(100, abs=1)
    assert int((text & picture).sum()) == pytest.approx(50, abs=1)
    assert int((~text & picture).sum()) == pytest.approx(200, abs=1)


def test_a_dropped_condition_is_the_empty_text_and_the_zero_picture(folders: dict[str, Path]) -> None:
    made = tuner(folders, text_dropout=0.0, both_dropout=1.0, picture_dropout=0.0)
    noisy = made.noisy(batch(folders), seed=3)
    assert not noisy.rows[:, 4:].any()
    assert torch.equal(noisy.states, made._states([""] * 4))


def test_training_lowers_the_loss_and_logs_and_draws_a_check(folders: dict[str, Path], tmp_path: Path) -> None:
    made = tuner(folders, "ddim-sample", steps=40, evaluate_every=20, gradient_accumulation=2, ema_decay=0.9)
    train(made, tmp_path, folders["cache"])
    with (tmp_path / "train.csv").open() as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    assert len(losses) == 40
    assert sum(losses[-8:]) < 0.8 * sum(losses[:8])
    with (tmp_path / "check.csv").open() as file:
        first, last = (float(row["loss"]) for row in csv.DictReader(file))
    assert last < first
    with Image.open(tmp_path / "pictures-000040.png") as grid:
        assert grid.size == (3 * SIDE, 4 * SIDE)


@pytest.mark.parametrize("rank", [0, 2])
def test_an_interrupted_run_ends_as_an_uninterrupted_one(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rank: int
) -> None:
    whole = tuner(folders, lora_rank=rank)
    train(whole, tmp_path / "whole", folders["cache"])
    learn = Run.learn

    def stop(self: Run, loss: Tensor) -> None:
        learn(self, loss)
        if self.step == 1:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Run, "learn", stop)
    with pytest.raises(SystemExit, match="the same command goes on"):
        train(tuner(folders, lora_rank=rank), tmp_path / "parts", folders["cache"])
    resumed = tuner(folders, lora_rank=rank)
    train(resumed, tmp_path / "parts", folders["cache"])
    assert torch.equal(weights(whole.trained), weights(resumed.trained))
    assert not torch.equal(weights(whole.trained), weights(tuner(folders, lora_rank=rank).trained))


def test_accumulated_gradients_are_the_mean_of_the_parts(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Tensor] = []

    def keep(self: Run, loss: Tensor) -> None:
        self.accelerator.backward(loss)
        found.append(torch.cat([weight.grad.flatten() for weight in self.model.parameters()]))

    monkeypatch.setattr(Run, "learn", keep)
    made = tuner(folders, steps=1, gradient_accumulation=3)
    train(made, tmp_path, folders["cache"])
    again = tuner(folders)
    edits = EditSet(folders["data"], "train", SIDE, folders["cache"])
    losses = [again.loss(again.unet, again.noisy(edits.batch(0, 2 * part, 2), part)) for part in range(3)]
    (sum(losses) / 3).backward()  # type: ignore[union-attr]
    wanted = torch.cat([weight.grad.flatten() for weight in again.unet.parameters() if weight.grad is not None])
    assert torch.allclose(found[0], wanted, atol=1e-5)


def test_lora_trains_its_own_weights_alone_and_merges_into_what_it_trained(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    made = tuner(folders, lora_rank=2, ema_decay=0.0, learning_rate=0.1)
    frozen = {name: weight.clone() for name, weight in made.unet.named_parameters() if not weight.requires_grad}
    train(made, tmp_path / "run", folders["cache"])
    for name, weight in made.unet.named_parameters():
        if name in frozen:
            assert torch.equal(weight, frozen[name]), name
    saved = torch.load(tmp_path / "run" / "state" / "pytorch_model.bin", weights_only=True)
    assert set(saved) == set(dict(made.trained.named_parameters()))
    write_checkpoint(tuner(folders, lora_rank=2, ema_decay=0.0, learning_rate=0.1), tmp_path / "run", tmp_path / "ours")
    served = load_model(str(tmp_path / "ours"), "cpu", "float32")
    noisy = made.noisy(batch(folders), seed=3, drop=False)
    made.unet.eval()
    with torch.inference_mode():
        adapted = made.unet(noisy.rows, noisy.timesteps, noisy.states).sample
        merged = served.predict(noisy.rows, noisy.timesteps, noisy.states)
        before = tuner(folders).unet.eval()(noisy.rows, noisy.timesteps, noisy.states).sample
    assert torch.allclose(adapted, merged, atol=0.02)
    assert float((before - merged).abs().max()) > 0.1


def test_an_export_is_served_with_the_defaults_of_its_base_and_a_card(folders: dict[str, Path], tmp_path: Path) -> None:
    train(tuner(folders, "ddim-sample", steps=1), tmp_path / "run", folders["cache"])
    write_checkpoint(tuner(folders, "ddim-sample", steps=1), tmp_path / "run", tmp_path / "ours")
    assert load_model(str(tmp_path / "ours"), "cpu", "float32").defaults.steps == 3
    assert "name" not in json.loads((tmp_path / "ours" / "dialogpaint.json").read_text())
    assert "Nothing has been measured" in (tmp_path / "ours" / "README.md").read_text()


@pytest.mark.parametrize(
    ("words", "exported"), [(["paint", "the"], ["colours", "invert", "paint", "the"]), (None, None)]
)
def test_an_export_knows_the_words_of_its_base_and_those_it_was_tuned_on(
    folders: dict[str, Path], tmp_path: Path, words: list[str] | None, exported: list[str] | None
) -> None:
    shutil.copytree(folders["ddim-sample"], tmp_path / "base")
    (tmp_path / "base" / "dialogpaint.json").write_text(json.dumps({"words": words} if words else {"steps": 3}))
    made = tuner({**folders, "base": tmp_path / "base"}, "base", steps=1)
    train(made, tmp_path / "run", folders["cache"])
    write_checkpoint(made, tmp_path / "run", tmp_path / "ours")
    assert json.loads((tmp_path / "ours" / "dialogpaint.json").read_text()).get("words") == exported
    assert load_model(str(tmp_path / "ours"), "cpu", "float32").defaults.words == exported


def test_words_that_cannot_be_read_are_told_before_anything_is_written(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "dialogpaint.json").write_text(json.dumps({"words": ["paint"]}))
    with pytest.raises(UnusableBase, match="no train triples"):
        export(tuner(folders).base, tmp_path / "ours", tmp_path, tmp_path / "nothing", "a card")
    assert not (tmp_path / "ours").exists()


def test_words_are_told_apart_as_the_gateway_does() -> None:
    said = ["Paint the MOPED teal-green!", "añade 2 árboles; paint_it"]
    taught = words_of(said)
    assert taught == {"paint", "the", "moped", "teal", "green", "añade", "árboles", "it"}
    facts: dict[str, Any] = {"words": sorted(taught)}
    served = EditingModel.model_construct(**facts)
    assert [served.unknown_words(one) for one in said] == [[], []]


@pytest.mark.parametrize(
    ("precision", "device", "kind"),
    [
        ("bf16", "cuda", torch.bfloat16), ("fp16", "cuda", torch.float16), ("no", "cuda", torch.float32),
        ("bf16", "cpu", torch.float32), ("no", "cpu", torch.float32),
    ],
)  # fmt: skip
def test_what_is_not_trained_computes_in_what_accelerate_does_on_a_gpu(
    precision: str, device: str, kind: torch.dtype
) -> None:
    assert frozen_type(precision, device) is kind


def test_the_precision_is_the_one_that_auto_chose(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def keep(precision: Any, device: str) -> torch.dtype:
        asked.append((precision, device))
        return torch.float32

    monkeypatch.setattr("training.run.mixed_precision", lambda _on_cpu: "bf16")
    monkeypatch.setattr("training.tuning.frozen_type", keep)
    train(tuner(folders, steps=1, mixed_precision="auto"), tmp_path, folders["cache"])
    assert [precision for precision, _ in asked] == ["bf16"]


def test_a_text_to_image_model_begins_by_heeding_no_picture(folders: dict[str, Path]) -> None:
    made = tuner(folders, "painter")
    sample, states = torch.randn(2, 8, 4, 4), torch.randn(2, 5, 16)
    with torch.inference_mode():
        ours = made.unet.eval()(sample, 7, states).sample
        theirs = make_painter().unet(sample[:, :4], 7, states).sample
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert made.unet.config.in_channels == 8
    with pytest.raises(UnusableBase, match="as a whole"):
        tuner(folders, "painter", lora_rank=2)


def test_what_is_wrong_is_told(folders: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "run.yaml"
    config.write_text("steps: 1\nmixed_precision: 'no'\n")
    arguments = ["--config", str(config), "--output", str(tmp_path / "run")]
    assert main(arguments) == 2
    assert "base=" in capsys.readouterr().err
    assert main([*arguments, f"base={folders['ddim-v']}", f"data={tmp_path}"]) == 2
    assert "holds no train triples" in capsys.readouterr().err
    both = [f"base={folders['ddim-v']}", f"data={folders['data']}"]
    assert main([*arguments, *both, "--export", str(tmp_path / "ours")]) == 2
    assert "holds no training run" in capsys.readouterr().err
