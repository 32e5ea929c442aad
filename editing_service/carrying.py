"""How an edit made on a small, blurred picture is carried over to the source's own pixels.

Every edit goes through the autoencoder, which blurs, and often at a smaller size. So what it changed is read off the
pair of the untouched source and the edited picture, both as the autoencoder renders them:

- Where the two do not differ, nothing was edited: the source's own pixels stay.
- Where they do, the edited pixels are taken, of edits that put new things there.
- Edits of light and colours alone are read as affine maps of colours, which turn one of the pair into the other and
  are applied to the source's own pixels, in all detail: one map for the whole picture ("black and white"), one for
  all that changed ("paint the cat red"), or one around every pixel (guided filtering: He, Sun and Tang 2013; for
  upsampling: Chen et al. 2016). Where one of the latter two does not explain the edit, the edited pixels are taken.
- Edits of what is around things (time, weather, place) are taken, but for the things that stay and that the
  autoencoder blurs: these keep their own lines, in their new light.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter
from torch import Tensor

from editing_service.images import BAND, Pixels, Placement, unframe_picture

RADIUS = 4
"""Half the side of the windows in which a map is fitted, in pixels of the frame's 128."""
STIFFNESS = 1e-3
"""How strongly a window's map leans on that of the whole picture, as a variance of colours in 0..1."""
NO_CHANGE_LEVELS = (8, 24)
"""Differences (of 255) up to the first count as none, from the second on as full ones."""
UNEXPLAINED_LEVELS = (40, 90)
"""The same for what a thing's map does not explain: more, since the edited pixels blur every line."""
NEW_LEVELS = (16, 40)
"""The same where only the light of a thing changes: what its map does not explain is something new."""
LOST_LEVELS = (6, 20)
"""The same between a source and how the autoencoder renders it: it has lost what differs."""
PLAIN_LEVELS = (8, 20)
"""The same for the lightness around a pixel: where it differs by no more, nothing is to be seen."""
THICK = 3
"""Pixels across of what is left unexplained; anything thinner is a line that the edit lost, such as an outline."""
ROUNDS, OUTLYING = 8, 0.06
"""Fits one after the other, and how far from the last one (colours in 0..1) a pixel counts but half as much."""


@dataclass(frozen=True)
class ColourMaps:
    """Affine maps of colours in 0..1, one for each pixel of a frame: matrices (9, h, w) and offsets (3, h, w).

    With h = w = 1 there is one map for all of them.
    """

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


def carry_over_as_one(source: Image.Image, untouched: Pixels, edited: Pixels, placement: Placement) -> Image.Image:
    """The source with new colours, all through one map; arguments as for `keep_unchanged`."""
    return _map(source, _one_map(untouched, edited, placement))


def carry_over_as_grey(source: Image.Image, untouched: Pixels, edited: Pixels, placement: Placement) -> Image.Image:
    """The source in grey, through the one map without its tint; arguments as for `keep_unchanged`."""
    tinted = _one_map(untouched, edited, placement)
    lightness = tinted.matrices.reshape(3, 3, 1, 1).mean(dim=0)
    offset = tinted.offsets.mean(dim=0, keepdim=True)
    return _map(source, ColourMaps(lightness.repeat(3, 1, 1), offset.repeat(3, 1, 1)))


def _one_map(untouched: Pixels, edited: Pixels, placement: Placement) -> ColourMaps:
    width, height = placement.scaled
    before, after = (_colours(pixels[:height, :width]) for pixels in (untouched, edited))
    return fit_one(before, after, torch.ones(before.shape[1:]))


def repaint(source: Image.Image, untouched: Pixels, edited: Pixels, placement: Placement) -> Image.Image:
    """The source with new colours where something changed, these through one map; arguments as for `keep_unchanged`.

    A thing that was painted keeps its outline and its eyes, of which the edited picture leaves a blur. What changed
    over some breadth and otherwise than the map tells, such as a sail that stays white, is taken from there.
    """
    width, height = placement.scaled
    changed = _difference(untouched[:height, :width], edited[:height, :width])
    own = _colours(np.asarray(_as_small(source, placement)))
    before, after = (_colours(each[:height, :width]) for each in (untouched, edited))
    wanted = own + after - before
    # What is behind the thing has a say in the map, or else the blurred edge of the change would tint it.
    around = torch.tensor(np.asarray(_widened(changed, 5, 1))).float().div(255)
    one = fit_one(own, wanted, around)
    painted = Image.composite(_map(source, one), source, _as_large(_widened(changed, 3, 0.8), source))
    rest = _unexplained(one.applied(own), wanted)
    if rest.getextrema() == (0, 0):
        return painted
    return Image.composite(keep_unchanged(source, untouched, edited, placement), painted, _as_large(rest, source))


def restage(source: Image.Image, untouched: Pixels, edited: Pixels, placement: Placement) -> Image.Image:
    """The edited picture, in which things that stay keep their lines; arguments as for `keep_unchanged`.

    The source's own pixels, through a map around each, are taken where the autoencoder loses something of them: unless
    the edited picture is something else there, which is new, or nothing at all, since what was there is gone.
    """
    width, height = placement.scaled
    small = _as_small(source, placement)
    own = _colours(np.asarray(small))
    before, after = (_colours(each[:height, :width]) for each in (untouched, edited))
    wanted = own + after - before
    # Fitted at half the size, as in the fast guided filter (He and Sun 2015): a fifth of the time, the same maps.
    maps = fit(*(F.avg_pool2d(each, 2, ceil_mode=True) for each in (own, wanted)))
    mapped = _map(small, maps)
    new = _unexplained(_colours(np.asarray(mapped)), wanted, NEW_LEVELS, THICK + 2)
    lost = _widened(_softly((own - before).abs().amax(dim=0).mul(255).numpy(), LOST_LEVELS), 5, 1.5)
    drawn = _softly(_contrast(edited[:height, :width]), PLAIN_LEVELS).resize(small.size, Image.Resampling.BILINEAR)
    stays = ImageChops.darker(ImageChops.invert(new), ImageChops.darker(lost, drawn))
    large = mapped if source.size == small.size else _map(source, maps)
    return Image.composite(large, unframe_picture(edited, placement), _as_large(stays, source))


def fit_one(before: Tensor, after: Tensor, weights: Tensor) -> ColourMaps:
    """The one map that turns most of a picture into another, both (3, h, w) in 0..1; weights (h, w) in 0..1.

    Least squares in rounds, each of which counts less what the last one got wrong, as a blur along an outline does.
    """
    ones = torch.ones(1, *before.shape[1:])
    known = torch.cat([before, ones]).flatten(1).double()  # (4, n)
    sought, counts = after.flatten(1).double(), weights.flatten().double() + 1e-4
    leaning = torch.diag(torch.tensor([1.0, 1.0, 1.0, 0.0], dtype=torch.float64)) * counts.sum() * 1e-6
    weighted = counts
    for _ in range(ROUNDS):
        solved = torch.linalg.solve((known * weighted) @ known.T + leaning, (known * weighted) @ sought.T)  # (4, 3)
        wrong = (solved.T @ known - sought).abs().amax(dim=0)
        weighted = counts / (1 + (wrong / OUTLYING).square())
    matrix = solved.T.float()  # (3, 4)
    return ColourMaps(matrix[:, :3].reshape(9, 1, 1), matrix[:, 3].reshape(3, 1, 1))


def fit(before: Tensor, after: Tensor) -> ColourMaps:
    """The maps that turn one picture into another, both (3, h, w) in 0..1; flat windows follow the whole picture's."""
    side = 2 * max(1, round(RADIUS * max(before.shape[1:]) / 128)) + 1
    windows = _Windows.of(before.shape[1], before.shape[2], side)
    planes = torch.cat([before, after, _products(before, before), _products(after, before)])
    *_, spread, shared = _moments(planes.mean(dim=(1, 2), keepdim=True))
    whole = _matrix(spread, shared, torch.eye(3).reshape(9, 1, 1))
    mean_before, mean_after, spread, shared = _moments(windows.means(planes))
    matrices = windows.means(_matrix(spread, shared, whole))
    return ColourMaps(matrices, windows.means(mean_after - _times(matrices, mean_before)))


@dataclass(frozen=True)
class _Windows:
    """Square windows around every pixel of a picture, cut off at its edges: what a mean over them weighs (h, h; w, w).

    A mean is two products of matrices, which takes a fifth of what pooling does.
    """

    down: Tensor
    across: Tensor

    @classmethod
    def of(cls, height: int, width: int, side: int) -> _Windows:
        return cls(_near(height, side // 2), _near(width, side // 2))

    def means(self, planes: Tensor) -> Tensor:
        """Of planes (n, h, w), for each pixel over its window."""
        return self.down @ planes @ self.across.T


def _near(length: int, reach: int) -> Tensor:
    places = torch.arange(length)
    near = ((places[:, None] - places).abs() <= reach).float()
    return near / near.sum(dim=1, keepdim=True)


def _moments(means: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Means (3), covariance of what was (9) and with what it became (9), each (n, h, w); from the means of `fit`."""
    before, after, squares, shared = torch.split(means, [3, 3, 9, 9])
    return before, after, squares - _products(before, before), shared - _products(after, before)


def _matrix(spread: Tensor, shared: Tensor, leaning: Tensor) -> Tensor:
    """Least squares with a leaning: (shared + s·leaning)·(spread + s·1)⁻¹, (9, h, w).

    The inverse is that of a covariance: so it is solved as L·D·Lᵀ, written out for all pixels at once.
    """
    size = spread.shape[1:]
    (a, b, c), (_, d, e), (_, _, f) = spread.reshape(3, 3, *size)
    a, d, f = a + STIFFNESS, d + STIFFNESS, f + STIFFNESS
    l10, l20 = b / a, c / a
    d1, below = d - l10 * b, e - l20 * b
    l21 = below / d1
    d2 = f - l20 * c - l21 * below
    r0, r1, r2 = (shared + STIFFNESS * leaning).reshape(3, 3, *size).unbind(dim=1)  # columns, each (3, h, w)
    r1 = r1 - l10 * r0
    r2 = (r2 - l20 * r0 - l21 * r1) / d2
    r1 = r1 / d1 - l21 * r2
    return torch.stack([r0 / a - l10 * r1 - l20 * r2, r1, r2], dim=1).flatten(0, 1)


def _times(matrices: Tensor, colours: Tensor) -> Tensor:
    """Each pixel's colour times its matrix, (3, h, w)."""
    return (matrices.reshape(3, 3, *matrices.shape[1:]) * colours).sum(dim=1)


def _products(a: Tensor, b: Tensor) -> Tensor:
    return (a.unsqueeze(1) * b.unsqueeze(0)).flatten(0, 1)


def _differing(one: Pixels, other: Pixels) -> Image.Image:
    """Where two pictures differ, and around it, softly: 0 (not at all) to 255."""
    return _widened(_difference(one, other), 5, 1.5)


def _widened(mask: Image.Image, reach: int, blur: float) -> Image.Image:
    """The brightest within `reach` pixels across, blurred; an axis at a time, a quarter of what PIL's filter takes."""
    return Image.fromarray(_brightest(np.asarray(mask), reach)).filter(ImageFilter.GaussianBlur(blur))


def _contrast(picture: Pixels) -> NDArray[Any]:
    """How much lightness differs around a pixel, within some six across: of 255, at half the size."""
    light = np.asarray(Image.fromarray(picture).convert("L").reduce(2))
    contrast: NDArray[Any] = _brightest(light, 3).astype(np.int16) - (255 - _brightest(255 - light, 3))
    return contrast


def _brightest(levels: NDArray[Any], reach: int) -> NDArray[Any]:
    """The brightest of levels (h, w) within `reach` pixels across; none are brighter beyond the edges."""
    half = reach // 2
    for axis in (0, 1):
        padded = np.pad(levels, [(half, half) if each == axis else (0, 0) for each in (0, 1)])
        levels = reduce(
            np.maximum, [padded.take(range(first, first + levels.shape[axis]), axis) for first in range(reach)]
        )
    return levels


def _difference(one: Pixels, other: Pixels) -> Image.Image:
    """How much two pictures differ in each pixel: 0 (not at all) to 255."""
    by_colour = np.abs(other.astype(np.int16) - one)
    return _softly(reduce(np.maximum, by_colour.transpose(2, 0, 1)), NO_CHANGE_LEVELS)


def _softly(differences: NDArray[Any], levels: tuple[int, int]) -> Image.Image:
    """Differences (h, w) of 255 as a mask: 0 up to the first level, 255 from the second on."""
    least, most = levels
    share = np.clip((differences - least) / (most - least), 0, 1) * 255
    return Image.fromarray(share.round().astype(np.uint8))


def _unexplained(
    mapped: Tensor, wanted: Tensor, levels: tuple[int, int] = UNEXPLAINED_LEVELS, grown: int = THICK
) -> Image.Image:
    """Where a map leaves more than lines unexplained, softly: 0 (not at all) to 255; both colours (3, h, w).

    Such a place is taken as `grown` pixels across at least; with THICK it is as large as it is.
    """
    left = np.asarray(_softly((mapped - wanted).abs().amax(dim=0).mul(255).numpy(), levels))
    broad = 255 - _brightest(255 - left, THICK)
    return _widened(Image.fromarray(broad), grown, 1)


def _as_small(picture: Image.Image, placement: Placement) -> Image.Image:
    size = placement.scaled
    return picture if picture.size == size else picture.resize(size, Image.Resampling.BOX)


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
    if maps.offsets.shape[1:] == (1, 1):
        return _pixels(maps.applied(_colours(levels)))
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
