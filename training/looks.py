"""A look at the editor while it trains: success on a few fresh scenes, by family, and a grid of pictures."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from diffusers import AutoencoderTiny, DDIMScheduler
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from transformers import CLIPTokenizer

from training.datasets.changes import FAMILIES, apply, family_of, possible_changes, sample_change
from training.datasets.drawing import render
from training.datasets.edits import Triple, scene_rng
from training.datasets.instructions import phrase
from training.datasets.world import sample_scene
from training.instruction_encoder import tokens

if TYPE_CHECKING:
    from training.editing import Editor

EXAMPLES = 96
OTHERS, OF_FAMILY = 40, 8
STEPS = 3


class Looks:
    """Fixed fresh scenes of the validation split, each with its true edit and other pictures one edit away."""

    def __init__(self, autoencoder: AutoencoderTiny, tokenizer: CLIPTokenizer, scheduler: DDIMScheduler) -> None:
        self.autoencoder, self.tokenizer, self.scheduler = autoencoder.eval(), tokenizer, scheduler
        self.examples = [_example(index) for index in range(EXAMPLES)]
        self.sources = np.stack([np.asarray(render(triple.before)) for triple in self.examples])
        self.truths = np.stack([np.asarray(render(triple.after)) for triple in self.examples])
        with torch.inference_mode():
            self.latents = torch.cat([autoencoder.encode(part).latents for part in _parts(_signed(self.sources))])

    def look(self, editor: Editor, folder: Path, step: int) -> dict[str, float]:
        """Success overall and by family, in percent; the grid goes to `folder/grid-STEP.png`."""
        edited = self._edit(editor)
        right: dict[str, list[bool]] = defaultdict(list)
        for triple, output, truth, source in zip(self.examples, edited, self.truths, self.sources, strict=True):
            right[family_of(triple.change)].append(_nearest(triple, output, truth, source))
        self._grid(edited, folder / f"grid-{step:06d}.png")
        everything = [success for found in right.values() for success in found]
        shares = {name: 100 * float(np.mean(right[name])) if right[name] else float("nan") for name in FAMILIES}
        inside = np.abs(self.truths.astype(int) - self.sources).max(axis=-1) > 8
        error = (edited.astype(float) - self.truths) ** 2
        quality = {"detail_db": _db(error[inside]), "kept_db": _db(error[~inside])}
        return {"success": 100 * float(np.mean(everything)), **shares, **quality}

    @torch.inference_mode()
    def _edit(self, editor: Editor) -> NDArray[np.uint8]:
        ids = tokens(self.tokenizer, [phrase(triple.change) for triple in self.examples])
        states = editor.text_encoder(ids).last_hidden_state
        latents = torch.randn(self.latents.shape, generator=torch.Generator().manual_seed(0))
        self.scheduler.set_timesteps(STEPS)
        for timestep in self.scheduler.timesteps:
            rows = torch.cat([latents, self.latents], dim=1)
            pairs = zip(_parts(rows), _parts(states), strict=True)
            predicted = torch.cat([editor.unet(part, timestep, text).sample for part, text in pairs])
            latents = self.scheduler.step(predicted, timestep, latents).prev_sample
        decoded = torch.cat([self.autoencoder.decode(part).sample for part in _parts(latents)])
        levels = decoded.clamp(-1, 1).add(1).mul(127.5).round().byte()
        pixels: NDArray[np.uint8] = levels.permute(0, 2, 3, 1).numpy()
        return pixels

    def _grid(self, edited: NDArray[np.uint8], path: Path) -> None:
        columns = 12
        rows = [
            np.concatenate(pictures[start : start + columns], axis=1)
            for start in range(0, 4 * columns, columns)
            for pictures in (list(self.sources), list(edited), list(self.truths))
        ]
        Image.fromarray(np.concatenate(rows, axis=0)).save(path)


def _example(index: int) -> Triple:
    rng = scene_rng("validation", 1, index)
    scene = sample_scene(rng)
    change = sample_change(rng, scene)
    return Triple(scene, change, apply(scene, change))


def _nearest(triple: Triple, output: NDArray[np.uint8], truth: NDArray[np.uint8], source: NDArray[np.uint8]) -> bool:
    others = [change for change in possible_changes(triple.before) if change != triple.change]
    chosen = random.Random(0).sample(others, OTHERS)
    same = [change for change in others if family_of(change) == family_of(triple.change)][:OF_FAMILY]
    limit = _distance(output, truth)
    pictures = [source, *(np.asarray(render(apply(triple.before, change))) for change in chosen + same)]
    return all(_distance(output, picture) > limit for picture in pictures)


def _distance(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    return float(((a.astype(np.float32) - b) ** 2).mean())


def _db(squared: NDArray[np.float64]) -> float:
    return float(10 * np.log10(255**2 / max(1e-6, float(squared.mean()))))


def _parts(batch: Tensor) -> tuple[Tensor, ...]:
    return torch.split(batch, 16)


def _signed(pictures: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
