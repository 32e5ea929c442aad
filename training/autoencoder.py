"""Train the mini editor's autoencoder: scene pictures to small latents and back, with unit variance per channel.

python -m training.autoencoder --config training/configs/autoencoder_mini.yaml --output var/training/autoencoder
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderTiny
from PIL import Image
from torch import Tensor

from training.datasets.drawing import SIZE, change_mask, render
from training.datasets.world import COLOURS, JITTER, KINDS, SIZES, Scene, Thing, sample_scene
from training.run import Run, RunSettings, read_settings


@dataclass(frozen=True)
class AutoencoderSettings(RunSettings):
    """The autoencoder's shape and what its loss weighs."""

    channels: int = 48
    latent_channels: int = 12
    encoder_blocks: tuple[int, ...] = (0, 1, 2, 2)
    crop: int = 64
    latent_noise: float = 0.03
    variance_weight: float = 0.01
    thing_weight: float = 3.0


def build(settings: AutoencoderSettings) -> AutoencoderTiny:
    """An untrained autoencoder; width and height of its latents are an eighth of the picture's."""
    widths = (settings.channels,) * 4
    return AutoencoderTiny(
        latent_channels=settings.latent_channels,
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=tuple(settings.encoder_blocks),
        num_decoder_blocks=tuple(reversed(settings.encoder_blocks)),
    )


def crops(rng: random.Random, count: int, side: int) -> tuple[Tensor, Tensor]:
    """Crops of fresh crowded scenes around their things: (count, 3, side, side) in -1..1, and where things are."""
    pictures = np.empty((count, side, side, 3), np.uint8)
    things = np.empty((count, side, side), bool)
    for i in range(0, count, 2):
        scene = _crowded(rng)
        picture, empty = render(scene), render(replace(scene, things=()))
        mask = change_mask(empty, picture)
        spots = np.argwhere(mask)
        for j in range(i, min(i + 2, count)):
            row, column = spots[rng.randrange(len(spots))]
            top, left = _within(rng, row, side), _within(rng, column, side)
            pictures[j] = np.asarray(picture)[top : top + side, left : left + side]
            things[j] = mask[top : top + side, left : left + side]
    signed = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return signed, torch.from_numpy(things).unsqueeze(1).float()


def _crowded(rng: random.Random) -> Scene:
    """A scene with a thing on every side: things are what an autoencoder forgets first."""
    scene = sample_scene(rng)
    kinds = [kind for kind in KINDS if scene.thing(kind) is None]
    more = [
        Thing(rng.choice(kinds[i::3]), rng.choice(COLOURS), side, rng.choice(SIZES), rng.randint(-JITTER, JITTER))
        for i, side in enumerate(scene.free_sides())
    ]
    return replace(scene, things=(*scene.things, *more))


def _within(rng: random.Random, spot: int, side: int) -> int:
    """The start of a crop that holds the spot, somewhere in its middle half."""
    return min(max(0, int(spot) - rng.randint(side // 4, 3 * side // 4)), SIZE - side)


def losses(
    model: AutoencoderTiny, pictures: Tensor, things: Tensor, settings: AutoencoderSettings
) -> tuple[Tensor, Tensor]:
    """What to descend, and the plain mean squared error of the reconstruction."""
    latents = model.encoder(pictures)
    spread = latents.float().var(dim=(0, 2, 3)).clamp_min(1e-4)
    centre = latents.float().mean(dim=(0, 2, 3))
    noisy = latents + settings.latent_noise * torch.randn_like(latents)
    rebuilt = model.decoder(noisy).float()
    unit = (spread.log().square() + centre.square()).mean()
    total = rebuilding(rebuilt, pictures, things, settings.thing_weight) + settings.variance_weight * unit
    return total, (rebuilt - pictures).square().mean()


def rebuilding(rebuilt: Tensor, pictures: Tensor, things: Tensor, thing_weight: float) -> Tensor:
    """How far rebuilt pictures are from the true ones, things weighing more: levels, squared levels and edges."""
    error = rebuilt - pictures
    weights = 1 + thing_weight * things
    weights = weights / weights.mean()
    return (weights * (error.abs() + 2 * error.square())).mean() + _slopes(rebuilt, pictures)


def _slopes(rebuilt: Tensor, pictures: Tensor) -> Tensor:
    across = (rebuilt.diff(dim=3) - pictures.diff(dim=3)).abs().mean()
    down = (rebuilt.diff(dim=2) - pictures.diff(dim=2)).abs().mean()
    return across + down


def pictures_of(scenes: list[Scene]) -> Tensor:
    """Whole pictures, (count, 3, 128, 128) in -1..1."""
    stack = np.stack([np.asarray(render(scene)) for scene in scenes])
    return torch.from_numpy(stack).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def peak_signal(model: AutoencoderTiny, pictures: Tensor) -> float:
    """Mean PSNR in dB of pictures through the autoencoder."""
    with torch.inference_mode():
        rebuilt = model.decoder(model.encoder(pictures)).float().clamp(-1, 1)
        squared = F.mse_loss(rebuilt, pictures, reduction="none").mean(dim=(1, 2, 3)).clamp_min(1e-8)
    return float((10 * torch.log10(4 / squared)).mean())


def save_grid(model: AutoencoderTiny, pictures: Tensor, path: Path) -> None:
    """Write pictures above their reconstructions."""
    with torch.inference_mode():
        rebuilt = model.decoder(model.encoder(pictures)).float().clamp(-1, 1)
    rows = torch.cat([torch.cat(list(side), dim=2) for side in (pictures, rebuilt)], dim=1)
    Image.fromarray(rows.add(1).mul(127.5).round().byte().permute(1, 2, 0).numpy()).save(path)


def train(settings: AutoencoderSettings, output: Path) -> Path:
    """Train (or go on training) and write the averaged weights to `output/model`."""
    torch.manual_seed(settings.seed)
    run = Run(settings, build(settings).to(memory_format=torch.channels_last), output)
    run.resume()
    fixed = pictures_of([sample_scene(random.Random(f"autoencoder-{i}")) for i in range(16)])
    for step in run.steps():
        rng = random.Random(run.step_seed(step))
        torch.manual_seed(run.step_seed(step))
        pictures, things = (part.to(run.accelerator.device) for part in crops(rng, settings.batch_size, settings.crop))
        with run.accelerator.autocast():
            loss, squared = losses(run.model, pictures.to(memory_format=torch.channels_last), things, settings)
        run.learn(loss)
        if step % settings.log_every == 0:
            run.log("train", loss=loss.item(), psnr=-10 * float(torch.log10(squared.detach() / 4)))
        if step % settings.evaluate_every == settings.evaluate_every - 1:
            run.log("evaluation", psnr=run.with_average_weights(lambda: _look(run, fixed)))
    run.with_average_weights(lambda: run.bare().save_pretrained(output / "model"))
    return output / "model"


def _look(run: Run, fixed: Tensor) -> float:
    model = run.bare().cpu()
    save_grid(model, fixed[:8], run.output / f"grid-{run.step + 1:06d}.png")
    quality = peak_signal(model, fixed)
    model.to(run.accelerator.device)
    return quality


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("training/configs/autoencoder_mini.yaml"))
    parser.add_argument("--output", type=Path, default=Path("var/training/autoencoder"))
    parser.add_argument("settings", nargs="*", help="name=value, over the file's")
    arguments = parser.parse_args()
    print(train(read_settings(arguments.config, AutoencoderSettings, arguments.settings), arguments.output))


if __name__ == "__main__":
    main()
