import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderTiny, StableDiffusionInstructPix2PixPipeline

from training import latents
from training.autoencoder import AutoencoderSettings, build, crops
from training.editing import EditingSettings, draw_timesteps, export, train
from training.instruction_encoder import build_tokenizer, tokens
from training.latents import Pool, encode_pool


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny autoencoder and a few groups encoded with it; the folder holds both."""
    folder = tmp_path_factory.mktemp("pool")
    torch.manual_seed(0)
    model = build(AutoencoderSettings(channels=8, latent_channels=4, encoder_blocks=(0, 1, 1, 1)))
    model.save_pretrained(folder / "autoencoder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latents, "GROUPS_PER_SHARD", 30)
        encode_pool(AutoencoderTiny.from_pretrained(folder / "autoencoder"), folder / "latents", range(30))
    return folder


def test_crops_show_things() -> None:
    pictures, things = crops(random.Random(0), 8, 64)
    assert pictures.shape == (8, 3, 64, 64)
    assert (things.sum(dim=(1, 2, 3)) > 0).all()


def test_the_pool_gives_pairs_that_differ_where_its_mask_says(pool: Path) -> None:
    batch = Pool(pool / "latents").draw(random.Random(0), 16, dict.fromkeys(latents.POOL_WEIGHTS, 1.0))
    assert batch.sources.shape == batch.targets.shape == (16, 4, 16, 16)
    assert (batch.masks.sum(dim=(1, 2)) > 0).all()
    assert not torch.equal(batch.sources, batch.targets)


def test_half_of_the_timesteps_are_the_first_of_sampling() -> None:
    drawn = draw_timesteps(random.Random(0), 2000, 0.5, 2.0)
    assert 0.45 < float((drawn == 999).float().mean()) < 0.6
    assert int(drawn.min()) >= 0


def test_timesteps_without_a_lean_are_drawn_evenly() -> None:
    drawn = draw_timesteps(random.Random(0), 4000, 0.0, 1.0).float()
    assert 480 < float(drawn.mean()) < 520


def test_words_of_instructions_are_single_tokens_and_any_text_has_tokens(tmp_path: Path) -> None:
    tokenizer = build_tokenizer(tmp_path)
    assert len(tokenizer.tokenize("replace the ball with a green umbrella")) == 7
    assert tokenizer.unk_token_id not in tokenizer.encode("zebra!", add_special_tokens=False)
    assert tokens(tokenizer, ["", "paint the house orange"]).shape == (2, 20)


@pytest.mark.slow
def test_a_run_trains_resumes_and_exports_a_pipeline_that_diffusers_loads(pool: Path, tmp_path: Path) -> None:
    settings = EditingSettings(
        steps=2,
        batch_size=2,
        mixed_precision="no",
        widths=(32, 32, 32),
        text_width=64,
        autoencoder=str(pool / "autoencoder"),
        pool=str(pool / "latents"),
        evaluate_every=1000,
        log_every=1,
    )
    train(settings, tmp_path / "run")
    export(settings, tmp_path / "run", tmp_path / "pipeline")
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(tmp_path / "pipeline", safety_checker=None)
    assert pipeline.scheduler.config.prediction_type == "sample"
    assert (tmp_path / "pipeline" / "dialogpaint.json").exists()
    assert len((tmp_path / "run" / "train.csv").read_text().splitlines()) == 3

    tuned = replace(settings, base=str(tmp_path / "pipeline"), learning_rate=0.0, steps=1)
    train(tuned, tmp_path / "more")
    export(tuned, tmp_path / "more", tmp_path / "tuned")
    assert not [path for path in (tmp_path / "tuned").rglob("*.json") if str(tmp_path) in path.read_text()]
    again = StableDiffusionInstructPix2PixPipeline.from_pretrained(tmp_path / "tuned", safety_checker=None)
    for name, weight in pipeline.unet.state_dict().items():
        assert torch.equal(again.unet.state_dict()[name], weight), name


def test_settings_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="copier"):
        EditingSettings(prediction="v_prediction")


@pytest.mark.slow
def test_a_run_that_predicts_v_is_exported_as_such_and_not_otherwise(pool: Path, tmp_path: Path) -> None:
    settings = EditingSettings(
        steps=2, batch_size=2, mixed_precision="no", widths=(32, 32, 32), text_width=64, evaluate_every=1000,
        autoencoder=str(pool / "autoencoder"), pool=str(pool / "latents"),
        prediction="v_prediction", copier=False, taught_words=False,
    )  # fmt: skip
    train(settings, tmp_path / "run")
    with pytest.raises(ValueError, match="v_prediction"):
        export(replace(settings, prediction="sample"), tmp_path / "run", tmp_path / "wrong")
    export(settings, tmp_path / "run", tmp_path / "pipeline")
    pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(tmp_path / "pipeline", safety_checker=None)
    assert pipeline.scheduler.config.prediction_type == "v_prediction"
