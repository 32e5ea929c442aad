"""A pool of edit examples as latents, encoded once and kept on disk, so that the editor's training draws nothing."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from tqdm.auto import tqdm

from training.datasets.changes import Change, family_of
from training.datasets.drawing import change_mask, render
from training.datasets.edits import family, scene_rng, triples
from training.datasets.instructions import parse, phrase
from training.datasets.textures import ANYWHERE, after, texture
from training.run import mixed_precision

FACTOR = 8
"""Pixels per latent cell."""
GROUPS_PER_SHARD = 500
TEXTURES_SEED = 31
POOL_WEIGHTS: dict[str, float] = {
    "recolour": 18, "replace": 22, "remove": 9, "add": 18, "resize": 13,
    "place": 6, "time": 5, "weather": 6, "style": 5, "light": 3,
}  # fmt: skip
"""How often each family is drawn into the pool: what is hard more often than the world itself has it."""


@dataclass(frozen=True)
class Batch:
    """Examples side by side: latents (n, channels, 16, 16), what changes (n, 16, 16) as 0 or 1, and the changes."""

    sources: Tensor
    targets: Tensor
    masks: Tensor
    changes: list[Change]


class Pool:
    """Encoded pictures and the edits that lead from one to another, by family."""

    def __init__(self, folder: Path) -> None:
        shards = [torch.load(path, weights_only=True) for path in sorted(folder.glob("*.pt"))]
        if not shards:
            raise ValueError(f"{folder} holds no latents; make them with `python -m training.latents`")
        self._latents = torch.cat([shard["latents"] for shard in shards])
        self._masks = torch.cat([shard["masks"] for shard in shards])
        starts = np.cumsum([0] + [len(shard["latents"]) for shard in shards])
        self._pairs = torch.cat([shard["pairs"] + int(start) for shard, start in zip(shards, starts[:-1], strict=True)])
        self._changes = [_read(text) for shard in shards for text in shard["instructions"]]
        self._by_family: dict[str, list[int]] = defaultdict(list)
        for index, change in enumerate(self._changes):
            self._by_family[family_of(change)].append(index)

    def __len__(self) -> int:
        return len(self._changes)

    def draw(self, rng: random.Random, count: int, weights: dict[str, float]) -> Batch:
        """A batch whose families are drawn by weight and whose examples are drawn evenly within them."""
        names = list(self._by_family)
        families = rng.choices(names, weights=[weights.get(name, 0.0) for name in names], k=count)
        chosen = [rng.choice(self._by_family[name]) for name in families]
        pairs = self._pairs[chosen]
        return Batch(
            sources=self._latents[pairs[:, 0]].float(),
            targets=self._latents[pairs[:, 1]].float(),
            masks=self._masks[chosen].float(),
            changes=[self._changes[index] for index in chosen],
        )


def encode_shard(model: AutoencoderTiny, folder: Path, number: int) -> None:
    """Draw and encode the groups of one shard; a shard that exists is left as it is."""
    path = folder / f"shard-{number:04d}.pt"
    if path.exists():
        return
    shard = _Shard(model)
    for group in range(number * GROUPS_PER_SHARD, (number + 1) * GROUPS_PER_SHARD):
        scenes = family(scene_rng("train", 0, group), weights=POOL_WEIGHTS)
        links = [(scenes.index(each.before), scenes.index(each.after), each.change) for each in triples(scenes)]
        shard.add([render(scene) for scene in scenes], links)
    shard.write(path)


def encode_textures(model: AutoencoderTiny, folder: Path, number: int) -> None:
    """Encode pictures of nothing in particular beside what every edit of `ANYWHERE` makes of them, as a shard."""
    path = folder / f"textures-{number:04d}.pt"
    if path.exists():
        return
    shard = _Shard(model)
    for index in range(number * GROUPS_PER_SHARD, (number + 1) * GROUPS_PER_SHARD):
        picture = texture(scene_rng("train", TEXTURES_SEED, index))
        made = [after(picture, change) for change in ANYWHERE]
        shard.add([picture, *made], [(0, place, change) for place, change in enumerate(ANYWHERE, start=1)])
    shard.write(path)


class _Shard:
    """Latents, and the pairs of them that an instruction leads from and to."""

    def __init__(self, model: AutoencoderTiny) -> None:
        self._model = model
        self._latents: list[Tensor] = []
        self._pairs: list[tuple[int, int]] = []
        self._masks: list[NDArray[np.bool_]] = []
        self._instructions: list[str] = []

    def add(self, pictures: Sequence[Image.Image], links: Sequence[tuple[int, int, Change]]) -> None:
        """Encode some pictures; each link is the places of two of them and the change from one to the other."""
        start = sum(len(part) for part in self._latents)
        self._latents.append(_encode(self._model, np.stack([np.asarray(picture) for picture in pictures])))
        for before, after_it, change in links:
            self._pairs.append((start + before, start + after_it))
            self._masks.append(_cells(change_mask(pictures[before], pictures[after_it])))
            self._instructions.append(phrase(change))

    def write(self, path: Path) -> None:
        """Write everything to a file that is there whole or not at all."""
        shard = {
            "latents": torch.cat(self._latents).half(),
            "pairs": torch.tensor(self._pairs),
            "masks": torch.from_numpy(np.stack(self._masks)),
            "instructions": self._instructions,
        }
        torch.save(shard, path.with_suffix(".new"))
        path.with_suffix(".new").rename(path)


def encode_pool(
    model: AutoencoderTiny, folder: Path, groups: range, textures: int = 0, part: int = 0, parts: int = 1
) -> None:
    """Make the shards of some groups of four scenes, and of textures; several processes may share the work by parts."""
    folder.mkdir(parents=True, exist_ok=True)
    model = model.to(memory_format=torch.channels_last).eval()
    for number in tqdm(_shards(groups)[part::parts], desc="latents"):
        encode_shard(model, folder, number)
    for number in tqdm(_shards(range(textures))[part::parts], desc="textures"):
        encode_textures(model, folder, number)


def _shards(groups: range) -> range:
    return range(groups.start // GROUPS_PER_SHARD, -(-groups.stop // GROUPS_PER_SHARD))


def _encode(model: AutoencoderTiny, pictures: NDArray[np.uint8]) -> Tensor:
    batch = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    batch = batch.contiguous(memory_format=torch.channels_last)
    pays = mixed_precision(on_cpu=True) == "bf16"
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=pays):
        latents: Tensor = model.encode(batch).latents.float().contiguous()
    return latents


def _cells(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = (side // FACTOR for side in mask.shape)
    cells: NDArray[np.bool_] = mask.reshape(rows, FACTOR, columns, FACTOR).max(axis=(1, 3))
    return cells


def _read(instruction: str) -> Change:
    change = parse(instruction)
    if change is None:
        raise ValueError(f"the pool holds an instruction that is none: {instruction!r}")
    return change


def main() -> None:
    """Command line."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--autoencoder", type=Path, default=Path("var/training/autoencoder/model"))
    parser.add_argument("--output", type=Path, default=Path("var/training/latents"))
    parser.add_argument("--groups", type=int, default=10_000, help="how many groups of four pictures")
    parser.add_argument("--first", type=int, default=0, help="the first group: others are other scenes")
    parser.add_argument(
        "--textures", type=int, default=0, help="pictures of nothing in particular, for any-picture edits"
    )
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    model = AutoencoderTiny.from_pretrained(arguments.autoencoder)
    groups = range(arguments.first, arguments.first + arguments.groups)
    encode_pool(model, arguments.output, groups, arguments.textures, arguments.part, arguments.parts)


if __name__ == "__main__":
    main()
