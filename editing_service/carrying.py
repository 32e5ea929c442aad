"""How an edit made on a small, blurred picture is carried over to the source's own pixels.

Every edit goes through the autoencoder, which blurs, and often at a smaller size. So what it changed is read off the
pair of the untouched source and the edited picture, both as the autoencoder renders them:

- Where the two do not differ, nothing was edited: the source's own pixels stay.
- Where they do, the edited pixels are taken, of edits that put new things there.
- Edits of light and colours alone are read as affine maps of colours around every pixel, which turn one of the pair
  into the other (guided filtering: He, Sun and Tang 2013; for upsampling: Chen et al. 2016) and are applied to the
  source's own pixels, in all detail. Where no map explains the edit, the edited pixels are taken all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter
from torch import Tensor

from editing_service.images import BAND, Pixels, Placement, unframe_picture

RADIUS = 4
"""Half the side of the windows in which a map is fitted, in pixels of the frame's 128."""
STIFFNESS = 1e-3
"""How strongly a window's map leans on that of the whole picture, as a variance of colours in 0..1."""
NO_CHANGE_LEVELS = (8, 24)
"""Differences (of 255) up to the first count as none, from the second on as full ones."""


@dataclass(frozen=True)
class ColourMaps:
    """Affine maps of colours in 0..1, one for each pixel of a frame: matrices (9, h, w) and offsets (3, h, w)."""

    matrices: Tensor
    offsets: Tensor

    def applied(self, colours: Tensor) -> Tensor:
        """Colours (3, h, w) through the map of their pixel."""
        return _times(self.matrices, colours) + self.offsets


def keep_unchanged(source: Image.Image, untouched: Pixels, edited: Pixels, placement: Placement) -> Image.Image:
    """The edited picture where an edit changed something, and the source's own pixels elsewhere.

    `untouched` and `edited` are the source and the result as the autoencoder renders them, in the model's frame.
    """
    width, height = placement.scaled
    changed = _differing(untouched[:height, :width], edited[:height, :width])
    return Image.composite(unframe_picture(edited, placement), source, _as_large(changed, source))


def carry_over(source: Image.Image, untouched: Pixels, edited: Pixels, placement: Placement) -> Image.Image:
    """The source with new colours: its own pixels, these through a map, or where none fits the edited picture's.

    `untouched` and `edited` are as for `keep_unchanged`.
    """
    width, height = placement.scaled
    before, after = (pixels[:height, :width] for pixels in (untouched, edited))
    maps = fit(_colours(before), _colours(after))
    new = _differing(_pixels(maps.applied(_colours(before))), after)
    return Image.composite(unframe_picture(edited, placement), _map(source, maps), _as_large(new, source))


def fit(before: Tensor, after: Tensor) -> ColourMaps:
    """The maps that turn one picture into another, both (3, h, w) in 0..1; flat windows follow the whole picture's."""
    side = 2 * max(1, round(RADIUS * max(before.shape[1:]) / 128)) + 1
    *_, spread, shared = _moments(before, after, None)
    whole = _matrix(spread, shared, torch.eye(3).reshape(9, 1, 1))
    mean_before, mean_after, spread, shared = _moments(before, after, side)
    matrices = _box(_matrix(spread, shared, whole), side)
    offsets = mean_after - _times(matrices, mean_before)
    return ColourMaps(matrices, _box(offsets, side))


def _moments(before: Tensor, after: Tensor, side: int | None) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Means (3), covariance of what was (9) and with what it became (9), in windows or over all; each (n, h, w)."""
    mean_before, mean_after = _box(before, side), _box(after, side)
    spread = _box(_products(before, before), side) - _products(mean_before, mean_before)
    shared = _box(_products(after, before), side) - _products(mean_after, mean_before)
    return mean_before, mean_after, spread, shared


def _matrix(spread: Tensor, shared: Tensor, leaning: Tensor) -> Tensor:
    """Least squares with a leaning: (shared + s·leaning)·(spread + s·1)⁻¹, (9, h, w)."""
    right = _as_matrices(shared + STIFFNESS * leaning)
    left = _as_matrices(spread) + STIFFNESS * torch.eye(3)
    solved: Tensor = torch.linalg.solve(left, right, left=False)  # (h, w, 3, 3)
    return solved.flatten(2).permute(2, 0, 1)


def _times(matrices: Tensor, colours: Tensor) -> Tensor:
    """Each pixel's colour times its matrix, (3, h, w)."""
    return (matrices.reshape(3, 3, *matrices.shape[1:]) * colours).sum(dim=1)


def _as_matrices(nine: Tensor) -> Tensor:
    """(9, h, w) as (h, w, 3, 3)."""
    return nine.permute(1, 2, 0).reshape(*nine.shape[1:], 3, 3)


def _products(a: Tensor, b: Tensor) -> Tensor:
    return (a.unsqueeze(1) * b.unsqueeze(0)).flatten(0, 1)


def _box(values: Tensor, side: int | None) -> Tensor:
    """Means over windows, cut off at the picture's edges; over everything where there is no side."""
    if side is None:
        return values.mean(dim=(1, 2), keepdim=True)
    half, planes = side // 2, values.unsqueeze(0)
    across = F.avg_pool2d(planes, (1, side), stride=1, padding=(0, half), count_include_pad=False)
    return F.avg_pool2d(across, (side, 1), stride=1, padding=(half, 0), count_include_pad=False)[0]


def _differing(one: Pixels, other: Pixels) -> Image.Image:
    """Where two pictures differ, softly: 0 (not at all) to 255."""
    difference = np.abs(other.astype(np.int16) - one).max(axis=2)
    least, most = NO_CHANGE_LEVELS
    share = np.clip((difference - least) / (most - least), 0, 1) * 255
    mask = Image.fromarray(share.round().astype(np.uint8))
    return mask.filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(1.5))


def _as_large(mask: Image.Image, picture: Image.Image) -> Image.Image:
    return mask if mask.size == picture.size else mask.resize(picture.size, Image.Resampling.BILINEAR)


def _map(source: Image.Image, maps: ColourMaps) -> Image.Image:
    """The source's own pixels through the maps, which are read between their pixels where the source is larger."""
    levels = np.asarray(source)
    bands = [
        _map_band(levels[top : top + BAND], maps, top / len(levels), min(top + BAND, len(levels)) / len(levels))
        for top in range(0, len(levels), BAND)
    ]
    return Image.fromarray(np.concatenate(bands))


def _map_band(levels: Pixels, maps: ColourMaps, top: float, bottom: float) -> Pixels:
    """Rows (n, width, 3) of the source that lie between two heights of the picture (0 to 1)."""
    rows, width, _ = levels.shape
    across = (torch.arange(width) + 0.5) / width * 2 - 1
    down = (torch.linspace(top, bottom, rows + 1)[:-1] + (bottom - top) / rows / 2) * 2 - 1
    places = torch.stack(torch.meshgrid(down, across, indexing="ij")[::-1], dim=-1).unsqueeze(0)  # (1, n, width, xy)
    planes = torch.cat([maps.matrices, maps.offsets]).unsqueeze(0)
    read = F.grid_sample(planes, places, padding_mode="border", align_corners=False)[0]
    mapped = ColourMaps(read[:9], read[9:]).applied(_colours(levels))
    return _pixels(mapped)


def _pixels(colours: Tensor) -> Pixels:
    pixels: Pixels = colours.clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy()
    return pixels


def _colours(pixels: Pixels) -> Tensor:
    return torch.tensor(pixels).permute(2, 0, 1).float().div(255)
