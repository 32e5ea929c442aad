"""How well the editor does what it is told: success, preservation and detail on scenes it was never trained on.

Protocol (ours): the source, and every picture that one nameable change makes of it, are drawn; an edit succeeds when
the true picture is nearest (mean squared error) to what the editor made. Preservation and detail are PSNR (dB) outside
and inside the pixels that the true edit changes; detail leaves out edits that hold chance (place, time, weather, back
to colours).
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from editing_service.engine import StepEngine
from editing_service.guidance import GuidanceScales
from editing_service.images import Pixels, changed_parts, keep_outside
from editing_service.model import EditingModel
from editing_service.runs import Finished, RunHandle, RunRequest
from training.datasets.changes import FAMILIES, SetStyle, apply, family_of, possible_changes, sample_change
from training.datasets.drawing import change_mask, render
from training.datasets.edits import Triple, scene_rng
from training.datasets.instructions import Split, phrase
from training.datasets.world import Scene, sample_scene

DETAILED = ("recolour", "replace", "remove", "add", "resize")
"""Families whose true result is determined by picture and words, beside putting a plain picture into a style."""


@dataclass(frozen=True)
class EditSettings:
    """How edits are run while measuring."""

    steps: int
    scales: GuidanceScales
    seed: int = 0


@dataclass(frozen=True)
class EditResult:
    """One measured edit."""

    triple: Triple
    family: str
    source: Pixels
    output: Pixels
    truth: Pixels
    success: bool
    preserved_db: float
    detail_db: float | None


@dataclass(frozen=True)
class EditReport:
    """Shares in percent and PSNR in dB over many edits."""

    count: int
    success: float
    by_family: dict[str, float]
    counts: dict[str, int]
    preserved_db: float
    detail_db: float


class Editor:
    """The step engine on one model, for scripts: pictures and instructions in, pictures out."""

    def __init__(self, model: EditingModel, slots: int = 8) -> None:
        self.model = model
        self.engine = StepEngine(model, slots)
        self.engine.start()

    def settings(self) -> EditSettings:
        """The model's own defaults."""
        defaults = self.model.defaults
        scales = GuidanceScales(text=defaults.text_guidance_scale, image=defaults.image_guidance_scale)
        return EditSettings(defaults.steps, scales)

    def edit(self, picture: Pixels, instruction: str, settings: EditSettings) -> Pixels:
        """Carry out one instruction on a picture of the model's size."""
        return self.edit_all([picture], [instruction], settings)[0]

    def edit_all(self, pictures: Sequence[Pixels], instructions: Sequence[str], settings: EditSettings) -> list[Pixels]:
        """Carry out one instruction on each picture, all in flight together; the pictures as the worker serves them."""
        handles = [self.submit(picture, text, settings) for picture, text in zip(pictures, instructions, strict=True)]
        return [_served(picture, handle.result()) for picture, handle in zip(pictures, handles, strict=True)]

    def submit(self, picture: Pixels, instruction: str, settings: EditSettings) -> RunHandle:
        """Queue an edit in the engine."""
        request = RunRequest(
            pixels=picture,
            picture_hash=hashlib.sha256(picture.tobytes()).hexdigest(),
            instructions=(instruction,),
            steps=settings.steps,
            scales=settings.scales,
            seed=settings.seed,
            compare=self.model.defaults.carry_changes,
        )
        return self.engine.submit(request)

    def close(self) -> None:
        """Finish what is in flight and stop."""
        self.engine.stop()


def measure(
    editor: Editor, count: int, settings: EditSettings, seed: int = 0, split: Split = "test"
) -> list[EditResult]:
    """Run and judge `count` edits drawn by the world's own frequencies, in the canonical wording."""
    examples = [_example(split, seed, index) for index in range(count)]
    sources = [pixels_of(triple.before) for triple in examples]
    outputs = editor.edit_all(sources, [phrase(triple.change) for triple in examples], settings)
    return [judge(triple, source, output) for triple, source, output in zip(examples, sources, outputs, strict=True)]


def judge(triple: Triple, source: Pixels, output: Pixels) -> EditResult:
    """Compare an output with the truth and with every other picture one edit away."""
    truth = pixels_of(triple.after)
    limit = squared(output, truth)
    success = all(squared(output, other) > limit for other in _others(triple, source))
    changed = change_mask(render(triple.before), render(triple.after))
    family = family_of(triple.change)
    detail = psnr(output[changed], truth[changed]) if _is_determined(triple) and changed.any() else None
    kept = psnr(output[~changed], truth[~changed]) if not changed.all() else float("nan")
    return EditResult(triple, family, source, output, truth, success, kept, detail)


def summarise(results: Sequence[EditResult]) -> EditReport:
    """Shares and means over measured edits."""
    found: dict[str, list[bool]] = defaultdict(list)
    for result in results:
        found[result.family].append(result.success)
    return EditReport(
        count=len(results),
        success=_percent([result.success for result in results]),
        by_family={name: _percent(found[name]) for name in FAMILIES if found[name]},
        counts={name: len(found[name]) for name in FAMILIES if found[name]},
        preserved_db=float(np.nanmean([result.preserved_db for result in results])),
        detail_db=float(np.mean([result.detail_db for result in results if result.detail_db is not None])),
    )


def conversation_decay(
    editor: Editor, count: int, settings: EditSettings, edits: int = 4, seed: int = 0
) -> list[float]:
    """PSNR (dB) of the picture after several edits in a row against the first, where no edit was to change anything."""
    values = []
    for index in range(count):
        rng = scene_rng("test", 7_000 + seed, index)
        scene = replace(sample_scene(rng), style="normal")  # in a style, edits of things would hold chance
        first = picture = pixels_of(scene)
        touched = np.zeros(first.shape[:2], bool)
        for _ in range(edits):
            change = sample_change(rng, scene, {"recolour": 1, "replace": 1, "add": 1, "remove": 0.5, "resize": 0.5})
            after = apply(scene, change)
            touched |= change_mask(render(scene), render(after))
            picture = editor.edit(picture, phrase(change), settings)
            scene = after
        values.append(psnr(picture[~touched], first[~touched]))
    return values


def pixels_of(scene: Scene) -> Pixels:
    """Draw a scene as an array (height, width, 3)."""
    return np.asarray(render(scene)).copy()


def squared(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean squared error in levels squared."""
    difference = a.astype(np.float32) - b
    return float(np.dot(difference.ravel(), difference.ravel())) / difference.size


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Peak signal to noise in dB; 60 where there is no difference to speak of."""
    return float(10 * np.log10(255**2 / max(squared(a, b), 0.065)))


def _served(source: Pixels, finished: Finished) -> Pixels:
    """A finished picture as the worker gives it out: the source's own pixels where nothing changed."""
    if finished.untouched is None:
        return finished.pixels
    mask = changed_parts(finished.untouched, finished.pixels)
    return np.asarray(keep_outside(mask, Image.fromarray(source), Image.fromarray(finished.pixels)))


def _example(split: Split, seed: int, index: int) -> Triple:
    rng: random.Random = scene_rng(split, seed, index)
    scene = sample_scene(rng)
    change = sample_change(rng, scene)
    return Triple(scene, change, apply(scene, change))


def _others(triple: Triple, source: Pixels) -> Iterator[Pixels]:
    yield source
    for change in possible_changes(triple.before):
        if change != triple.change:
            yield pixels_of(apply(triple.before, change))


def _is_determined(triple: Triple) -> bool:
    """Whether picture and words leave nothing to chance; out of a style, lost colours would have to be guessed."""
    if isinstance(triple.change, SetStyle):
        return triple.before.style == "normal"
    return family_of(triple.change) in DETAILED


def _percent(found: Sequence[bool]) -> float:
    return 100 * float(np.mean(found)) if found else float("nan")
