"""Which painted pairs show the edit and nothing else, by CLIP, as InstructPix2Pix chose them.

For normalised embeddings of the pictures e0, e1 and the captions t0, t1 these are cosines: of each picture with its
caption, of the pictures with each other, and of the directions e1 − e0 and t1 − t0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from transformers import AutoTokenizer, CLIPImageProcessor, CLIPModel


@dataclass(frozen=True)
class Similarities:
    """Cosines of one pair."""

    before: float
    after: float
    direction: float
    pictures: float


@dataclass(frozen=True)
class Thresholds:
    """The least that is kept; the defaults are those of InstructPix2Pix's code, for CLIP ViT-L/14."""

    text: float = 0.2
    direction: float = 0.2
    pictures: float = 0.7

    def failed(self, found: Similarities) -> str | None:
        """What the pair fails by, if anything."""
        if found.pictures < self.pictures:
            return "the pictures have too little in common"
        if min(found.before, found.after) < self.text:
            return "a picture does not show its caption"
        if found.direction < self.direction:
            return "the pictures do not differ as the captions do"
        return None


class Clip:
    """A CLIP folder that embeds pictures and captions."""

    def __init__(self, folder: Path, device: str | None = None) -> None:
        """Raises OSError where the folder holds no CLIP in safetensors."""
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._model = CLIPModel.from_pretrained(folder, use_safetensors=True).to(self._device).eval()
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._processor = CLIPImageProcessor.from_pretrained(folder)

    @torch.inference_mode()
    def judge(self, captions: tuple[str, str], pairs: Sequence[tuple[Image.Image, Image.Image]]) -> list[Similarities]:
        """The similarities of each pair of pictures of the two captions."""
        pixels = self._processor([picture for pair in pairs for picture in pair], return_tensors="pt").pixel_values
        words = self._tokenizer(list(captions), padding=True, truncation=True, return_tensors="pt")
        found = self._model(
            input_ids=words.input_ids.to(self._device),
            attention_mask=words.attention_mask.to(self._device),
            pixel_values=pixels.to(self._device),
        )
        pictures = found.image_embeds.view(len(pairs), 2, -1)
        return [similarities(one, found.text_embeds) for one in pictures]


def similarities(pictures: Tensor, captions: Tensor) -> Similarities:
    """Of the embeddings of two pictures (2, width) and their captions (2, width)."""
    e, t = F.normalize(pictures.float(), dim=-1), F.normalize(captions.float(), dim=-1)
    direction = F.cosine_similarity(e[1] - e[0], t[1] - t[0], dim=0)
    return Similarities(*(float(value) for value in (e[0] @ t[0], e[1] @ t[1], direction, e[0] @ e[1])))


def chosen(found: Sequence[Similarities], thresholds: Thresholds, most: int) -> tuple[list[int], Counter[str]]:
    """Indices of the pairs that are kept, those whose direction is best first, and why others are not."""
    lost: Counter[str] = Counter()
    passed = []
    for index, one in enumerate(found):
        reason = thresholds.failed(one)
        if reason is None:
            passed.append(index)
        else:
            lost[reason] += 1
    passed.sort(key=lambda index: -found[index].direction)
    if len(passed) > most:
        lost["others of the same captions are better"] += len(passed) - most
    return passed[:most], lost
