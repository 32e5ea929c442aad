"""Which model is served: where its files lie, what they must be, and the device and number type it runs with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from transformers import AutoConfig, BlenderbotConfig, BlenderbotForConditionalGeneration

FEWEST_POSITIONS = 96
_FILES = ["*.json", "*.safetensors", "*.txt"]
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class ModelUnusable(RuntimeError):
    """The configured model cannot be served; the message says why in one line."""


def device_for(wanted: str) -> torch.device:
    """The device a setting names; `auto` is a GPU where there is one."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise ModelUnusable("DEVICE=cuda, but there is no CUDA device here; use auto or cpu")
    try:
        return torch.device(wanted)
    except RuntimeError as error:
        raise ModelUnusable(f"DEVICE={wanted} is no device; use auto, cpu or cuda") from error


def dtype_for(wanted: str, device: torch.device) -> torch.dtype:
    """The number type a setting names; `auto` is bfloat16 on a GPU and float32 elsewhere."""
    if wanted == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    if wanted not in _DTYPES:
        raise ModelUnusable(f"DTYPE={wanted} is no dtype; use auto, {', '.join(_DTYPES)}")
    return _DTYPES[wanted]


def folder_of(name: str) -> Path:
    """The local folder of a model, downloaded where the name is a hub id."""
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    try:
        return Path(snapshot_download(repository, revision=revision or None, allow_patterns=_FILES))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise ModelUnusable(f"the dialogue model {name} is neither a folder nor a model id within reach") from error


def config_of(folder: Path, name: str) -> BlenderbotConfig:
    """A folder's configuration, if it is one of a Blenderbot that reads enough."""
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise ModelUnusable(f"the dialogue model {name} has no readable config.json") from error
    if not isinstance(config, BlenderbotConfig):
        raise ModelUnusable(f"the dialogue model {name} is a {config.model_type}, not a Blenderbot")
    if config.max_position_embeddings < FEWEST_POSITIONS:
        raise ModelUnusable(f"the dialogue model {name} holds fewer than {FEWEST_POSITIONS} positions")
    return config


def weights_of(folder: Path, name: str) -> list[Path]:
    """The files that hold a folder's weights, in the order of their names."""
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise ModelUnusable(f"the dialogue model {name} holds no safetensors weights")
    return weights


def model_of(
    folder: Path, config: BlenderbotConfig, dtype: torch.dtype, device: torch.device
) -> BlenderbotForConditionalGeneration:
    """The model with every weight read from the folder; raises ValueError where one is missing."""
    model: BlenderbotForConditionalGeneration
    model, told = BlenderbotForConditionalGeneration.from_pretrained(
        folder, config=config, dtype=dtype, use_safetensors=True, local_files_only=True, output_loading_info=True
    )
    if told["missing_keys"]:
        raise ValueError(f"the weights lack {min(told['missing_keys'])}")
    plain: torch.nn.Module = model  # transformers leaves `to` and `eval` untyped
    plain.to(device)
    plain.eval()
    return model


def memory_taken(device: torch.device) -> int:
    """Bytes that this process holds on a GPU; 0 for what is no GPU."""
    return torch.cuda.memory_reserved(device) if device.type == "cuda" else 0


def digest_served_as(name: str) -> str:
    """The digest of the weights that a model's name stands for now; raises ModelUnusable."""
    return digest_of(weights_of(folder_of(name), name))


def digest_of(files: Sequence[Path]) -> str:
    """SHA-256 over the weight files, in the order of their names."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return f"sha256:{digest.hexdigest()}"
