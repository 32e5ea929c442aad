"""A critic that tells drawn pictures from true ones, patch by patch: where an error only blurs, a decoder must decide.

A small PatchGAN (Isola et al., arXiv 1611.07004) with hinge loss and spectral normalisation, in training alone.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class Critic:
    """A network that judges patches, and its own optimiser."""

    def __init__(self, learning_rate: float, width: int = 48) -> None:
        network: Any = patch_network(width)  # whose stub of `to` knows no memory format
        self._network = network.to(memory_format=torch.channels_last)
        self._optimizer = torch.optim.AdamW(
            self._network.parameters(), learning_rate, betas=(0.5, 0.99), weight_decay=0.0
        )

    def objection(self, drawn: Tensor) -> Tensor:
        """How clearly drawn pictures (n, 3, h, w) are told from true ones; a scalar that the decoder descends."""
        self._network.requires_grad_(False)
        objection: Tensor = -self._network(drawn).float().mean()
        self._network.requires_grad_(True)
        return objection

    def learn(self, true: Tensor, drawn: Tensor) -> float:
        """One step of telling them apart; returns the share of drawn patches that are taken for true ones."""
        judged_true, judged_drawn = self._network(true), self._network(drawn)
        loss = (1 - judged_true).clamp_min(0).mean() + (1 + judged_drawn).clamp_min(0).mean()
        self._optimizer.zero_grad()
        torch.autograd.backward(loss)
        self._optimizer.step()
        return float((judged_drawn > 0).float().mean())

    def state_dict(self) -> dict[str, Any]:
        """Weights and moments, for a checkpoint."""
        return {"network": self._network.state_dict(), "optimizer": self._optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self._network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])


def patch_network(width: int) -> nn.Sequential:
    """Judges (n, 1, h / 4, w / 4) of pictures (n, 3, h, w), each about a patch of 22 pixels."""
    layers: list[nn.Module] = []
    for source, target, stride in ((3, width, 2), (width, 2 * width, 2), (2 * width, 2 * width, 1)):
        layers += [spectral_norm(nn.Conv2d(source, target, 4 if stride == 2 else 3, stride, 1)), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, spectral_norm(nn.Conv2d(2 * width, 1, 3, 1, 1)))
