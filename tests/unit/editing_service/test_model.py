"""Loading a model folder, and what the model remembers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from editing_service.failures import UnusableModel
from editing_service.model import EditingModel, load_model
from editing_service.model_folder import ModelDefaults
from tests.editing_models import SIDE, make_picture, make_pipeline


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """Copy the tiny model, to be spoiled."""
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def rewrite(file: Path, **changes: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_a_folder_without_defaults_gets_those_of_instruct_pix2pix(model: EditingModel) -> None:
    assert model.defaults == ModelDefaults(20, 7.5, 1.5, 512, "")


def test_the_folder_says_its_defaults_and_its_name(folder: Path) -> None:
    said = {"steps": 3, "text_guidance_scale": 1.5, "image_guidance_scale": 1.0, "resolution": SIDE, "name": "tiny"}
    (folder / "dialogpaint.json").write_text(json.dumps(said))
    model = load_model(str(folder), "cpu")
    assert model.defaults == ModelDefaults(3, 1.5, 1.0, SIDE, "tiny")
    assert model.name == "tiny"


def test_half_precision_weights_are_served_in_the_chosen_type(tmp_path: Path) -> None:
    make_pipeline().to(torch.float16).save_pretrained(tmp_path)
    model = load_model(str(tmp_path), "cpu", "float32")
    assert model.no_prompt.dtype == torch.float32


def test_the_digest_tells_models_apart(model_folder: Path, folder: Path, model: EditingModel) -> None:
    assert load_model(str(model_folder), "cpu").digest == model.digest
    make_pipeline(vae="full").vae.save_pretrained(folder / "vae")
    assert load_model(str(folder), "cpu").digest != model.digest


def test_sides_survive_the_autoencoder_and_every_level_of_the_unet(model: EditingModel) -> None:
    assert (model.vae_scale_factor, model.multiple) == (8, 16)


def test_warming_up_runs_every_part(folder: Path) -> None:
    (folder / "dialogpaint.json").write_text(json.dumps({"resolution": SIDE}))
    load_model(str(folder), "cpu").warm_up()


def test_a_picture_is_encoded_once_and_known_by_its_hash(folder: Path) -> None:
    model = load_model(str(folder), "cpu")
    pixels = np.asarray(make_picture(1))
    with torch.inference_mode():
        first = model.image_latents([("one", pixels), ("one", pixels)])
        again = model.image_latents([("one", np.zeros_like(pixels))])
        other = model.image_latents([("other", np.zeros_like(pixels))])
    assert torch.equal(first[0], first[1])
    assert torch.equal(first[0], again[0])
    assert not torch.equal(first[0], other[0])


def test_an_unknown_folder_is_refused() -> None:
    with pytest.raises(UnusableModel, match="neither a folder here nor a model that can be had"):
        load_model("no/such/folder/anywhere")


def test_another_pipeline_is_refused(folder: Path) -> None:
    rewrite(folder / "model_index.json", _class_name="StableDiffusionPipeline")
    with pytest.raises(UnusableModel, match="is a StableDiffusionPipeline, not a"):
        load_model(str(folder))


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableModel, match=r"has no .*model_index\.json"):
        load_model(str(tmp_path))


def test_a_unet_that_takes_no_picture_is_refused(folder: Path) -> None:
    rewrite(folder / "unet" / "config.json", in_channels=4)
    with pytest.raises(UnusableModel, match="has a U-Net for 4 channels"):
        load_model(str(folder))


def test_an_unknown_autoencoder_is_refused(folder: Path) -> None:
    rewrite(folder / "vae" / "config.json", _class_name="VQModel")
    with pytest.raises(UnusableModel, match="has a vae VQModel"):
        load_model(str(folder))


def test_pickled_weights_are_refused(folder: Path) -> None:
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(UnusableModel, match="weights must be safetensors"):
        load_model(str(folder))


@pytest.mark.parametrize(
    ("device", "dtype", "said"),
    [("warp", "auto", "not a device"), ("meta", "auto", "is not served"), ("cpu", "int8", "DTYPE=int8 is not one of")],
)
def test_a_device_or_type_that_is_none_is_refused(folder: Path, device: str, dtype: str, said: str) -> None:
    with pytest.raises(UnusableModel, match=said):
        load_model(str(folder), device, dtype)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_a_device_that_is_not_here_is_refused(folder: Path) -> None:
    with pytest.raises(UnusableModel, match="this machine has 0 CUDA devices"):
        load_model(str(folder), "cuda")


def test_a_control_token_that_somebody_typed_is_text(model: EditingModel) -> None:
    assert not torch.equal(model.prompt_embeds("<|endoftext|>"), model.no_prompt)
