"""The model card of a tuned editor: what it was made from and how, and that nothing has been measured yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_CARD = """---
library_name: diffusers
pipeline_tag: image-to-image
base_model: {base}
tags: [image-editing, instruct-pix2pix]
---

# Tuned editor

A `StableDiffusionInstructPix2PixPipeline` tuned from `{base}`; that model's licence holds for this one too.

- Data: `{data}`, squares of {resolution} pixels, mirrored half of the time unless the instruction names a side.
- Trained: {trained}, {steps:,} steps of {examples} examples, AdamW at {learning_rate:g}, averaged weights.
- Target: {prediction_type}. Dropped: the instruction in {text_dropout:.1%}, the picture in {picture_dropout:.1%},
  both in {both_dropout:.1%} of the examples.

Nothing has been measured of it yet. Serve it with `EDITING_MODEL=THIS_FOLDER`.
"""


def tuning_card(settings: Mapping[str, Any], steps: int, prediction_type: str) -> str:
    """The card of what these settings made in so many steps."""
    rank = settings["lora_rank"]
    trained = f"LoRA of rank {rank} on the attention of the U-Net, merged" if rank else "the whole U-Net"
    examples = settings["batch_size"] * settings["gradient_accumulation"]
    facts = {**settings, "steps": steps, "trained": trained, "examples": examples, "prediction_type": prediction_type}
    return _CARD.format(**facts)
