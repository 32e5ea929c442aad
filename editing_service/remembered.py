"""The U-Net's layers that look at the prompts alone are computed once for a batch, not once for each of its steps.

For the blocks that `lean.py` leaves as they are: all of them on a GPU, and those it does not know on a CPU.
"""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from torch import Tensor


class Remembered(torch.nn.Module):
    """A layer that, asked again about the very same tensor, says what it said: exact, and never another batch's.

    A batch's prompts are one tensor for as long as the same runs are in it, and nobody writes into it.
    """

    def __init__(self, layer: torch.nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self._seen: Tensor | None = None
        self._said: Tensor | None = None

    def forward(self, states: Tensor) -> Tensor:
        """The layer's output."""
        if self._said is None or states is not self._seen:
            self._said = self.layer(states)
            self._seen = states
        return self._said


def remember_prompts(unet: UNet2DConditionModel) -> None:
    """Wrap the keys and values of every cross-attention, and what of the prompt goes into the time embedding."""
    for module in list(unet.modules()):
        if isinstance(module, Attention) and module.is_cross_attention and module.norm_cross is None:
            module.to_k, module.to_v = Remembered(module.to_k), Remembered(module.to_v)
    if unet.config.addition_embed_type == "text":
        unet.add_embedding = Remembered(unet.add_embedding)
