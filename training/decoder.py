"""Teach the mini editor's decoder to draw crisply, while the encoder, and so the meaning of latents, stays as it is.

python -m training.decoder --output var/training/decoder predictions=var/training/predictions
python -m training.decoder --output var/training/decoder --export checkpoints/mini-editor

The decoder may grow first: blocks that are new begin as the identity. Its last lessons can be what the editor itself
says (`predictions=FOLDER`, see `training/predictions.py`), so that it learns to draw from latents that are a
little wrong. Where those leave something open, the mean of all that it could be is mush: `critic_weight=0.1` adds a
critic, which exists in training alone and tells drawn crops from true ones, so that the decoder decides. The
autoencoder with its new decoder goes to `OUTPUT/model`, and by `--export` into an editor's folder.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny
from diffusers.models.autoencoders.vae import AutoencoderTinyBlock
from torch import Tensor, nn

from training.autoencoder import crops, peak_signal, pictures_of, rebuilding, save_grid
from training.critic import Critic
from training.datasets.drawing import SIZE
from training.datasets.textures import ANYWHERE, after, texture
from training.datasets.world import sample_scene
from training.exported import forget_origins
from training.predictions import read_lessons
from training.run import Run, RunSettings, read_settings


@dataclass(frozen=True)
class DecoderSettings(RunSettings):
    """The decoder's blocks, from the latents' size to the picture's, and what its loss weighs."""

    autoencoder: str = "var/training/autoencoder/model"
    blocks: tuple[int, ...] = (4, 4, 2, 0)
    crop: int = 64
    latent_noise: float = 0.03
    thing_weight: float = 3.0
    predictions: str | None = None
    predicted_part: float = 0.5
    """Share of each batch that the editor itself said, where there are predictions."""
    texture_part: float = 0.0
    """Share of the other crops that are of nothing in particular, as they are or in a style."""
    critic_weight: float = 0.0
    """How much the critic's word counts beside the error, once it has learnt alone for `critic_alone` steps."""
    critic_alone: int = 200
    critic_rate: float = 4e-4


def grown(autoencoder: AutoencoderTiny, blocks: tuple[int, ...]) -> AutoencoderTiny:
    """The same autoencoder with more blocks in its decoder, which change nothing until they have learnt something.

    Raises ValueError where a level would lose blocks, or get its first: only a block's output is fit for another.
    """
    config = {**autoencoder.config, "num_decoder_blocks": tuple(blocks)}
    larger = AutoencoderTiny.from_config(config)
    larger.encoder.load_state_dict(autoencoder.encoder.state_dict())
    for old, new in zip(_levels(autoencoder.decoder), _levels(larger.decoder), strict=True):
        if len(new.blocks) < len(old.blocks) or (new.blocks and not old.blocks):
            raise ValueError(f"no decoder with blocks {tuple(blocks)} grows from this one: it has other levels")
        for source, target in zip(old.others, new.others, strict=True):
            target.load_state_dict(source.state_dict())
        for source, target in zip(old.blocks, new.blocks[: len(old.blocks)], strict=True):
            target.load_state_dict(source.state_dict())
        for block in new.blocks[len(old.blocks) :]:
            _still(block)
    return larger


@dataclass(frozen=True)
class _Level:
    """The layers of a decoder that work at one size."""

    blocks: list[nn.Module]
    others: list[nn.Module]


def _levels(decoder: nn.Module) -> Iterator[_Level]:
    level = _Level([], [])
    for layer in decoder.get_submodule("layers").children():
        if isinstance(layer, nn.Upsample):
            yield level
            level = _Level([], [])
        (level.blocks if isinstance(layer, AutoencoderTinyBlock) else level.others).append(layer)
    yield level


def _still(block: nn.Module) -> None:
    """Let a block pass on what another gave: that is never negative, so that its last ReLU changes nothing either."""
    *_, last = block.get_submodule("conv").children()
    for weight in last.parameters():
        nn.init.zeros_(weight)


@dataclass(frozen=True)
class Lesson:
    """Latents (n, channels, side / 8, side / 8), the pictures they stand for in -1..1, and what matters most there."""

    latents: Tensor
    pictures: Tensor
    things: Tensor


class Teacher:
    """Draws lessons: true latents of fresh scenes with some noise, and what the editor said."""

    def __init__(self, settings: DecoderSettings) -> None:
        self._settings = settings
        self._predicted = read_lessons(Path(settings.predictions)) if settings.predictions else None

    @torch.no_grad()
    def lesson(self, encoder: nn.Module, seed: int) -> Lesson:
        """The lesson of one seed."""
        settings, rng = self._settings, random.Random(seed)
        said = round(settings.batch_size * settings.predicted_part) if self._predicted else 0
        strange = round((settings.batch_size - said) * settings.texture_part)
        pictures, things = crops(rng, settings.batch_size - said - strange, settings.crop)
        if strange:
            more = texture_crops(rng, strange, settings.crop)
            pictures, things = torch.cat([pictures, more]), torch.cat([things, torch.ones_like(more[:, :1])])
        latents = encoder(pictures.contiguous(memory_format=torch.channels_last)).float()
        generator = torch.Generator().manual_seed(seed)
        latents = latents + settings.latent_noise * torch.randn(latents.shape, generator=generator)
        if not self._predicted:
            return Lesson(latents, pictures, things)
        own = self._predicted.crops(rng, said, settings.crop)
        return Lesson(*(torch.cat(pair) for pair in zip((latents, pictures, things), own, strict=True)))


def texture_crops(rng: random.Random, count: int, side: int) -> Tensor:
    """Crops of pictures of nothing in particular, half of them in a style or relit: (count, 3, side, side) in -1..1."""
    cut = []
    for _ in range(count):
        picture = texture(rng)
        if rng.random() < 0.5:
            picture = after(picture, rng.choice(ANYWHERE))
        left, top = (8 * rng.randint(0, (SIZE - side) // 8) for _ in range(2))
        cut.append(np.asarray(picture.crop((left, top, left + side, top + side))))
    return torch.from_numpy(np.stack(cut)).permute(0, 3, 1, 2).float().div(127.5).sub(1)


def train(settings: DecoderSettings, output: Path) -> Path:
    """Train (or go on training) and write the averaged weights to `output/model`."""
    torch.manual_seed(settings.seed)
    model = grown(AutoencoderTiny.from_pretrained(settings.autoencoder, dtype=torch.float32), settings.blocks)
    model.encoder.requires_grad_(False)
    run = Run(settings, model.to(memory_format=torch.channels_last), output, device="cpu")
    critic = Critic(settings.critic_rate) if settings.critic_weight else None
    if critic is not None:
        run.accelerator.register_for_checkpointing(critic)
    run.resume()
    teacher = Teacher(settings)
    fixed = pictures_of([sample_scene(random.Random(f"autoencoder-{i}")) for i in range(16)])
    for step in run.steps():
        with run.accelerator.autocast():
            lesson = teacher.lesson(run.model.encoder, run.step_seed(step))
            drawn = run.model.decoder(lesson.latents.contiguous(memory_format=torch.channels_last)).float()
            loss = rebuilding(drawn, lesson.pictures, lesson.things, settings.thing_weight)
            if critic is not None and step >= settings.critic_alone:
                loss = loss + settings.critic_weight * critic.objection(drawn)
        run.learn(loss)
        fooled = critic.learn(lesson.pictures, drawn.detach()) if critic is not None else 0.0
        if step % settings.log_every == 0:
            run.log("train", loss=loss.item(), fooled=fooled, **_quality(drawn.detach(), lesson))
        if step % settings.evaluate_every == settings.evaluate_every - 1:
            run.log("evaluation", psnr=run.with_average_weights(lambda: _look(run, fixed)))
    run.with_average_weights(lambda: run.bare().save_pretrained(output / "model"))
    return output / "model"


def _quality(drawn: Tensor, lesson: Lesson) -> dict[str, float]:
    """PSNR in dB of the whole pictures and of what matters most in them."""
    squared = (drawn - lesson.pictures).square()
    inside = (squared * lesson.things).sum() / (3 * lesson.things.sum()).clamp_min(1)
    return {"psnr": _db(squared.mean()), "things": _db(inside)}


def _db(squared: Tensor) -> float:
    return -10 * float(torch.log10(squared / 4))


def _look(run: Run, fixed: Tensor) -> float:
    model = run.bare()
    save_grid(model, fixed[:8], run.output / f"grid-{run.step + 1:06d}.png")
    return peak_signal(model, fixed)


def export(output: Path, editor: Path) -> None:
    """Put the trained autoencoder into an editor's folder, in float16."""
    model = output / "model"
    if not model.is_dir():
        raise SystemExit(f"{output} holds no trained decoder to export")
    AutoencoderTiny.from_pretrained(model, dtype=torch.float16).save_pretrained(editor / "vae")
    forget_origins(editor / "vae")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("training/configs/decoder_mini.yaml"))
    parser.add_argument("--output", type=Path, default=Path("var/training/decoder"))
    parser.add_argument("--export", type=Path, help="put the trained decoder into this editor's folder instead")
    parser.add_argument("settings", nargs="*", help="name=value, over the file's")
    arguments = parser.parse_args()
    if arguments.export:
        export(arguments.output, arguments.export)
        return
    print(train(read_settings(arguments.config, DecoderSettings, arguments.settings), arguments.output))


if __name__ == "__main__":
    main()
