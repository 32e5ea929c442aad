"""Tune an InstructPix2Pix on edit triples: any `StableDiffusionInstructPix2PixPipeline` folder, whole or by LoRA.

    python -m training.tuning --config training/configs/instruct-pix2pix.yaml --output var/training/instruct-pix2pix \\
        base=FOLDER_OR_HUB_ID data=var/data/imported
    python -m training.tuning --config … --output … base=… data=… --export var/models/tuned

The target is what the folder's scheduler says (epsilon, v_prediction or sample). Picture latents are the mode of the
encoder; instruction, picture and both are dropped in 5 % of the examples each, so that both guidance scales work. The
same command goes on where it was stopped. One process, one GPU; a CPU does where the
model is small. `lora_rank=16` trains adapters alone; the export has them merged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from training.edit_batches import Ahead, EditBatch, EditSet
from training.edit_network import Adapters, UnusableBase, export, load_base, merge, widened
from training.estimate import estimate
from training.run import Run, RunSettings, read_settings
from training.tuning_card import tuning_card

LOOKED_AT = 4
CHECK_SEED = 17
"""Noise and timesteps of the check, always the same, so that its numbers compare."""


@dataclass(frozen=True)
class TuningSettings(RunSettings):
    """What is tuned on what; `batch_size` times `gradient_accumulation` examples make one step."""

    base: str = ""
    data: str = ""
    resolution: int = 256
    text_dropout: float = 0.05
    picture_dropout: float = 0.05
    both_dropout: float = 0.05
    gradient_checkpointing: bool = True
    lora_rank: int = 0
    lora_alpha: int = 16
    readers: int = 4
    check_batches: int = 8
    look_steps: int = 20


@dataclass(frozen=True)
class Noisy:
    """A batch for the U-Net: rows (n, 2c, h, w), timesteps (n,), states (n, tokens, width), target (n, c, h, w)."""

    rows: Tensor
    timesteps: Tensor
    states: Tensor
    target: Tensor


class Tuner:
    """A base whose U-Net is trained, and how a batch becomes a loss."""

    def __init__(self, settings: TuningSettings) -> None:
        """Load the base; raises UnusableBase."""
        if not settings.base or not settings.data:
            raise UnusableBase("say what is tuned and on what: base=FOLDER_OR_HUB_ID data=FOLDER")
        torch.manual_seed(settings.seed)
        self.settings, self.base = settings, load_base(settings.base)
        self.unet = self.base.pipeline.unet
        was_widened = widened(self.unet, self.base.pipeline.vae.config.latent_channels)
        self.trained: nn.Module = self.unet
        if settings.lora_rank:
            if was_widened:
                raise UnusableBase(
                    "LoRA needs a base that takes pictures already: tune a text-to-image model as a whole"
                )
            self.trained = Adapters(self.unet, settings.lora_rank, settings.lora_alpha)
        if settings.gradient_checkpointing:
            self.unet.enable_gradient_checkpointing()
        self.unet.train()

    def place(self, device: torch.device, kind: torch.dtype) -> None:
        """Put on the device what is not trained, in the number type it computes in."""
        self.base.pipeline.vae.to(device, kind)
        self.base.pipeline.text_encoder.to(device, kind)
        if self.settings.lora_rank:
            added = set(self.trained.parameters())
            for weight in self.unet.parameters():
                weight.data = weight.data.to(device, weight.dtype if weight in added else kind)
            for buffer in self.unet.buffers():
                buffer.data = buffer.data.to(device)

    @torch.no_grad()
    def noisy(self, batch: EditBatch, seed: int, drop: bool = True) -> Noisy:
        """Encode, drop conditions, add noise; everything random comes from the seed, drawn on the CPU."""
        generator = torch.Generator().manual_seed(seed)
        targets = self._latents(batch.edited, generator) * self.base.pipeline.vae.config.scaling_factor
        pictures = self._latents(batch.originals, None)
        count = len(batch.instructions)
        lose_text, lose_picture = (
            self._dropped(torch.rand(count, generator=generator)) if drop else ([False] * count,) * 2
        )
        said = ["" if lost else words for words, lost in zip(batch.instructions, lose_text, strict=True)]
        pictures[torch.tensor(lose_picture, device=pictures.device)] = 0
        steps: int = self.base.noise.config.num_train_timesteps
        timesteps = torch.randint(0, steps, (count,), generator=generator).to(targets.device)
        noise = torch.randn(targets.shape, generator=generator).to(targets.device)
        rows = torch.cat([self.base.noise.add_noise(targets, noise, timesteps), pictures], dim=1)
        return Noisy(rows, timesteps, self._states(said), self._target(targets, noise, timesteps))

    def loss(self, network: nn.Module, noisy: Noisy) -> Tensor:
        """Mean squared error of the prediction."""
        predicted = network(noisy.rows, noisy.timesteps, noisy.states).sample
        return F.mse_loss(predicted.float(), noisy.target)

    def _dropped(self, chance: Tensor) -> tuple[list[bool], list[bool]]:
        """Which rows lose the text and which the picture: text alone, then both, then picture alone, of one draw."""
        text, both = self.settings.text_dropout, self.settings.text_dropout + self.settings.both_dropout
        lose_text = chance < both
        lose_picture = (chance >= text) & (chance < both + self.settings.picture_dropout)
        return lose_text.tolist(), lose_picture.tolist()

    def _latents(self, pictures: Tensor, generator: torch.Generator | None) -> Tensor:
        """Unscaled latents (n, c, h/8, w/8): drawn from the encoder's distribution with a generator, else its mode."""
        vae = self.base.pipeline.vae
        encoded = vae.encode(pictures.to(vae.device, vae.dtype))
        if not hasattr(encoded, "latent_dist"):
            latents: Tensor = encoded.latents.float()
            return latents
        found = encoded.latent_dist
        mode: Tensor = found.mode().float()
        if generator is None:
            return mode
        drawn: Tensor = mode + found.std.float() * torch.randn(mode.shape, generator=generator).to(mode.device)
        return drawn

    def _states(self, said: list[str]) -> Tensor:
        tokenizer, encoder = self.base.pipeline.tokenizer, self.base.pipeline.text_encoder
        ids = tokenizer(
            said, padding="max_length", max_length=tokenizer.model_max_length, truncation=True, return_tensors="pt"
        ).input_ids
        states: Tensor = encoder(ids.to(encoder.device))[0].float()
        return states

    def _target(self, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        match self.base.prediction_type:
            case "epsilon":
                return noise
            case "v_prediction":
                velocity: Tensor = self.base.noise.get_velocity(latents, noise, timesteps)
                return velocity
            case "sample":
                return latents
            case other:
                raise UnusableBase(f"nobody knows how to train prediction_type {other}")


def train(tuner: Tuner, output: Path, cache: Path | None = None) -> None:
    """Tune, or go on where the folder stopped, with a check on validation triples now and then."""
    settings = tuner.settings
    edits = EditSet(Path(settings.data), "train", settings.resolution, cache)
    held_out = EditSet(Path(settings.data), "validation", settings.resolution, cache)
    run = Run(settings, tuner.trained, output)
    run.resume()
    device = run.accelerator.device
    tuner.place(device, frozen_type(run.accelerator.mixed_precision, device.type))
    parts = settings.gradient_accumulation
    if run.step < settings.steps:
        tried = edits.batch(settings.seed, 0, settings.batch_size)
        print(estimate(run, lambda: tuner.loss(run.model, tuner.noisy(tried, settings.seed))), flush=True)
    batches = Ahead(edits, settings.seed, settings.batch_size, settings.readers).batches(run.step * parts)
    for step in run.steps():
        total = 0.0
        for part in range(parts):
            noisy = tuner.noisy(next(batches), run.step_seed(step) * parts + part)
            loss = tuner.loss(run.model, noisy)
            total += loss.item() / parts
            if part < parts - 1:
                run.accelerator.backward(loss)  # which divides by the number of parts; `learn` adds the last one
        run.learn(loss)
        if (step + 1) % settings.log_every == 0:
            run.log("train", loss=total, learning_rate=run.schedule.get_last_lr()[0])
        if (step + 1) % settings.evaluate_every == 0:
            run.log("check", **run.with_average_weights(lambda: check(tuner, run, held_out, output)))
    batches.close()


@torch.no_grad()
def check(tuner: Tuner, run: Run, held_out: EditSet, output: Path) -> dict[str, float]:
    """Loss on validation triples with noise that is always the same, and a grid of pictures: before, made, true."""
    settings = tuner.settings
    losses = [
        tuner.loss(
            run.model, tuner.noisy(held_out.batch(CHECK_SEED, start, settings.batch_size), start, drop=False)
        ).item()
        for start in range(0, settings.check_batches * settings.batch_size, settings.batch_size)
    ]
    tuner.unet.eval()
    looks = held_out.first(LOOKED_AT)
    with run.accelerator.autocast():
        pipeline = tuner.base.pipeline
        pipeline.set_progress_bar_config(disable=True)
        made = [
            pipeline(said, image=before, num_inference_steps=settings.look_steps,
                     generator=torch.Generator().manual_seed(CHECK_SEED)).images[0]
            for before, _, said in looks
        ]  # fmt: skip
    side = settings.resolution
    grid = Image.new("RGB", (3 * side, side * len(looks)))
    for row, ((before, true, _), ours) in enumerate(zip(looks, made, strict=True)):
        for column, picture in enumerate((before, ours, true)):
            grid.paste(picture, (column * side, row * side))
    tuner.unet.train()
    grid.save(output / f"pictures-{run.step + 1:06d}.png")
    return {"loss": sum(losses) / len(losses)}


def frozen_type(precision: str, device: str) -> torch.dtype:
    """The number type of what is not trained: on a GPU the one that accelerate computes in, exact on a CPU."""
    halves = {"bf16": torch.bfloat16, "fp16": torch.float16}
    return torch.float32 if device == "cpu" else halves.get(precision, torch.float32)


def write_checkpoint(tuner: Tuner, output: Path, folder: Path) -> None:
    """Export the averaged weights, adapters merged; raises UnusableBase where the run has no checkpoint."""
    run = Run(tuner.settings, tuner.trained, output, device="cpu")
    if not run.resume():
        raise UnusableBase(f"{output} holds no training run to export")
    run.ema.copy_to(run.model.parameters())
    if tuner.settings.lora_rank:
        merge(tuner.unet)
    tuner.unet.disable_gradient_checkpointing()
    export(
        tuner.base,
        folder,
        Path(tuner.settings.base),
        Path(tuner.settings.data),
        tuning_card(tuner.settings.__dict__, run.step, tuner.base.prediction_type),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit status 2 where the base, the data or a setting is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m training.tuning", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", type=Path, default=Path("training/configs/instruct-pix2pix.yaml"))
    parser.add_argument("--output", type=Path, required=True, help="folder of the run: checkpoints, logs, pictures")
    parser.add_argument("--export", type=Path, help="write the tuned model as a folder for serving instead of training")
    parser.add_argument("settings", nargs="*", help="name=value, over the file's")
    given = parser.parse_intermixed_args(arguments)
    try:
        tuner = Tuner(read_settings(given.config, TuningSettings, given.settings))
        if given.export:
            write_checkpoint(tuner, given.output, given.export)
        else:
            train(tuner, given.output)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
