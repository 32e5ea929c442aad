"""A pipeline of the real classes whose edits take a few milliseconds; its pictures show nothing."""

from __future__ import annotations

import json
import string
from pathlib import Path

import torch
from diffusers import AutoencoderTiny, DDIMScheduler, StableDiffusionInstructPix2PixPipeline, UNet2DConditionModel
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
START, END = 512, 513


def save_tiny_model(folder: Path) -> Path:
    """Write a model folder that an editing worker can serve."""
    diffusers_logging.disable_progress_bar()
    torch.manual_seed(11)
    pipeline = StableDiffusionInstructPix2PixPipeline(
        vae=_vae().eval(),
        text_encoder=_text_encoder().eval(),
        tokenizer=_tokenizer(),
        unet=_unet().eval(),
        scheduler=DDIMScheduler(
            prediction_type="sample", rescale_betas_zero_snr=True, timestep_spacing="trailing", clip_sample=False
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)
    (folder / "dialogpaint.json").write_text(json.dumps(DEFAULTS))
    return folder


def _vae() -> AutoencoderTiny:
    widths, blocks = (8, 8, 8, 8), (1, 1, 1, 1)
    return AutoencoderTiny(
        encoder_block_out_channels=widths,
        decoder_block_out_channels=widths,
        num_encoder_blocks=blocks,
        num_decoder_blocks=blocks,
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
            vocab_size=END + 1,
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


def _tokenizer() -> CLIPTokenizer:
    """One token a letter: no merges."""
    letters = [*string.ascii_lowercase, *string.digits]
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    vocabulary = {word: index for index, word in enumerate(words)}
    return CLIPTokenizer(
        vocab={**vocabulary, "<|startoftext|>": START, "<|endoftext|>": END}, merges=[], model_max_length=16
    )
