"""A pool of edit examples as latents, encoded once and kept on disk, so that the editor's training draws nothing."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from numpy.typing import NDArray
from torch import Tensor
from tqdm.auto import tqdm

from training.datasets.changes import Change, family_of
from training.datasets.drawing import change_mask, render
from training.datasets.edits import family, scene_rng, triples
from training.datasets.instructions import parse, phrase
from training.run import mixed_precision

FACTOR = 8
"""Pixels per latent cell."""
GROUPS_PER_SHARD = 500
POOL_WEIGHTS: dict[str, float] = {
    "recolour": 18, "replace": 22, "remove": 9, "add": 18, "resize": 13,
    "place": 6, "time": 5, "weather": 6, "style": 5,
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
        shards = [torch.load(path, weights_only=True) for path in sorted(folder.glob("shard-*.pt"))]
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
        families = rng.choices(names, weights=[weights[name] for name in names], k=count)
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
    latents: list[Tensor] = []
    pairs: list[tuple[int, int]] = []
    masks: list[NDArray[np.bool_]] = []
    instructions: list[str] = []
    for group in range(number * GROUPS_PER_SHARD, (number + 1) * GROUPS_PER_SHARD):
        scenes = family(scene_rng("train", 0, group), weights=POOL_WEIGHTS)
        pictures = [render(scene) for scene in scenes]
        start = sum(len(part) for part in latents)
        latents.append(_encode(model, np.stack([np.asarray(picture) for picture in pictures])))
        for triple in triples(scenes):
            before, after = scenes.index(triple.before), scenes.index(triple.after)
            pairs.append((start + before, start + after))
            masks.append(_cells(change_mask(pictures[before], pictures[after])))
            instructions.append(phrase(triple.change))
    shard = {
        "latents": torch.cat(latents).half(),
        "pairs": torch.tensor(pairs),
        "masks": torch.from_numpy(np.stack(masks)),
        "instructions": instructions,
    }
    torch.save(shard, path.with_suffix(".new"))
    path.with_suffix(".new").rename(path)


def encode_pool(model: AutoencoderTiny, folder: Path, groups: range, part: int = 0, parts: int = 1) -> None:
    """Make the shards of some groups of four pictures; several processes may share the work by parts."""
    folder.mkdir(parents=True, exist_ok=True)
    model = model.to(memory_format=torch.channels_last).eval()
    first, end = groups.start // GROUPS_PER_SHARD, -(-groups.stop // GROUPS_PER_SHARD)
    for number in tqdm(range(first + part, end, parts), desc="latents"):
        encode_shard(model, folder, number)


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
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    model = AutoencoderTiny.from_pretrained(arguments.autoencoder)
    groups = range(arguments.first, arguments.first + arguments.groups)
    encode_pool(model, arguments.output, groups, arguments.part, arguments.parts)


if __name__ == "__main__":
    main()
