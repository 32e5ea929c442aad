"""A pipeline of the real classes whose edits take a few milliseconds; its pictures show nothing."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    DDIMScheduler,
    StableDiffusionInstructPix2PixPipeline,
    UNet2DConditionModel,
)
from diffusers.utils import logging as diffusers_logging
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

SIDE = 32
DEFAULTS = {
    "name": "tiny",
    "steps": 2,
    "text_guidance_scale": 1.5,
    "image_guidance_scale": 1.0,
    "resolution": SIDE,
    "carry_changes": True,
}
VOCABULARY, START, END = 600, 512, 513


def save_tiny_model(folder: Path) -> Path:
    """Write a model folder that an editing worker can serve."""
    diffusers_logging.disable_progress_bar()
    scheduler = DDIMScheduler(
        prediction_type="sample", rescale_betas_zero_snr=True, timestep_spacing="trailing", clip_sample=False
    )
    tiny_pipeline(scheduler).save_pretrained(folder)
    (folder / "dialogpaint.json").write_text(json.dumps(DEFAULTS))
    return folder


def tiny_vae() -> AutoencoderTiny:
    """An autoencoder of eight channels."""
    widths, blocks = (8, 8, 8, 8), (1, 1, 1, 1)
    return AutoencoderTiny(
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=blocks,
        num_decoder_blocks=blocks,
        latent_channels=4,
    )


def tiny_pipeline(
    scheduler: Any, make_vae: Callable[[], AutoencoderTiny | AutoencoderKL] = tiny_vae
) -> StableDiffusionInstructPix2PixPipeline:
    """A pipeline whose every part is small and whose weights depend on nothing but this code."""
    torch.manual_seed(11)
    vae, unet, text_encoder = make_vae(), _unet(), _text_encoder()
    return assembled(
        vae=vae.eval(),
        text_encoder=text_encoder.eval(),
        tokenizer=letters_tokenizer(16),
        unet=unet.eval(),
        scheduler=scheduler,
    )


def assembled(**parts: Any) -> StableDiffusionInstructPix2PixPipeline:
    """A pipeline of these networks, tokenizer and scheduler, without what looks at its pictures."""
    return StableDiffusionInstructPix2PixPipeline(
        **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )


def _unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=SIDE // 8,
        in_channels=8,
        out_channels=4,
        block_out_channels=(16, 32),
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=16,
        attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )


def _text_encoder() -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=VOCABULARY,
            hidden_size=16,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            max_position_embeddings=16,
            bos_token_id=START,
            eos_token_id=END,
            pad_token_id=END,
        )
    )


def letters_tokenizer(length: int) -> CLIPTokenizer:
    """One token a letter: no merges; at most `length` of them."""
    letters = [*string.ascii_lowercase, *string.digits]
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    vocabulary = {word: index for index, word in enumerate(words)}
    return CLIPTokenizer(
        vocab={**vocabulary, "<|startoftext|>": START, "<|endoftext|>": END}, merges=[], model_max_length=length
    )
