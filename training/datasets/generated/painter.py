"""Two pictures of two captions that differ in what the captions differ in: one seed, and shared self-attention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import DiffusionPipeline
from PIL import Image
from torch import Tensor, nn


class UnusablePainter(ValueError):
    """The folder holds no text-to-image pipeline that this can drive; the message says why."""


@dataclass(frozen=True)
class Stroke:
    """How a batch of pairs is painted: guidance scale, and for which part of the steps attention is shared."""

    seeds: tuple[int, ...]
    guidance: float
    shared_part: float


class Painter:
    """A diffusers text-to-image folder, asked for pairs of pictures."""

    def __init__(self, folder: Path, steps: int = 100, side: int | None = None, device: str | None = None) -> None:
        """`side` in pixels, the model's own by default; raises UnusablePainter."""
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        kind = torch.float32 if self._device == "cpu" else torch.float16
        try:
            self._pipeline = DiffusionPipeline.from_pretrained(folder, dtype=kind, use_safetensors=True)
        except (OSError, ValueError, AttributeError) as error:
            raise UnusablePainter(f"{folder} is no diffusers pipeline with safetensors: {error}") from error
        self._pipeline.to(self._device)
        self._pipeline.set_progress_bar_config(disable=True)
        self.steps, self._side = steps, side

    def paint(self, caption: str, edited_caption: str, stroke: Stroke) -> list[tuple[Image.Image, Image.Image] | None]:
        """A pair for each seed; None where the pipeline's own safety checker blacked a picture out."""
        # Pairs lie side by side, so that original pictures have the even rows, with and without guidance.
        prompts = [caption, edited_caption] * len(stroke.seeds)
        generators = [torch.Generator(self._device).manual_seed(seed) for seed in stroke.seeds for _ in range(2)]
        size = {} if self._side is None else {"height": self._side, "width": self._side}
        with shared_attention(self._network(), round(stroke.shared_part * self.steps)), torch.inference_mode():
            made = self._pipeline(
                prompts,
                generator=generators,
                num_inference_steps=self.steps,
                guidance_scale=stroke.guidance,
                **size,
            )
        pictures: Sequence[Image.Image] = made.images
        bad = getattr(made, "nsfw_content_detected", None) or [False] * len(pictures)
        return [
            None if bad[row] or bad[row + 1] else (pictures[row], pictures[row + 1])
            for row in range(0, len(pictures), 2)
        ]

    def _network(self) -> nn.Module:
        network: Any = getattr(self._pipeline, "unet", None)
        if network is None:
            raise UnusablePainter("only pipelines with a U-Net (Stable Diffusion 1, 2, XL) can paint pairs")
        return network  # type: ignore[no-any-return]


@contextmanager
def shared_attention(unet: nn.Module, steps: int) -> Iterator[None]:
    """For the first `steps` calls, odd rows attend to themselves by the queries and keys of the even row before them.

    So both pictures get the same self-attention maps, hence the same layout, as InstructPix2Pix had it from
    prompt-to-prompt; what the words ask for still enters by cross-attention and values.
    """
    calls = 0

    def count(_network: nn.Module, _inputs: Any) -> None:
        nonlocal calls
        calls += 1

    def share(_projection: nn.Module, _inputs: Any, projected: Tensor) -> Tensor:
        return projected[0::2].repeat_interleave(2, dim=0) if calls <= steps else projected

    projections = [module for name, module in unet.named_modules() if name.endswith((".attn1.to_q", ".attn1.to_k"))]
    hooks = [unet.register_forward_pre_hook(count), *(one.register_forward_hook(share) for one in projections)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
