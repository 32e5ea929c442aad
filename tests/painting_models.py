"""A tiny text-to-image pipeline and a tiny CLIP, of the real classes with random weights, as folders."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTextConfig, CLIPVisionConfig

from tests.editing_models import BETAS, make_pipeline

TEXT = {
    "vocab_size": 600, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
    "max_position_embeddings": 16, "bos_token_id": 512, "eos_token_id": 513, "pad_token_id": 513,
}  # fmt: skip


def make_painter() -> StableDiffusionPipeline:
    """Stable Diffusion's own pipeline around the parts of the tests' editor, and a U-Net that takes noise alone."""
    editor = make_pipeline(vae="full")
    torch.manual_seed(5)
    unet = UNet2DConditionModel(
        sample_size=4, in_channels=4, out_channels=4, block_out_channels=(16, 32), layers_per_block=1,
        norm_num_groups=4, cross_attention_dim=16, attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
    )  # fmt: skip
    return StableDiffusionPipeline(
        vae=editor.vae,
        text_encoder=editor.text_encoder,
        tokenizer=editor.tokenizer,
        unet=unet.eval(),
        scheduler=DDIMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False, steps_offset=1),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def save_painter(folder: Path) -> Path:
    """Save such a pipeline."""
    make_painter().save_pretrained(folder)
    return folder


def save_clip(folder: Path) -> Path:
    """Save a CLIP with the editor's tokenizer and its own picture processor."""
    torch.manual_seed(6)
    vision = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=8
    )
    config = CLIPConfig(text_config=CLIPTextConfig(**TEXT), vision_config=vision, projection_dim=8)
    CLIPModel(config).save_pretrained(folder)
    make_pipeline().tokenizer.save_pretrained(folder)
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder
