"""Paint edit triples with a text-to-image model: one command, for a machine with a GPU.

    python -m training.datasets.generated --painter STABLE_DIFFUSION_FOLDER --clip CLIP_FOLDER \\
        --captions coco:captions_train2017.json --prompts-wanted 5000 --output var/data/painted
    python -m training.datasets.generated --painter … --clip … --prompts gpt-generated-prompts.jsonl --output DIR

1. Prompts: captions and what they become, by rule from caption files (`KIND:PATH` as in `training.datasets.dialogues`),
   or from a JSON Lines file with `caption`, `instruction`, `edited_caption` a line (or `input`, `edit`, `output`).
2. Pairs: for each prompt `--samples` pairs of pictures, each pair from one seed; guidance scale and the part of the
   steps in which both share their self-attention are drawn anew for each batch.
3. Filter: by CLIP, each picture against its caption, the pictures against each other, the direction of the change;
   of a prompt's pairs that pass, the `--most` with the best direction are kept.

The defaults are InstructPix2Pix's; its thresholds are for CLIP ViT-L/14, another CLIP needs its own. Any diffusers
folder with a U-Net will do (Stable Diffusion 1.x, 2.x, XL; safetensors). Stop it at any time: the same command goes on.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from tqdm.auto import tqdm

from training.datasets.caption_files import read_captions
from training.datasets.edit_shards import EditRow, OtherSet, ShardedSet
from training.datasets.generated.clip_filter import Clip, Similarities, Thresholds, chosen
from training.datasets.generated.painter import Painter, Stroke, UnusablePainter
from training.datasets.generated.prompts import PromptPair, from_captions, from_file

COLUMNS = {
    **dict.fromkeys(("caption", "edited_caption", "family", "seed"), "string"),
    **dict.fromkeys(("guidance", "shared_part"), "float32"),
    **dict.fromkeys(("clip_before", "clip_after", "clip_direction", "clip_pictures"), "float32"),
}


@dataclass(frozen=True)
class Plan:
    """How many pairs are painted for a prompt, how they vary, and which are kept."""

    seed: int = 0
    samples: int = 100
    batch: int = 4
    most: int = 4
    guidance: tuple[float, float] = (7.5, 15.0)
    shared: tuple[float, float] = (0.1, 0.9)
    thresholds: Thresholds = field(default_factory=Thresholds)

    def strokes(self, number: int) -> list[Stroke]:
        """The batches of a prompt, always the same for its number."""
        rng = random.Random(f"strokes/{self.seed}/{number}")
        seeds = rng.sample(range(2**32), self.samples)
        return [
            Stroke(tuple(seeds[start : start + self.batch]), rng.uniform(*self.guidance), rng.uniform(*self.shared))
            for start in range(0, self.samples, self.batch)
        ]


@dataclass(frozen=True)
class Painted:
    """A pair with how it was made and what CLIP says of it."""

    pictures: tuple[Image.Image, Image.Image]
    seed: int
    stroke: Stroke
    found: Similarities


def paint_set(prompts: Sequence[PromptPair], plan: Plan, painter: Painter, clip: Clip, target: ShardedSet) -> None:
    """Paint, judge and keep the pairs of every prompt that is not done yet, a prompt a piece."""
    done = target.read()
    with tqdm(total=len(prompts), initial=done, desc="prompts", mininterval=2) as bar:
        for number in range(done, len(prompts)):
            rows, lost = painted_rows(prompts[number], plan.strokes(number), plan, painter, clip)
            target.add(rows, lost, 1)
            bar.update()
            bar.set_postfix(kept=target.kept.total())


def painted_rows(
    prompt: PromptPair, strokes: Sequence[Stroke], plan: Plan, painter: Painter, clip: Clip
) -> tuple[list[EditRow], Counter[str]]:
    """The triples of one prompt that are kept, and why others are not."""
    captions = (prompt.caption, prompt.edited_caption)
    candidates: list[Painted] = []
    blacked_out = 0
    for stroke in strokes:
        made = list(zip(stroke.seeds, painter.paint(*captions, stroke), strict=True))
        good = [(seed, pair) for seed, pair in made if pair is not None]
        blacked_out += len(made) - len(good)
        judged = clip.judge(captions, [pair for _, pair in good]) if good else []
        candidates += [Painted(pair, seed, stroke, found) for (seed, pair), found in zip(good, judged, strict=True)]
    kept, lost = chosen([one.found for one in candidates], plan.thresholds, plan.most)
    if blacked_out:
        lost["the painter's safety checker refused a picture"] += blacked_out
    return [_row(prompt, candidates[index]) for index in kept], lost


def _row(prompt: PromptPair, painted: Painted) -> EditRow:
    before, after = (_png(picture) for picture in painted.pictures)
    more: dict[str, str | float] = {
        "caption": prompt.caption,
        "edited_caption": prompt.edited_caption,
        "family": prompt.family,
        "seed": str(painted.seed),
        "guidance": painted.stroke.guidance,
        "shared_part": painted.stroke.shared_part,
        **{f"clip_{name}": value for name, value in asdict(painted.found).items()},
    }
    return EditRow(prompt.split, before, prompt.instruction, after, more)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; exit status 2 where an argument, a folder or a file is wrong."""
    given = _parser().parse_args(arguments)
    plan = Plan(
        given.seed, given.samples, min(given.batch, given.samples), given.most, tuple(given.guidance),
        tuple(given.shared_attention), Thresholds(given.clip_text, given.clip_direction, given.clip_pictures),
    )  # fmt: skip
    named = {key: str(value) for key, value in vars(given).items() if key not in ("output", "prompts_wanted", "batch")}
    try:
        prompts = _prompts(given)
        target = ShardedSet(given.output, {**named, "batch": plan.batch}, COLUMNS)
        painter, clip = Painter(given.painter, given.steps, given.side), Clip(given.clip)
        paint_set(prompts, plan, painter, clip, target)
    except (OSError, ValueError, OtherSet, UnusablePainter) as error:
        print(error, file=sys.stderr)
        return 2
    print(target.report())
    return 0


def _prompts(given: argparse.Namespace) -> list[PromptPair]:
    if given.prompts:
        return from_file(given.prompts)[: given.prompts_wanted]
    return list(from_captions(read_captions(given.captions), given.prompts_wanted or 1000, given.seed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.datasets.generated",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--painter", type=Path, required=True, help="folder of a text-to-image pipeline (diffusers)")
    parser.add_argument("--clip", type=Path, required=True, help="folder of a CLIP (transformers)")
    parser.add_argument("--output", type=Path, required=True, help="folder of the set")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--captions", nargs="+", metavar="KIND:PATH", help="caption files: coco, cub, deepfashion, ffhq"
    )
    source.add_argument("--prompts", type=Path, help="JSON Lines of captions, instructions and edited captions")
    parser.add_argument("--prompts-wanted", type=int, help="prompts to paint (all of a file, 1000 of captions)")
    parser.add_argument("--samples", type=int, default=100, help="pairs painted a prompt (default 100)")
    parser.add_argument("--most", type=int, default=4, help="pairs kept a prompt (default 4)")
    parser.add_argument("--batch", type=int, default=4, help="pairs painted at a time (default 4)")
    parser.add_argument("--steps", type=int, default=100, help="steps of the painter (default 100)")
    parser.add_argument("--side", type=int, help="pixels of a side (the painter's own by default)")
    low_high: dict[str, Any] = {"nargs": 2, "type": float, "metavar": ("LOW", "HIGH")}
    parser.add_argument("--guidance", default=(7.5, 15.0), help="guidance scale (default 7.5 15)", **low_high)
    parser.add_argument(
        "--shared-attention",
        default=(0.1, 0.9),
        help="part of the steps (default 0.1 0.9; 0 0: seed alone)",
        **low_high,
    )
    defaults = Thresholds()
    parser.add_argument("--clip-text", type=float, default=defaults.text, help="least cosine of picture and caption")
    parser.add_argument("--clip-direction", type=float, default=defaults.direction, help="least cosine of the changes")
    parser.add_argument("--clip-pictures", type=float, default=defaults.pictures, help="least cosine of both pictures")
    parser.add_argument("--seed", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
