"""A diffusers `StableDiffusionInstructPix2PixPipeline` folder: finding it, checking it, and its defaults."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from editing_service.failures import UnusableModel
from editing_service.guidance import GuidanceScales
from editing_service.repertoire import Repertoire

PIPELINE = "StableDiffusionInstructPix2PixPipeline"
DEFAULTS_FILE = "dialogpaint.json"
TINY_VAE, FULL_VAE = "AutoencoderTiny", "AutoencoderKL"
WEIGHTS = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
}
# Only what is read here: hub repositories also hold pickles and merged checkpoints of many gigabytes.
NEEDED_FILES = (
    "model_index.json",
    DEFAULTS_FILE,
    "scheduler/*.json",
    "tokenizer/*",
    *(f"{part}/{name}" for part, weights in WEIGHTS.items() for name in ("config.json", weights)),
)


@dataclass(frozen=True)
class ModelDefaults:
    """What an edit gets that doesn't say otherwise; InstructPix2Pix's own values unless the folder has others."""

    steps: int = 20
    text_guidance_scale: float = 7.5
    image_guidance_scale: float = 1.5
    resolution: int = 512
    name: str = ""
    carry_changes: bool = False  # read off what the edit changed, and change that in the source's own pixels
    words: Sequence[str] | None = None  # the only words it was taught; None where it reads any
    repertoire: Repertoire = field(default_factory=Repertoire)

    @property
    def scales(self) -> GuidanceScales:
        """Both guidance scales."""
        return GuidanceScales(self.text_guidance_scale, self.image_guidance_scale)


@dataclass(frozen=True)
class ModelFolder:
    """A folder on this machine that has been checked to be a model of the served architecture."""

    path: Path
    name: str
    has_tiny_vae: bool
    defaults: ModelDefaults

    def digest(self) -> str:
        """Hash all weights: the identity of the model that made a picture."""
        digest = hashlib.sha256()
        for part, weights in WEIGHTS.items():
            with (self.path / part / weights).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def open_model_folder(source: str) -> ModelFolder:
    """Find the folder or the hub id and check its architecture; raise UnusableModel with one clear line."""
    path = Path(source)
    if not path.is_dir():
        path = _download(source)
    index = _read_json(path / "model_index.json", source)
    if index.get("_class_name") != PIPELINE:
        raise UnusableModel(f"EDITING_MODEL={source} is a {index.get('_class_name')}, not a {PIPELINE}")
    for part, weights in WEIGHTS.items():
        if not (path / part / weights).is_file():
            raise UnusableModel(f"EDITING_MODEL={source} has no {part}/{weights}; weights must be safetensors")
    return ModelFolder(
        path=path,
        name=path.name if Path(source).is_dir() else source,
        has_tiny_vae=_check_parts(path, source),
        defaults=_read_defaults(path, source),
    )


def _download(source: str) -> Path:
    """Bring a hub id's files here, or take them from the local cache."""
    repository, _, revision = source.partition("@")
    try:
        return Path(snapshot_download(repository, revision=revision or None, allow_patterns=list(NEEDED_FILES)))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise UnusableModel(f"EDITING_MODEL={source} is neither a folder here nor a model that can be had") from error


def _check_parts(path: Path, source: str) -> bool:
    """Check that the parts fit together; answer whether the autoencoder is the tiny one."""
    unet = _read_json(path / "unet" / "config.json", source)
    vae = _read_json(path / "vae" / "config.json", source)
    if vae.get("_class_name") not in (TINY_VAE, FULL_VAE):
        raise UnusableModel(f"EDITING_MODEL={source} has a vae {vae.get('_class_name')}; use {TINY_VAE} or {FULL_VAE}")
    noisy, takes = vae.get("latent_channels", 4), unet.get("in_channels")
    if takes != 2 * noisy:
        raise UnusableModel(
            f"EDITING_MODEL={source} has a U-Net for {takes} channels; "
            f"editing needs {noisy} noisy ones and {noisy} of the picture"
        )
    return bool(vae["_class_name"] == TINY_VAE)


def _read_defaults(path: Path, source: str) -> ModelDefaults:
    if not (path / DEFAULTS_FILE).is_file():
        return ModelDefaults()
    known = {each.name for each in fields(ModelDefaults)}
    found = {name: value for name, value in _read_json(path / DEFAULTS_FILE, source).items() if name in known}
    if "repertoire" in found:
        found["repertoire"] = _repertoire(found["repertoire"], source)
    return ModelDefaults(**found)


def _repertoire(record: Any, source: str) -> Repertoire:
    try:
        return Repertoire.from_json(record)
    except ValueError as error:
        wrong = "; ".join(str(error).splitlines()[1:3])
        raise UnusableModel(f"EDITING_MODEL={source}: {DEFAULTS_FILE} has no readable repertoire: {wrong}") from error


def _read_json(path: Path, source: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UnusableModel(f"EDITING_MODEL={source} has no {path.parent.name}/{path.name}") from error
    except (OSError, ValueError) as error:
        raise UnusableModel(f"EDITING_MODEL={source}: {path.name} can't be read: {error}") from error
    return found
