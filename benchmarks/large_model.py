"""Models of the sizes that GPUs are bought for, with weights made here: speed does not ask what they say.

The shapes are those of `timbrooks/instruct-pix2pix` (Stable Diffusion 1.5 with four more input channels) and of
`facebook/blenderbot-400M-distill`, from their published configurations; tokenizers are this project's own.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from transformers import (
    AutoTokenizer,
    BlenderbotConfig,
    BlenderbotForConditionalGeneration,
    CLIPTextConfig,
    CLIPTextModel,
)

from benchmarks.endurance_model import END, START, assembled, letters_tokenizer

DEFAULTS = {"steps": 20, "text_guidance_scale": 7.5, "image_guidance_scale": 1.5, "resolution": 512}


def save_large_editor(folder: Path) -> Path:
    """Write an InstructPix2Pix of Stable Diffusion 1.5's size: 1.07 billion weights in bfloat16, 2.1 GB."""
    torch.manual_seed(0)
    pipeline = assembled(
        vae=AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=4,
            sample_size=512,
        ),
        text_encoder=CLIPTextModel(
            CLIPTextConfig(
                hidden_size=768,
                intermediate_size=3072,
                num_hidden_layers=12,
                num_attention_heads=12,
                bos_token_id=START,
                eos_token_id=END,
                pad_token_id=END,
            )
        ),
        tokenizer=letters_tokenizer(77),
        unet=UNet2DConditionModel(sample_size=64, in_channels=8, cross_attention_dim=768, attention_head_dim=8),
        scheduler=DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1
        ),
    )
    pipeline.to(dtype=torch.bfloat16).save_pretrained(folder)
    (folder / "dialogpaint.json").write_text(json.dumps(DEFAULTS))
    return folder


def save_large_dialogue(folder: Path, tokenizer_folder: Path) -> Path:
    """Write a Blender of the 400M's size, but for its table of words, which is the given tokenizer's."""
    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    config = BlenderbotConfig(
        vocab_size=len(tokenizer), d_model=1280, max_position_embeddings=128,
        encoder_layers=2, decoder_layers=12, encoder_ffn_dim=5120, decoder_ffn_dim=5120,
        encoder_attention_heads=32, decoder_attention_heads=32, forced_eos_token_id=None,
        pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id, decoder_start_token_id=tokenizer.bos_token_id,
    )  # fmt: skip
    model = BlenderbotForConditionalGeneration(config)
    plain: torch.nn.Module = model
    plain.to(torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
