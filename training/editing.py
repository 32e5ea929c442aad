"""Train the mini editor: an InstructPix2Pix U-Net that says the edited latents, beginning as a copier of the picture.

python -m training.editing --config training/configs/editing_mini.yaml --output var/training/editing
python -m training.editing --output var/training/editing --export checkpoints/mini-editor
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from diffusers import AutoencoderTiny, DDIMScheduler, StableDiffusionInstructPix2PixPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from training.copier import start_as_copier
from training.datasets.changes import Change, SetStyle
from training.datasets.instructions import phrase, recolourings, sceneries, wordings, words
from training.datasets.textures import ANYWHERE
from training.estimate import estimate
from training.exported import forget_origins
from training.instruction_encoder import build_encoder, build_tokenizer, teach_words, tokens
from training.latents import POOL_WEIGHTS, Batch, Pool
from training.run import Run, RunSettings, begun_with, read_settings

TRAIN_STEPS = 1000
SCHEDULE = {
    "num_train_timesteps": TRAIN_STEPS,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "sample",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "set_alpha_to_one": True,
    "clip_sample": False,
}
DEFAULTS = {
    "name": "mini-editor",
    "steps": 3,
    "text_guidance_scale": 1.5,
    "image_guidance_scale": 1.0,
    "resolution": 128,
    "carry_changes": True,
}
"""What the served model does if it is not told otherwise."""
PENCIL, PIXEL_ART, BLACK_AND_WHITE = (SetStyle(style) for style in ("pencil sketch", "pixel art", "black and white"))
LARGE = 512
"""Longest side at which edits of the whole picture run; pixel art keeps the usual one, which sizes its blocks."""
FLAT_SHARE = 0.45
"""The least part of a picture that is flat, if things in it are to be edited: docs/decisions/0009."""


@dataclass(frozen=True)
class EditingSettings(RunSettings):
    """The U-Net's shape and what the loss weighs."""

    autoencoder: str = "var/training/autoencoder/model"
    pool: str = "var/training/latents"
    widths: tuple[int, ...] = (64, 96, 128)
    heads: int = 2
    groups: int = 8
    text_width: int = 128
    text_dropout: float = 0.06
    picture_dropout: float = 0.015
    first_step_part: float = 0.5
    lean: float = 2.0
    """How far the other timesteps lean towards much noise: 1 draws them evenly."""
    prediction: Literal["sample", "v_prediction"] = "sample"
    copier: bool = True
    """Begin as a copier of the picture; only the prediction `sample` can."""
    taught_words: bool = True
    """Teach a new text encoder to name what an instruction says before anything else."""
    changed_weight: float = 1.0
    where_weight: float = 0.1
    canonical_part: float = 0.5
    family_weights: dict[str, float] = field(default_factory=lambda: dict(POOL_WEIGHTS))
    base: str | None = None
    """A mini editor's folder to go on from, with its own autoencoder, instead of a U-Net that knows nothing."""

    def __post_init__(self) -> None:
        """Raises ValueError where the settings contradict each other."""
        if self.prediction != "sample" and (self.copier or self.base):
            raise ValueError("a copier, and a base, predict the sample: v_prediction wants copier=false and no base")

    @property
    def autoencoder_folder(self) -> str:
        """Where the autoencoder lies whose latents are learnt."""
        return f"{self.base}/vae" if self.base else self.autoencoder

    @property
    def schedule(self) -> dict[str, Any]:
        """The noise of training and serving, as a scheduler's configuration."""
        return {**SCHEDULE, "prediction_type": self.prediction}


class Editor(nn.Module):
    """U-Net, text encoder, and a head for training alone that says where the picture changes."""

    def __init__(self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel) -> None:
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder
        self.where = nn.Conv2d(unet.config.block_out_channels[0], 1, 1)
        self._features: Tensor | None = None
        unet.conv_norm_out.register_forward_pre_hook(self._keep_features)

    def forward(self, rows: Tensor, timesteps: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Edited latents (n, channels, 16, 16) and, per cell, the logit that it changes (n, 16, 16)."""
        states = self.text_encoder(ids).last_hidden_state
        predicted = self.unet(rows, timesteps, states).sample
        assert self._features is not None
        return predicted, self.where(self._features).squeeze(1)

    def _keep_features(self, _module: nn.Module, inputs: tuple[Tensor]) -> None:
        self._features = inputs[0]


def build_unet(settings: EditingSettings, latents: int) -> UNet2DConditionModel:
    """An untrained U-Net, a copier if so set; the instruction reaches each block through the time embedding too."""
    unet = UNet2DConditionModel(
        sample_size=16,
        in_channels=2 * latents,
        out_channels=latents,
        block_out_channels=tuple(settings.widths),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D",) * 3,
        cross_attention_dim=settings.text_width,
        attention_head_dim=settings.heads,
        norm_num_groups=settings.groups,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )
    if settings.copier:
        start_as_copier(unet)
    # In bfloat16 on a CPU the fused attention's backward pass takes a third of the whole step; this one does not.
    unet.set_attn_processor(AttnProcessor())
    return unet


def draw_timesteps(rng: random.Random, count: int, first_part: float, lean: float) -> Tensor:
    """Timesteps (count,): a part at the very first step of sampling, the others leaning towards much noise."""
    last = TRAIN_STEPS - 1
    return torch.tensor(
        [last if rng.random() < first_part else round(last * (1 - rng.random() ** lean)) for _ in range(count)]
    )


class Learner:
    """Turns batches of the pool into losses; everything random comes from the step's own generator."""

    def __init__(self, settings: EditingSettings, pool: Pool, tokenizer: CLIPTokenizer) -> None:
        self.settings, self.pool, self.tokenizer = settings, pool, tokenizer
        self.noise = DDIMScheduler(**settings.schedule)
        self.nothing = tokens(tokenizer, [""])

    def loss(self, editor: nn.Module, seed: int) -> dict[str, Tensor]:
        """The loss of one batch and its parts."""
        rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
        batch = self.pool.draw(rng, self.settings.batch_size, self.settings.family_weights)
        timesteps = draw_timesteps(rng, len(batch.changes), self.settings.first_step_part, self.settings.lean)
        noise = torch.randn(batch.targets.shape, generator=generator)
        noisy = self.noise.add_noise(batch.targets, noise, timesteps)
        ids, sources = self._conditions(rng, batch)
        predicted, where = editor(torch.cat([noisy, sources], dim=1), timesteps, ids)
        v = self.settings.prediction == "v_prediction"
        target = self.noise.get_velocity(batch.targets, noise, timesteps) if v else batch.targets
        return self._weigh(predicted.float() - target, where.float(), batch.masks)

    def _conditions(self, rng: random.Random, batch: Batch) -> tuple[Tensor, Tensor]:
        ids = tokens(self.tokenizer, [self._say(rng, change) for change in batch.changes])
        sources = batch.sources.clone()
        for row in range(len(ids)):
            chance = rng.random()
            if chance < self.settings.text_dropout:
                ids[row] = self.nothing[0]
            if chance < self.settings.picture_dropout:
                sources[row] = 0
        return ids, sources

    def _say(self, rng: random.Random, change: Change) -> str:
        return phrase(change, None if rng.random() < self.settings.canonical_part else rng)

    def _weigh(self, missed: Tensor, where: Tensor, masks: Tensor) -> dict[str, Tensor]:
        """Everywhere once, and once more what should change, each edit alike however small its part of the picture."""
        error = (missed.square() + 0.01).sqrt().sub(0.1).mean(dim=1)  # pseudo-Huber, (n, 16, 16)
        changed = (error * masks).sum(dim=(1, 2)) / masks.sum(dim=(1, 2)).clamp_min(1)
        found = nn.functional.binary_cross_entropy_with_logits(where, masks)
        total = error.mean() + self.settings.changed_weight * changed.mean() + self.settings.where_weight * found
        return {"loss": total, "everywhere": error.mean(), "changed": changed.mean(), "where": found}


def prepare(settings: EditingSettings, output: Path) -> tuple[Editor, CLIPTokenizer]:
    """The editor before the first step, and its tokenizer; a new text encoder is taught its words, and kept."""
    torch.manual_seed(settings.seed)
    if settings.base:
        return tunable(settings.base)
    folder = output / "text"
    if not (folder / "model").exists():
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer = build_tokenizer(folder)
        tokenizer.save_pretrained(folder / "tokenizer")
        encoder = build_encoder(tokenizer, settings.text_width)
        if settings.taught_words:
            print(f"text encoder names {teach_words(encoder, tokenizer):.1%} of instructions")
        encoder.save_pretrained(folder / "model")
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    latents = AutoencoderTiny.from_pretrained(settings.autoencoder_folder).config.latent_channels
    torch.manual_seed(settings.seed)
    return Editor(build_unet(settings, latents), CLIPTextModel.from_pretrained(folder / "model")), tokenizer


def tunable(folder: str) -> tuple[Editor, CLIPTokenizer]:
    """A mini editor's U-Net and text encoder in float32, ready to learn on, and its tokenizer."""
    unet = UNet2DConditionModel.from_pretrained(folder, subfolder="unet", torch_dtype=torch.float32)
    unet.set_attn_processor(AttnProcessor())
    text_encoder = CLIPTextModel.from_pretrained(folder, subfolder="text_encoder", dtype=torch.float32)
    return Editor(unet, text_encoder), CLIPTokenizer.from_pretrained(folder, subfolder="tokenizer")


def train(settings: EditingSettings, output: Path) -> None:
    """Train, or go on training where the folder stopped."""
    from training.looks import Looks

    if settings.threads:
        torch.set_num_threads(settings.threads)
    editor, tokenizer = prepare(settings, output)
    begun_with(output / "prediction", settings.prediction)
    run = Run(settings, editor, output)
    run.resume()
    learner = Learner(settings, Pool(Path(settings.pool)), tokenizer)
    looks = Looks(AutoencoderTiny.from_pretrained(settings.autoencoder_folder), tokenizer, learner.noise)
    if run.step < settings.steps:
        print(estimate(run, lambda: learner.loss(run.model, run.step_seed(run.step))["loss"]), flush=True)
    for step in run.steps():
        with run.accelerator.autocast():
            parts = learner.loss(run.model, run.step_seed(step))
        run.learn(parts["loss"])
        if step % settings.log_every == 0:
            run.log("train", **{name: value.item() for name, value in parts.items()})
        if step % settings.evaluate_every == settings.evaluate_every - 1:
            run.log("evaluation", **run.with_average_weights(lambda: looks.look(run.bare(), output, run.step + 1)))


def export(settings: EditingSettings, output: Path, folder: Path) -> None:
    """Write the averaged weights as a pipeline folder in float16, as diffusers reads it."""
    editor, tokenizer = prepare(settings, output)
    begun_with(output / "prediction", settings.prediction)
    run = Run(settings, editor, output)
    if not run.resume():
        raise SystemExit(f"{output} holds no checkpoint to export")
    run.ema.copy_to(run.model.parameters())
    trained = run.bare()
    pipeline = StableDiffusionInstructPix2PixPipeline(
        vae=AutoencoderTiny.from_pretrained(settings.autoencoder_folder),
        text_encoder=trained.text_encoder,
        tokenizer=tokenizer,
        unet=trained.unet,
        scheduler=DDIMScheduler(**settings.schedule),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.to(dtype=torch.float16).save_pretrained(folder, safe_serialization=True)
    forget_origins(folder)
    path = folder / "dialogpaint.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    taught = {"repertoire": repertoire(), "words": words()}
    path.write_text(json.dumps({**DEFAULTS, **kept, **taught}, indent=2) + "\n")


def repertoire() -> dict[str, Any]:
    """What the mini can do to any picture, as `editing_service/repertoire.py` reads it."""
    maps = [{**_anywhere(change, LARGE), "one_map": True} for change in ANYWHERE if change not in (PENCIL, PIXEL_ART)]
    maps[ANYWHERE.index(BLACK_AND_WHITE)]["grey"] = True
    drawn = [_anywhere(PENCIL, LARGE), {**_anywhere(PIXEL_ART, DEFAULTS["resolution"]), "redrawn": True}]
    return {
        "flat_share": FLAT_SHARE,
        "whole_picture": [*maps, *drawn],
        "repaints": recolourings(),
        "scenery": sceneries(),
    }


def _anywhere(change: Change, longest_side: object) -> dict[str, Any]:
    return {"wordings": wordings(change), "longest_side": longest_side}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=Path("training/configs/editing_mini.yaml"))
    parser.add_argument("--output", type=Path, default=Path("var/training/editing"))
    parser.add_argument("--export", type=Path, help="write the trained editor as a pipeline folder instead of training")
    parser.add_argument("settings", nargs="*", help="name=value, over the file's")
    arguments = parser.parse_args()
    settings = read_settings(arguments.config, EditingSettings, arguments.settings)
    if arguments.export:
        export(settings, arguments.output, arguments.export)
    else:
        train(settings, arguments.output)


if __name__ == "__main__":
    main()
