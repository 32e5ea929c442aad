"""What the editor itself says of training scenes, kept on disk: the last lessons of its decoder.

python -m training.predictions --editor checkpoints/mini-editor --output var/training/predictions

Latents that a network predicts are a little wrong, and its decoder, having seen true ones alone, draws them mushy. Here
every scene gets two edits in a row, the second on the picture that the first one made, as in a conversation; pictures
of nothing in particular get one.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionInstructPix2PixPipeline
from diffusers.utils import logging
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from tqdm.auto import tqdm

from editing_service.images import Pixels
from training.datasets.changes import SetStyle, apply, sample_change
from training.datasets.drawing import change_mask, render
from training.datasets.edits import scene_rng
from training.datasets.instructions import phrase
from training.datasets.textures import ANYWHERE, after, texture
from training.datasets.world import Scene, sample_scene
from training.latents import FACTOR

SHARD = 240
ROWS = 24
SEED = 11
"""The scenes of these lessons are others than those of the editor's own."""
KINDS_OF_EDIT: dict[str, float] = {
    "recolour": 4, "replace": 4, "remove": 2, "add": 4, "resize": 3, "style": 2, "place": 2, "time": 2, "weather": 1,
    "light": 1,
}  # fmt: skip
"""Families drawn, and how often."""
REDRAWN, NEW_LINES = (SetStyle("pixel art"), SetStyle("pencil sketch")), 3
"""Edits whose lines and blocks no source has, and how often they come beside the others."""


@dataclass(frozen=True)
class Lessons:
    """Latents (n, channels, 16, 16), true pictures (n, 128, 128, 3) in levels, and where the edit changes them."""

    latents: Tensor
    pictures: NDArray[np.uint8]
    masks: NDArray[np.bool_]

    def crops(self, rng: random.Random, count: int, side: int) -> tuple[Tensor, Tensor, Tensor]:
        """Windows around changes: latents (count, channels, side / 8, side / 8), pictures in -1..1, masks."""
        cells = side // FACTOR
        latents, pictures, masks = [], [], []
        for _ in range(count):
            index = rng.randrange(len(self.pictures))
            spots = np.argwhere(self.masks[index])
            row, column = spots[rng.randrange(len(spots))] if len(spots) else (0, 0)
            top, left = (self._start(rng, int(spot) // FACTOR, cells) for spot in (row, column))
            latents.append(self.latents[index, :, top : top + cells, left : left + cells].float())
            window = (slice(FACTOR * top, FACTOR * top + side), slice(FACTOR * left, FACTOR * left + side))
            pictures.append(self.pictures[index][window])
            masks.append(self.masks[index][window])
        true = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float().div(127.5).sub(1)
        return torch.stack(latents), true, torch.from_numpy(np.stack(masks)).unsqueeze(1).float()

    def _start(self, rng: random.Random, cell: int, cells: int) -> int:
        return min(max(0, cell - rng.randrange(cells)), self.latents.shape[-1] - cells)


def read_lessons(folder: Path) -> Lessons:
    """All shards of a folder; raises ValueError where there are none."""
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        raise ValueError(f"{folder} holds no predictions; make them with `python -m training.predictions`")
    shards = [np.load(path) for path in paths]
    latents = torch.from_numpy(np.concatenate([shard["latents"] for shard in shards]))
    masks = np.concatenate([np.unpackbits(shard["masks"], axis=-1).astype(bool) for shard in shards])
    return Lessons(latents, np.concatenate([shard["pictures"] for shard in shards]), masks)


class Predictor:
    """diffusers' pipeline on an editor's folder, at the folder's own defaults."""

    def __init__(self, folder: Path) -> None:
        logging.set_verbosity_error()
        self._pipeline = StableDiffusionInstructPix2PixPipeline.from_pretrained(
            folder, safety_checker=None, dtype=torch.float32
        )
        self._pipeline.set_progress_bar_config(disable=True)
        defaults = json.loads((folder / "dialogpaint.json").read_text())
        self._arguments = {
            "num_inference_steps": defaults["steps"],
            "guidance_scale": defaults["text_guidance_scale"],
            "image_guidance_scale": defaults["image_guidance_scale"],
        }

    def latents(self, pictures: Sequence[Image.Image], instructions: Sequence[str], seed: int) -> Tensor:
        """The edited latents, (n, channels, 16, 16)."""
        generators = [torch.Generator().manual_seed(seed + row) for row in range(len(pictures))]
        latents: Tensor = self._pipeline(
            list(instructions), image=list(pictures), generator=generators, output_type="latent", **self._arguments
        ).images
        return latents

    @torch.inference_mode()
    def pictures(self, latents: Tensor) -> list[Image.Image]:
        """The pictures that the present decoder makes of latents."""
        levels = self._pipeline.vae.decode(latents).sample.clamp(-1, 1).add(1).mul(127.5).round().byte()
        return [Image.fromarray(picture.permute(1, 2, 0).numpy()) for picture in levels]


def write_shard(predictor: Predictor, folder: Path, number: int) -> None:
    """Two edits each on half as many scenes; a shard that exists is left as it is."""
    path = folder / f"shard-{number:04d}.npz"
    if path.exists():
        return
    latents, truths, masks = [], [], []
    for start in range(number * SHARD // 2, (number + 1) * SHARD // 2, ROWS):
        rng = scene_rng("train", SEED, start)
        scenes = [replace(sample_scene(rng), style="normal") for _ in range(ROWS)]
        pictures = [render(scene) for scene in scenes]
        for turn in range(2):
            changes = [sample_change(rng, scene, KINDS_OF_EDIT) for scene in scenes]
            edited = [apply(scene, change) for scene, change in zip(scenes, changes, strict=True)]
            made = predictor.latents(pictures, [phrase(change, rng) for change in changes], seed=2 * start + turn)
            latents.append(made.half().numpy())
            truths += [np.asarray(render(scene)) for scene in edited]
            masks += [_mask(*step) for step in zip(scenes, edited, strict=True)]
            scenes, pictures = edited, predictor.pictures(made)
    _write(path, latents, truths, np.stack(masks))


def write_textures(predictor: Predictor, folder: Path, number: int) -> None:
    """One edit each on pictures of nothing in particular; a shard that exists is left as it is."""
    path = folder / f"textures-{number:04d}.npz"
    if path.exists():
        return
    latents, truths = [], []
    for start in range(number * SHARD, (number + 1) * SHARD, ROWS):
        rng = scene_rng("train", SEED + 1, start)
        pictures = [texture(rng) for _ in range(ROWS)]
        changes = rng.choices(ANYWHERE, weights=[NEW_LINES if change in REDRAWN else 1 for change in ANYWHERE], k=ROWS)
        said = [phrase(change, rng) for change in changes]
        latents.append(predictor.latents(pictures, said, seed=start).half().numpy())
        truths += [np.asarray(after(*pair)) for pair in zip(pictures, changes, strict=True)]
    _write(path, latents, truths, np.ones((SHARD, *truths[0].shape[:2]), bool))


def _write(path: Path, latents: list[NDArray[np.float16]], truths: Sequence[Pixels], masks: NDArray[np.bool_]) -> None:
    """Write a shard that is there whole or not at all."""
    with path.with_suffix(".new").open("wb") as file:
        packed = np.packbits(masks, axis=-1)
        np.savez(file, latents=np.concatenate(latents), pictures=np.stack(truths), masks=packed)
    path.with_suffix(".new").rename(path)


def _mask(before: Scene, edited: Scene) -> NDArray[np.bool_]:
    return change_mask(render(before), render(edited))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--editor", type=Path, default=Path("checkpoints/mini-editor"))
    parser.add_argument("--output", type=Path, default=Path("var/training/predictions"))
    parser.add_argument("--shards", type=int, default=40, help=f"files of {SHARD} edits")
    parser.add_argument("--textures", type=int, default=0, help="files of edits of pictures of nothing in particular")
    parser.add_argument("--threads", type=int, default=0)
    given = parser.parse_args()
    if given.threads:
        torch.set_num_threads(given.threads)
    given.output.mkdir(parents=True, exist_ok=True)
    predictor = Predictor(given.editor)
    for number in tqdm(range(given.shards), desc="predictions"):
        write_shard(predictor, given.output, number)
    for number in tqdm(range(given.textures), desc="textures"):
        write_textures(predictor, given.output, number)


if __name__ == "__main__":
    main()
