"""Edit triples (original, instruction, edited) from the scene world, with a mask of what changed.

    python -m training.datasets.edits --output DIR --count 1000 --seed 0

writes one Parquet file a split, which `datasets.load_dataset("parquet", data_files=…)` reads, and `schema.json`.
"""

from __future__ import annotations

import argparse
import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from tqdm.auto import tqdm

from training.datasets.changes import (
    Add,
    Change,
    Recolour,
    Relight,
    Remove,
    Replace,
    Resize,
    SetPlace,
    SetStyle,
    SetTime,
    SetWeather,
    apply,
    family_of,
    sample_change,
)
from training.datasets.drawing import change_mask, render
from training.datasets.instructions import Split, phrase
from training.datasets.world import LIGHTS, SIZES, Scene, Thing, sample_scene

SPLIT_SHARES: dict[Split, float] = {"train": 0.9, "validation": 0.05, "test": 0.05}
COLUMNS = {
    "original_image": "the picture before, PNG",
    "edit_prompt": "the explicit instruction",
    "edited_image": "the true picture after, PNG",
    "change_mask": "white where the edit changes the picture, PNG",
    "family": "recolour, replace, remove, add, resize, place, time, weather, style or light",
    "canonical": "the canonical wording of the instruction",
    "scene": "the record before, JSON",
    "edited_scene": "the record after, JSON",
}


@dataclass(frozen=True)
class Triple:
    """One example: a scene, what to change, and the scene after."""

    before: Scene
    change: Change
    after: Scene


def scene_rng(split: Split, seed: int, index: int) -> random.Random:
    """The randomness of one scene; splits never share a stream, so no scene is drawn for two of them."""
    return random.Random(f"{split}/{seed}/{index}")


def family(rng: random.Random, edits: int = 3, weights: dict[str, float] | None = None) -> list[Scene]:
    """A scene and some pictures one edit away from it; `triples` finds every edit that leads from one to another."""
    scene = sample_scene(rng)
    return [scene] + [apply(scene, sample_change(rng, scene, weights)) for _ in range(edits)]


def triples(scenes: list[Scene]) -> Iterator[Triple]:
    """Every ordered pair of the scenes that one nameable change connects; most edits have a reverse."""
    for before in scenes:
        for after in scenes:
            change = change_between(before, after)
            if change is not None:
                yield Triple(before, change, after)


def change_between(before: Scene, after: Scene) -> Change | None:
    """The one change that turns a scene into another, or None if there is none (or nothing to change)."""
    for name, kind_of_change in (("place", SetPlace), ("time", SetTime), ("weather", SetWeather), ("style", SetStyle)):
        value = getattr(after, name)
        if getattr(before, name) != value:
            return kind_of_change(value) if replace(before, **{name: value}) == after else None
    if before.light != after.light:
        steps = LIGHTS.index(after.light) - LIGHTS.index(before.light)
        light = Relight("brighter" if steps > 0 else "darker")
        return light if abs(steps) == 1 and replace(before, light=after.light) == after else None
    gone = [thing for thing in before.things if thing not in after.things]
    come = [thing for thing in after.things if thing not in before.things]
    if before.horizon != after.horizon or len(gone) > 1 or len(come) > 1:
        return None
    return _thing_change(gone[0] if gone else None, come[0] if come else None)


def draw_png(picture: Image.Image) -> bytes:
    """Encode a picture as PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def rows(split: Split, count: int, seed: int) -> Iterator[dict[str, object]]:
    """`count` rows of the data set, drawn and encoded."""
    for index in range(count):
        rng = scene_rng(split, seed, index)
        scene = sample_scene(rng)
        change = sample_change(rng, scene)
        yield row(Triple(scene, change, apply(scene, change)), phrase(change, rng, split))


def row(triple: Triple, wording: str) -> dict[str, object]:
    """One row with the columns of `COLUMNS`."""
    before, after = render(triple.before), render(triple.after)
    return {
        "original_image": {"bytes": draw_png(before)},
        "edit_prompt": wording,
        "edited_image": {"bytes": draw_png(after)},
        "change_mask": {"bytes": draw_png(Image.fromarray(change_mask(before, after)))},
        "family": family_of(triple.change),
        "canonical": phrase(triple.change),
        "scene": json.dumps(triple.before.to_json()),
        "edited_scene": json.dumps(triple.after.to_json()),
    }


def write(output: Path, count: int, seed: int) -> None:
    """Write all splits as Parquet with picture columns, and the schema."""
    from datasets import Dataset, Features, Value
    from datasets import Image as ImageColumn

    output.mkdir(parents=True, exist_ok=True)
    pictures = ("original_image", "edited_image", "change_mask")
    features = Features({name: ImageColumn() if name in pictures else Value("string") for name in COLUMNS})
    for split, share in SPLIT_SHARES.items():
        wanted = max(1, round(count * share))
        drawn = list(tqdm(rows(split, wanted, seed), total=wanted, desc=split))
        Dataset.from_list(drawn, features=features).to_parquet(output / f"{split}.parquet")
    (output / "schema.json").write_text(json.dumps(COLUMNS, indent=2) + "\n")


def _thing_change(gone: Thing | None, come: Thing | None) -> Change | None:
    if gone is None:
        fresh = come is not None and come.size == "normal" and come.offset == 0
        return Add(come.kind, come.colour, come.side) if come is not None and fresh else None
    if come is None:
        return Remove(gone.kind)
    if replace(gone, colour=come.colour) == come:
        return Recolour(gone.kind, come.colour)
    if gone.kind != come.kind and replace(gone, kind=come.kind, colour=come.colour) == come:
        return Replace(gone.kind, come.kind, come.colour)
    steps = SIZES.index(come.size) - SIZES.index(gone.size)
    if abs(steps) == 1 and replace(gone, size=come.size) == come:
        return Resize(gone.kind, "bigger" if steps > 0 else "smaller")
    return None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--count", type=int, default=6468, help="triples in all; the paper's number by default")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write(arguments.output, arguments.count, arguments.seed)


if __name__ == "__main__":
    main()
